import SeededTesting
import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000
private let start: Int64 = 1_800_000_000 * 1_000_000_000

@Suite struct PreemptionTests {
    /// A pool of agents that are all busy with tasks of priority 0 which began a minute ago.
    private static func busy(
        agents: Int = 2, _ edit: (Int, inout TaskDemand) -> Void = { _, _ in },
        rules: PoolRules = PoolRules(id: "p", preempts: true)
    ) -> SchedulingEngine {
        var engine = SchedulingEngine()
        engine.advance(to: start)
        engine.upsert(rules)
        for agent in 0..<agents {
            engine.upsert(AgentOffer(id: "a\(agent)", pool: "p"))
            var demand = TaskDemand(
                id: "low\(agent)", pool: "p", queuedAt: start - 90 * second,
                startedAt: start - 60 * second, isCheckpointable: true)
            edit(agent, &demand)
            engine.place(demand, onAgent: "a\(agent)")
        }
        return engine
    }

    private static func urgent(
        _ id: String = "urgent", priority: Int = 500, tenant: String = ""
    ) -> TaskDemand {
        TaskDemand(
            id: id, pool: "p", tenant: tenant, priority: priority, queuedAt: start - 5 * second)
    }

    private func victims(_ engine: SchedulingEngine, at now: Int64 = start) -> [String] {
        engine.preemptions(inPool: "p", at: now).map { "\($0.victim) for \($0.by)" }
    }

    @Test func `the task that loses least gives way, and one slot is freed at a time`() {
        var engine = Self.busy(agents: 3) { agent, demand in
            demand.priority = [10, 0, 0][agent]
            demand.startedAt = start - [60, 50, 40][agent] * second
        }
        #expect(victims(engine).isEmpty)
        engine.upsert(Self.urgent())
        engine.upsert(Self.urgent("second"))
        #expect(victims(engine) == ["low2 for second"])
        engine.place(
            TaskDemand(
                id: "low2", pool: "p", queuedAt: start - 90 * second,
                startedAt: start - 40 * second, isCheckpointable: true, isStopping: true),
            onAgent: "a2")
        #expect(victims(engine).isEmpty, "what was asked is not asked again")
    }

    @Test(arguments: [
        "no rule", "paused", "too close", "just begun", "no checkpoint", "gave way often",
        "other tenant", "not waited", "free agent", "ahead in the queue", "does not fit",
        "unusable", "avoided",
    ])
    func `nobody gives way without reason`(why: String) {
        let rules = PoolRules(
            id: "p", handsOutWork: why != "paused", preempts: why != "no rule")
        var engine = Self.busy(
            { _, demand in
                switch why {
                case "just begun": demand.startedAt = start - 9 * second
                case "no checkpoint": demand.isCheckpointable = false
                case "gave way often": demand.preemptions = SchedulingEngine.preemptionsMax
                case "ahead in the queue": demand.queuedAt = start - 100_000 * second
                default: break
                }
            }, rules: rules)
        var urgent = Self.urgent(
            priority: why == "too close" ? 99 : 500, tenant: why == "other tenant" ? "b" : "")
        switch why {
        case "not waited": urgent.queuedAt = start - second
        case "free agent": engine.upsert(AgentOffer(id: "free", pool: "p"))
        case "does not fit":
            urgent.requests = ResourceAmounts(milliCPU: 500)
            for agent in ["a0", "a1"] {
                engine.upsert(
                    AgentOffer(id: agent, pool: "p", capacity: ResourceAmounts(milliCPU: 400)))
            }
        case "unusable":
            for agent in ["a0", "a1"] {
                engine.upsert(AgentOffer(id: agent, pool: "p", takesWork: false))
            }
        case "avoided": urgent.avoidedAgents = ["a0", "a1"]
        default: break
        }
        engine.upsert(urgent)
        #expect(victims(engine).isEmpty, "\(why)")
    }

