import SeededTesting
import Testing

@testable import TaskScheduling

private let second: Int64 = 1_000_000_000

/// Agents are kept free for tasks that need much and have waited long: for those alone, and for no
/// longer than that.
@Suite struct ReservationPropertyTests {
    private struct Run {
        var engine = SchedulingEngine(agingSeconds: 30, reservationSeconds: 20)
        var agents: [String: AgentOffer] = [:]
        var waiting: [String: TaskDemand] = [:]
        var held: [String: (demand: TaskDemand, agent: String)] = [:]
        var random: SeededNumbers
        var now: Int64 = 0
        var created = 0

        init(_ seed: UInt64) {
            random = SeededNumbers(seed)
            engine.upsert(PoolRules(id: "p"))
        }

        mutating func step() {
            now += Int64(random.number(below: 8)) * second
            switch random.number(below: 12) {
            case 0, 1: changeAgent()
            case 2...6: createTask()
            case 7: changeTask()
            default: endTask()
            }
        }

        private mutating func changeAgent() {
            let offer = AgentOffer(
                id: "a\(random.number(below: 4))", pool: "p",
                node: "n\(random.number(below: 3))", slots: 1 + random.number(below: 3),
                capacity: ResourceAmounts(milliCPU: Int64(1 + random.number(below: 4)) * 1_000),
                takesWork: random.chance(7, in: 8))
            if random.chance(1, in: 6) {
                agents[offer.id] = nil
                engine.removeAgent(offer.id)
            } else {
                agents[offer.id] = offer
                engine.upsert(offer)
            }
        }

        private mutating func createTask() {
            created += 1
            let demand = TaskDemand(
                id: "t\(created)", pool: "p", priority: random.number(below: 3), queuedAt: now,
                requests: ResourceAmounts(milliCPU: Int64(random.number(below: 5)) * 800),
                avoidedAgents: random.chance(1, in: 5) ? ["a\(random.number(below: 4))"] : [],
                needsFreshAgent: random.chance(1, in: 2))
            waiting[demand.id] = demand
            engine.upsert(demand)
        }

        private mutating func changeTask() {
            guard let id = waiting.keys.sorted().randomElement(using: &random),
                var demand = waiting[id]
            else { return }
            if random.chance(1, in: 2) {
                waiting[id] = nil
                engine.remove(task: id)
                return
            }
            demand.priority = random.number(below: 5)
            waiting[id] = demand
            engine.upsert(demand)
        }

        private mutating func endTask() {
            guard let id = held.keys.sorted().randomElement(using: &random) else { return }
            held[id] = nil
            engine.remove(task: id)
        }

        mutating func decide() {
            for made in engine.decide(at: now) {
                guard let demand = waiting.removeValue(forKey: made.task) else {
                    Issue.record("\(made.task) did not wait")
                    continue
                }
                held[made.task] = (demand, made.agent)
                if random.chance(1, in: 2) { engine.confirm(task: made.task) }
            }
        }

        func fits(_ task: TaskDemand, _ agent: AgentOffer) -> Bool {
            let mine = held.values.filter { $0.agent == agent.id }
            let used = mine.reduce(Int64(0)) { $0 + $1.demand.requests.milliCPU }
            return agent.takesWork && mine.count < agent.slots
                && (task.requests.milliCPU == 0
                    || used + task.requests.milliCPU <= agent.capacity.milliCPU)
        }

        /// Whether an agent that failed the task may have it nonetheless.
        func mayHave(_ task: TaskDemand, _ agent: AgentOffer) -> Bool {
            guard task.needsFreshAgent, task.avoidedAgents.contains(agent.id) else { return true }
            return !agents.values.contains {
                $0.takesWork && !task.avoidedAgents.contains($0.id)
                    && task.requests.milliCPU <= $0.capacity.milliCPU
            }
        }

        func key(_ task: TaskDemand) -> Int64 {
            task.queuedAt - Int64(task.priority) * 30 * second
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `who fits and waits, waits for somebody who was there first`(seed: UInt64) throws {
        var run = Run(seed)
        var reserved = 0
        for _ in 0..<400 {
            run.step()
            run.decide()
            let pool = try #require(run.engine.pools.first)
            let kept = pool.reservation.map { run.engine.agents[Int($0.agent)].id }
            let first = pool.reservation.flatMap {
                run.engine.groups[Int($0.group)].queue.first.flatMap { run.waiting[$0.id] }
            }
            let longest = pool.reservation.flatMap {
                run.engine.groups[Int($0.group)].queue.all.map(\.queuedAt).min()
            }
            if kept != nil { reserved += 1 }
            for task in run.waiting.values {
                for agent in run.agents.values
                where run.fits(task, agent) && run.mayHave(task, agent) {
                    #expect(kept == agent.id, "seed \(seed): \(task.id) fits \(agent.id)")
                    let first = try #require(first, "seed \(seed): kept free for nobody")
                    #expect(
                        run.key(first) <= run.key(task)
                            && run.now - (longest ?? run.now) >= 20 * second,
                        "seed \(seed): \(task.id) waits for \(first.id)")
                }
            }
        }
        #expect(reserved > 0, "seed \(seed) never keeps an agent free")
    }
}
