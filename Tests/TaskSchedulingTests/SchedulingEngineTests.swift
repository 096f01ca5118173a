import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000

struct SchedulingEngineTests {
    private func engine(
        slots: [Int] = [1], capacity: ResourceAmounts = .unlimited
    ) -> SchedulingEngine {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "qa"))
        for (index, count) in slots.enumerated() {
            engine.upsert(
                AgentOffer(
                    id: "agent-\(index)", pool: "qa", node: "node-\(index)", slots: count,
                    capacity: capacity))
        }
        return engine
    }

    private func order(_ engine: inout SchedulingEngine) -> [String] {
        var order: [String] = []
        while let next = engine.decide(at: 0, limit: 1).first {
            order.append(next.task)
            engine.remove(task: next.task)
        }
        return order
    }

    @Test func `a higher priority goes first, then the older, then the smaller identity`() {
        var engine = engine()
        engine.upsert(TaskDemand(id: "late", pool: "qa", queuedAt: 5 * second))
        engine.upsert(TaskDemand(id: "b", pool: "qa", queuedAt: 1 * second))
        engine.upsert(TaskDemand(id: "a", pool: "qa", queuedAt: 1 * second))
        engine.upsert(TaskDemand(id: "urgent", pool: "qa", priority: 9, queuedAt: 9 * second))
        engine.upsert(TaskDemand(id: "lazy", pool: "qa", priority: -1, queuedAt: 0))
        #expect(order(&engine) == ["urgent", "a", "b", "late", "lazy"])
    }

    @Test func `waiting makes up for priority at the fixed rate`() {
        var engine = engine()
        engine.upsert(TaskDemand(id: "patient", pool: "qa", queuedAt: 0))
        engine.upsert(TaskDemand(id: "just-over", pool: "qa", priority: 1, queuedAt: 31 * second))
        engine.upsert(TaskDemand(id: "just-under", pool: "qa", priority: 1, queuedAt: 29 * second))
        #expect(order(&engine) == ["just-under", "patient", "just-over"])
    }

    @Test func `extreme times and priorities are kept in order, not trapped on`() {
        var engine = engine()
        engine.upsert(TaskDemand(id: "min", pool: "qa", priority: .min, queuedAt: .max))
        engine.upsert(TaskDemand(id: "max", pool: "qa", priority: .max, queuedAt: .min))
        engine.upsert(
            TaskDemand(id: "mid", pool: "qa", queuedAt: 0, estimatedSeconds: .max))
        #expect(order(&engine) == ["max", "mid", "min"])
    }

    @Test func `slots are never exceeded and are used up`() {
        var engine = engine(slots: [2, 3])
        for index in 0..<9 { engine.upsert(TaskDemand(id: "t\(index)", pool: "qa")) }
        let made = engine.decide(at: 0)
        #expect(made.filter { $0.agent == "agent-0" }.count == 2)
        #expect(made.filter { $0.agent == "agent-1" }.count == 3)
        #expect(engine.decide(at: 0).isEmpty)
        #expect(engine.counts(ofPool: "qa").waiting == 4)
        #expect(engine.counts(ofPool: "qa").assumed == 5)
        #expect(engine.counts(ofPool: "qa").freeSlots == 0)
    }

    @Test func `a rejected task goes back to its place, a confirmed one keeps its slot`() {
        var engine = engine()
        engine.upsert(TaskDemand(id: "a", pool: "qa", queuedAt: 1))
        engine.upsert(TaskDemand(id: "b", pool: "qa", queuedAt: 2))
        #expect(engine.decide(at: 0).map(\.task) == ["a"])
        engine.reject(task: "a")
        #expect(engine.decide(at: 0).map(\.task) == ["a"])
        engine.confirm(task: "a")
        #expect(engine.decide(at: 0).isEmpty)
        #expect(engine.counts(ofPool: "qa").running == 1)
        engine.remove(task: "a")
        #expect(engine.decide(at: 0).map(\.task) == ["b"])
    }

    @Test func `an older picture of a task does not undo a decision`() {
        var engine = engine(slots: [1, 1])
        let task = TaskDemand(id: "a", pool: "qa")
        engine.upsert(task)
        let made = engine.decide(at: 0)
        engine.upsert(task)
        var changed = task
        changed.priority = 5
        engine.upsert(changed)
        #expect(engine.decide(at: 0).isEmpty)
        #expect(engine.agent(ofTask: "a") == made.first?.agent)
    }

    @Test func `leases that are told of count against slots before their agent is known`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "qa"))
        engine.place(TaskDemand(id: "running", pool: "qa"), onAgent: "agent-0")
        engine.upsert(TaskDemand(id: "next", pool: "qa"))
        engine.upsert(AgentOffer(id: "agent-0", pool: "qa", slots: 1))
        #expect(engine.decide(at: 0).isEmpty)
        engine.remove(task: "running")
        #expect(engine.decide(at: 0).map(\.task) == ["next"])
    }

    @Test func `no work goes to a paused pool, an unknown pool, or an agent that takes none`() {
        var engine = engine()
        engine.upsert(PoolRules(id: "qa", handsOutWork: false))
        engine.upsert(TaskDemand(id: "a", pool: "qa"))
        engine.upsert(TaskDemand(id: "b", pool: "nowhere"))
        #expect(engine.decide(at: 0).isEmpty)
        engine.upsert(AgentOffer(id: "agent-0", pool: "qa", takesWork: false))
        engine.upsert(PoolRules(id: "qa"))
        #expect(engine.decide(at: 0).isEmpty)
        engine.upsert(AgentOffer(id: "agent-0", pool: "qa"))
        #expect(engine.decide(at: 0).map(\.task) == ["a"])
        engine.removePool("qa")
        engine.removeAgent("agent-0")
        #expect(engine.decide(at: 0).isEmpty)
    }

    @Test func `a task that does not fit is set aside, and wakes when it does`() {
        var engine = engine(slots: [4], capacity: ResourceAmounts(milliCPU: 1_000))
        let half = ResourceAmounts(milliCPU: 500)
        engine.upsert(TaskDemand(id: "s1", pool: "qa", queuedAt: 1, requests: half))
        #expect(engine.decide(at: 0).count == 1)
        engine.upsert(
            TaskDemand(
                id: "big", pool: "qa", queuedAt: 2, requests: ResourceAmounts(milliCPU: 800)))
        engine.upsert(TaskDemand(id: "s2", pool: "qa", queuedAt: 3, requests: half))
        engine.upsert(TaskDemand(id: "s3", pool: "qa", queuedAt: 4, requests: half))
        #expect(engine.decide(at: 0).map(\.task) == ["s2"])
        #expect(engine.isParked(task: "big"))
        engine.remove(task: "s1")
        #expect(engine.decide(at: 0).map(\.task) == ["s3"])
        engine.remove(task: "s2")
        engine.remove(task: "s3")
        #expect(engine.decide(at: 0).map(\.task) == ["big"])
    }

    @Test func `an agent is kept free for a task that small ones would pass for ever`() {
        var engine = engine(slots: [2], capacity: ResourceAmounts(milliCPU: 1_000))
        let half = ResourceAmounts(milliCPU: 500)
        for index in 0..<2 {
            engine.upsert(TaskDemand(id: "s\(index)", pool: "qa", queuedAt: 0, requests: half))
        }
        #expect(engine.decide(at: 0).count == 2)
        engine.upsert(
            TaskDemand(
                id: "big", pool: "qa", queuedAt: 1, requests: ResourceAmounts(milliCPU: 1_000)))
        for index in 2..<6 {
            engine.upsert(TaskDemand(id: "s\(index)", pool: "qa", queuedAt: 2, requests: half))
        }
        engine.remove(task: "s0")
        #expect(engine.decide(at: 60 * second).map(\.task) == ["s2"])
        engine.remove(task: "s1")
        #expect(engine.decide(at: 200 * second).isEmpty, "its slot is kept")
        engine.remove(task: "s2")
        #expect(engine.decide(at: 201 * second).map(\.task) == ["big"])
        engine.remove(task: "big")
        #expect(engine.decide(at: 202 * second).map(\.task) == ["s3", "s4"])
    }

    @Test func `agents and nodes that failed a task are avoided where there is a choice`() {
        var engine = engine(slots: [1, 1])
        engine.upsert(TaskDemand(id: "a", pool: "qa", avoidedAgents: ["agent-0"]))
        #expect(engine.decide(at: 0).map(\.agent) == ["agent-1"])
        engine.upsert(TaskDemand(id: "b", pool: "qa", avoidedAgents: ["agent-0"]))
        #expect(engine.decide(at: 0).map(\.agent) == ["agent-0"])
        engine.remove(task: "a")
        engine.remove(task: "b")
        engine.upsert(TaskDemand(id: "c", pool: "qa", avoidedNodes: ["node-1"]))
        #expect(engine.decide(at: 0).map(\.agent) == ["agent-0"])
    }

    @Test func `a task that needs a fresh agent waits for one only while there is one`() {
        var engine = engine(slots: [1, 1])
        engine.place(TaskDemand(id: "busy", pool: "qa"), onAgent: "agent-1")
        engine.upsert(
            TaskDemand(id: "a", pool: "qa", avoidedAgents: ["agent-0"], needsFreshAgent: true))
        #expect(engine.decide(at: 0).isEmpty)
        #expect(engine.isParked(task: "a"))
        engine.removeAgent("agent-1")
        #expect(engine.decide(at: 0).map(\.agent) == ["agent-0"])
    }

    @Test func `the better agent is chosen by the weighted scores`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "qa"))
        engine.upsert(
            AgentOffer(id: "novice", pool: "qa", slots: 2, specialization: ["lint": 0.1]))
        engine.upsert(
            AgentOffer(id: "expert", pool: "qa", slots: 2, specialization: ["lint": 0.9]))
        engine.upsert(TaskDemand(id: "a", pool: "qa", type: "lint"))
        let made = engine.decide(at: 0)
        #expect(made.map(\.agent) == ["expert"])
        #expect(made.first?.score.specialization == 0.9)
    }

    @Test func `positions count those before in all groups of the pool`() {
        var engine = SchedulingEngine()
        engine.upsert(PoolRules(id: "qa"))
        engine.upsert(TaskDemand(id: "a", pool: "qa", queuedAt: 1))
        engine.upsert(
            TaskDemand(
                id: "b", pool: "qa", queuedAt: 2, requests: ResourceAmounts(memory: 1)))
        engine.upsert(TaskDemand(id: "c", pool: "qa", queuedAt: 3))
        engine.upsert(TaskDemand(id: "other", pool: "elsewhere", queuedAt: 0))
        #expect(engine.position(ofTask: "a") == 0)
        #expect(engine.position(ofTask: "b") == 1)
        #expect(engine.position(ofTask: "c") == 2)
        #expect(engine.position(ofTask: "unknown") == nil)
    }

    @Test func `pools take turns under a limit`() {
        var engine = SchedulingEngine()
        for pool in ["a", "b"] {
            engine.upsert(PoolRules(id: pool))
            engine.upsert(AgentOffer(id: "agent-" + pool, pool: pool, slots: 10))
            for index in 0..<10 {
                engine.upsert(TaskDemand(id: "\(pool)\(index)", pool: pool))
            }
        }
        let made = engine.decide(at: 0, limit: 6)
        #expect(made.filter { $0.pool == "a" }.count == 3)
        #expect(made.count == 6)
        #expect(engine.decide(at: 0).count == 14)
    }
}