    @Test func `what a task that gives way frees counts`() {
        var engine = Self.busy { agent, demand in
            demand.requests = ResourceAmounts(milliCPU: agent == 0 ? 100 : 800)
        }
        for agent in ["a0", "a1"] {
            engine.upsert(
                AgentOffer(
                    id: agent, pool: "p", slots: 2, capacity: ResourceAmounts(milliCPU: 1_000)))
        }
        var urgent = Self.urgent()
        urgent.requests = ResourceAmounts(milliCPU: 950)
        engine.upsert(urgent)
        #expect(victims(engine).count == 1)
        #expect(engine.decide(at: start).isEmpty)
    }

    /// Tasks of random priorities come, run, give way and end; whoever is asked to stop stops.
    @Test(arguments: UInt64(1)...20)
    func `preemption never goes in circles, and frees slots for whom it says`(seed: UInt64) {
        var random = SeededNumbers(seed)
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "p", preempts: true))
        for agent in 0..<4 { engine.upsert(AgentOffer(id: "a\(agent)", pool: "p")) }
        var demands: [String: TaskDemand] = [:]
        var running: [String: String] = [:]
        var yields: [String: Int] = [:]
        var pairs: Set<String> = []
        var now = start
        for step in 0..<600 {
            now += 5 * second
            engine.advance(to: now)
            if random.chance(1, in: 3) {
                let id = "t\(step)"
                demands[id] = TaskDemand(
                    id: id, pool: "p", tenant: "tenant\(random.number(below: 2))",
                    priority: random.number(below: 7) * 100 - 300, queuedAt: now,
                    isCheckpointable: true)
                demands[id].map { engine.upsert($0) }
            }
            if random.chance(1, in: 8), let done = running.keys.sorted().first {
                engine.remove(task: done)
                running[done] = nil
                demands[done] = nil
            }
            for made in engine.preemptions(inPool: "p", at: now) {
                guard var victim = demands[made.victim], let by = demands[made.by] else {
                    Issue.record("seed \(seed): \(made) names strangers")
                    continue
                }
                #expect(running[made.victim] == made.agent, "seed \(seed)")
                #expect(
                    by.priority - victim.priority >= SchedulingEngine.preemptionGap
                        && by.tenant == victim.tenant, "seed \(seed)")
                #expect(!pairs.contains("\(made.by)>\(made.victim)"), "seed \(seed): a circle")
                pairs.insert("\(made.victim)>\(made.by)")
                yields[made.victim, default: 0] += 1
                // It stops and waits again.
                victim.preemptions += 1
                demands[made.victim] = victim
                running[made.victim] = nil
                engine.upsert(victim)
                for next in engine.decide(at: now, limit: 1) {
                    #expect(next.task == made.by, "seed \(seed): the slot went to \(next.task)")
                    assign(next, &demands, &running, &engine, at: now)
                }
            }
            for next in engine.decide(at: now) {
                assign(next, &demands, &running, &engine, at: now)
            }
        }
        #expect(yields.values.allSatisfy { $0 <= SchedulingEngine.preemptionsMax }, "seed \(seed)")
        #expect(running.count <= 4)
    }

    private func assign(
        _ made: Assignment, _ demands: inout [String: TaskDemand],
        _ running: inout [String: String], _ engine: inout SchedulingEngine, at now: Int64
    ) {
        guard var demand = demands[made.task] else { return }
        demand.startedAt = now
        demands[made.task] = demand
        running[made.task] = made.agent
        engine.place(demand, onAgent: made.agent)
    }

    @Test func `of agents that suit equally the one on the emptier node gets the task`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "p"))
        for (agent, node) in [("a", "n1"), ("b", "n1"), ("c", "n1"), ("d", "n2"), ("e", "n2")] {
            engine.upsert(AgentOffer(id: agent, pool: "p", node: node))
        }
        var nodes: [String] = []
        for number in 0..<4 {
            engine.upsert(TaskDemand(id: "t\(number)", pool: "p", queuedAt: Int64(number)))
            for made in engine.decide(at: start) {
                nodes.append("de".contains(made.agent) ? "n2" : "n1")
                engine.confirm(task: made.task)
            }
        }
        #expect(nodes.count { $0 == "n1" } == 2 && nodes.count { $0 == "n2" } == 2)
    }
}
