import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000

/// What decisions cost, counted and not timed: agents, tenants and classes of tasks looked at.
@Suite struct EngineEffortTests {
    private static let start: Int64 = 1_800_000_000 * second

    /// Twenty pools with 25 agents each, whose tasks wait in them.
    private static func engine(
        tasks: Int, pools: Int = 20, agents: Int = 500,
        _ needs: (Int) -> ResourceAmounts = { number in
            ResourceAmounts(milliCPU: Int64(number % 4 + 1) * 250)
        }
    ) -> SchedulingEngine {
        var engine = SchedulingEngine()
        engine.advance(to: start)
        for pool in 0..<pools { engine.upsert(PoolRules(id: "p\(pool)")) }
        for number in 0..<tasks {
            engine.upsert(
                TaskDemand(
                    id: "t\(number)", pool: "p\(number % pools)", tenant: "n\(number % 3)",
                    priority: number * 7 % 100, queuedAt: start + Int64(number) * 1_000,
                    requests: needs(number)))
        }
        for agent in 0..<agents {
            engine.upsert(
                AgentOffer(
                    id: "a\(agent)", pool: "p\(agent % pools)", node: "m\(agent % 50)",
                    capacity: ResourceAmounts(milliCPU: 4_000)))
        }
        return engine
    }

    /// Works off `most` tasks, one at a time as agents come free; how much was looked at for each.
    private static func looks(
        _ engine: inout SchedulingEngine, workingOff most: Int, at now: Int64 = start
    ) -> Double {
        var running = engine.decide(at: now)
        let before = engine.looks
        var made = 0
        while made < most, !running.isEmpty {
            let ended = running.removeFirst()
            engine.remove(task: ended.task)
            let next = engine.decide(at: now)
            made += next.count
            running += next
        }
        return Double(engine.looks - before) / Double(max(1, made))
    }

    @Test func `a decision looks at as much, however many tasks wait`() {
        var costs: [Double] = []
        for tasks in [2_000, 20_000, 100_000] {
            var engine = Self.engine(tasks: tasks)
            costs.append(Self.looks(&engine, workingOff: 1_000))
        }
        // Three tenants, and the one agent that is free.
        for cost in costs { #expect(cost <= 8, "\(costs)") }
        #expect(costs.allSatisfy { $0 == costs[0] }, "\(costs)")
    }

    @Test func `with every agent free a decision looks at each of its pool once`() {
        var engine = Self.engine(tasks: 10_000)
        let before = engine.looks
        let made = engine.decide(at: Self.start)
        #expect(made.count == 500)
        #expect(engine.looks - before <= 500 * (25 + 3 + 1))
    }

    @Test func `tasks of which no two need the same cost no more`() {
        var costs: [Double] = []
        for tasks in [2_000, 20_000] {
            // Half of them need more than any agent has: they are set aside, each by itself.
            var engine = Self.engine(tasks: tasks) { number in
                ResourceAmounts(
                    milliCPU: number % 2 == 0
                        ? Int64(4_001 + number) : Int64(1 + number % 3_999),
                    memory: Int64(number))
            }
            costs.append(Self.looks(&engine, workingOff: 500, at: Self.start + 900 * second))
        }
        // Those that do not fit are found out once each, and not again for every free slot.
        #expect(costs[0] <= 60 && costs[1] <= 60, "\(costs)")
        #expect(costs[1] <= costs[0] * 1.5, "\(costs)")
    }

    @Test func `setting many classes aside takes one look at each`() {
        var costs: [Int] = []
        for tasks in [1_000, 10_000] {
            var engine = Self.engine(tasks: tasks, pools: 1, agents: 5) { number in
                ResourceAmounts(milliCPU: Int64(5_000 + number))
            }
            let before = engine.looks
            #expect(engine.decide(at: Self.start + 900 * second).isEmpty)
            costs.append(engine.looks - before)
        }
        #expect(costs[0] <= 1_000 * 30 && costs[1] <= costs[0] * 11, "\(costs)")
    }

    @Test func `whom to stop is found among what runs, not among what waits`() {
        for tasks in [1_000, 50_000] {
            var engine = SchedulingEngine()
            engine.upsert(PoolRules(id: "p", preempts: true))
            engine.upsert(AgentOffer(id: "a", pool: "p"))
            engine.place(
                TaskDemand(
                    id: "low", pool: "p", queuedAt: Self.start, startedAt: Self.start,
                    isCheckpointable: true),
                onAgent: "a")
            for number in 0..<tasks {
                engine.upsert(
                    TaskDemand(
                        id: "t\(number)", pool: "p", priority: 500, queuedAt: Self.start))
            }
            let victims = engine.preemptions(inPool: "p", at: Self.start + 60 * second)
            #expect(victims.map(\.victim) == ["low"])
        }
    }
}
