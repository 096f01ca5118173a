import SeededTesting
import TaskScheduling
import Testing

private let second: Int64 = 1_000_000_000

/// Drives the engine with random histories and checks every decision against a plain model.
struct SchedulingPropertyTests {
    /// What the outside world knows: the model that the engine must agree with.
    private struct World {
        var pools: [String: PoolRules] = [:]
        var agents: [String: AgentOffer] = [:]
        var waiting: [String: TaskDemand] = [:]
        var held: [String: (demand: TaskDemand, agent: String)] = [:]

        func used(_ agent: String) -> (slots: Int, cpu: Int64) {
            let tasks = held.values.filter { $0.agent == agent }
            return (tasks.count, tasks.reduce(0) { $0 + $1.demand.requests.milliCPU })
        }

        func fits(_ task: TaskDemand, _ agent: AgentOffer) -> Bool {
            let used = used(agent.id)
            return agent.pool == task.pool && agent.takesWork && used.slots < agent.slots
                && (task.requests.milliCPU == 0
                    || used.cpu + task.requests.milliCPU <= agent.capacity.milliCPU)
        }

        func key(_ task: TaskDemand) -> (Int64, Int64, String) {
            (
                task.queuedAt - Int64(task.priority) * 30 * second, task.queuedAt, task.id
            )
        }
    }

    private struct Run {
        var engine = SchedulingEngine(reservationSeconds: 1_000_000)
        var world = World()
        var random: SeededNumbers
        var clock: Int64 = 0
        var created = 0

        init(_ seed: UInt64) { random = SeededNumbers(seed) }

        mutating func step() {
            clock += Int64(random.number(below: 10)) * second
            switch random.number(below: 12) {
            case 0: changePool()
            case 1, 2: changeAgent()
            case 3, 4, 5, 6: createTask()
            case 7: changeTask()
            case 8, 9: finishTask()
            default: break
            }
        }

        mutating func changePool() {
            let rules = PoolRules(
                id: "p\(random.number(below: 3))", handsOutWork: random.chance(4, in: 5))
            world.pools[rules.id] = rules
            engine.upsert(rules)
        }

        mutating func changeAgent() {
            let number = random.number(below: 8)
            let offer = AgentOffer(
                id: "a\(number)", pool: "p\(number % 3)", node: "n\(number % 4)",
                slots: 1 + random.number(below: 3),
                capacity: ResourceAmounts(milliCPU: Int64(1 + random.number(below: 4)) * 500),
                takesWork: random.chance(5, in: 6),
                performance: Double(random.number(below: 5)) / 4)
            if random.chance(1, in: 5) {
                world.agents[offer.id] = nil
                engine.removeAgent(offer.id)
            } else {
                world.agents[offer.id] = offer
                engine.upsert(offer)
            }
        }

        mutating func createTask() {
            created += 1
            let demand = TaskDemand(
                id: "t\(created)", pool: "p\(random.number(below: 3))",
                type: random.chance(1, in: 2) ? "lint" : "test",
                priority: random.number(below: 5) - 2, queuedAt: clock,
                requests: ResourceAmounts(milliCPU: Int64(random.number(below: 4)) * 400),
                avoidedAgents: random.chance(1, in: 4) ? ["a\(random.number(below: 8))"] : [])
            world.waiting[demand.id] = demand
            engine.upsert(demand)
        }

        mutating func changeTask() {
            guard let id = world.waiting.keys.sorted().randomElement(using: &random),
                var demand = world.waiting[id]
            else { return }
            if random.chance(1, in: 3) {
                world.waiting[id] = nil
                engine.remove(task: id)
                return
            }
            demand.priority = random.number(below: 5) - 2
            world.waiting[id] = demand
            engine.upsert(demand)
        }

        mutating func finishTask() {
            guard let id = world.held.keys.sorted().randomElement(using: &random),
                let held = world.held[id]
            else { return }
            switch random.number(below: 4) {
            case 0:
                world.waiting[id] = held.demand
                world.held[id] = nil
                engine.upsert(held.demand)
                engine.reject(task: id)
            case 1:
                engine.place(held.demand, onAgent: held.agent)
            default:
                world.held[id] = nil
                engine.remove(task: id)
            }
        }

        /// Checks one decision and takes it over.
        mutating func take(_ assignment: Assignment) throws {
            let task = try #require(world.waiting[assignment.task], "only waiting tasks start")
            let agent = try #require(world.agents[assignment.agent], "only offered agents")
            #expect(world.pools[task.pool]?.handsOutWork == true)
            #expect(world.fits(task, agent), "slots and resources are kept")
            for other in world.waiting.values where other.pool == task.pool && other.id != task.id {
                guard world.key(other) < world.key(task) else { continue }
                #expect(
                    !world.agents.values.contains { world.fits(other, $0) },
                    "\(other.id) goes before \(task.id) and fits")
            }
            if task.avoidedAgents.contains(agent.id) {
                #expect(
                    !world.agents.values.contains {
                        world.fits(task, $0) && !task.avoidedAgents.contains($0.id)
                    }, "the agent that failed it is the last choice")
            }
            world.waiting[task.id] = nil
            world.held[task.id] = (task, agent.id)
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `every decision keeps order, slots, resources and exclusiveness`(seed: UInt64) throws {
        var run = Run(seed)
        for _ in 0..<400 {
            run.step()
            let limit = run.random.chance(1, in: 3) ? 1 : Int.max
            for assignment in run.engine.decide(at: run.clock, limit: limit) {
                if run.random.chance(1, in: 2) { run.engine.confirm(task: "unknown") }
                try run.take(assignment)
            }
            guard limit == .max else { continue }
            for task in run.world.waiting.values
            where run.world.pools[task.pool]?.handsOutWork == true {
                #expect(
                    !run.world.agents.values.contains { run.world.fits(task, $0) },
                    "seed \(seed): \(task.id) fits and was left waiting")
            }
            #expect(run.engine.decide(at: run.clock).isEmpty, "seed \(seed): at rest it is silent")
        }
        #expect(run.engine.taskCount == run.world.waiting.count + run.world.held.count)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `an engine rebuilt from the same view decides the same`(seed: UInt64) throws {
        var run = Run(seed)
        for _ in 0..<150 {
            run.step()
            for assignment in run.engine.decide(at: run.clock) { try run.take(assignment) }
        }
        for _ in 0..<10 { run.createTask() }
        var rebuilt = SchedulingEngine(reservationSeconds: 1_000_000)
        for task in run.world.waiting.values.sorted(by: { $0.id > $1.id }) { rebuilt.upsert(task) }
        for held in run.world.held.values.sorted(by: { $0.demand.id < $1.demand.id }) {
            rebuilt.place(held.demand, onAgent: held.agent)
        }
        for agent in run.world.agents.values.sorted(by: { $0.id > $1.id }) { rebuilt.upsert(agent) }
        for pool in run.world.pools.values.sorted(by: { $0.id > $1.id }) { rebuilt.upsert(pool) }
        let one = run.engine.decide(at: run.clock).map { "\($0.task) on \($0.agent)" }
        let other = rebuilt.decide(at: run.clock).map { "\($0.task) on \($0.agent)" }
        #expect(one.sorted() == other.sorted(), "seed \(seed)")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `a task of the lowest priority starts in the end, however much is ahead`(seed: UInt64) {
        var random = SeededNumbers(seed)
        var engine = SchedulingEngine(agingSeconds: 30)
        engine.upsert(PoolRules(id: "p"))
        engine.upsert(AgentOffer(id: "a", pool: "p"))
        engine.upsert(TaskDemand(id: "victim", pool: "p", priority: -5, queuedAt: 0))
        var startedAt: Int64?
        for tick in 0..<200 where startedAt == nil {
            let now = Int64(tick) * 5 * second
            engine.upsert(
                TaskDemand(
                    id: "t\(tick)", pool: "p", priority: random.number(below: 6), queuedAt: now))
            for made in engine.decide(at: now) {
                if made.task == "victim" { startedAt = now }
                engine.remove(task: made.task)
            }
        }
        // It is 10 points behind the best of them at most: 300 seconds of waiting.
        #expect((startedAt ?? .max) <= 310 * second, "seed \(seed)")
    }

    @Test func `a hundred thousand tasks are queued, ranked and handed out`() {
        var engine = SchedulingEngine()
        for pool in 0..<20 { engine.upsert(PoolRules(id: "p\(pool)")) }
        for agent in 0..<500 {
            engine.upsert(AgentOffer(id: "a\(agent)", pool: "p\(agent % 20)", slots: 2))
        }
        var random = SeededNumbers(7)
        for task in 0..<100_000 {
            engine.upsert(
                TaskDemand(
                    id: "t\(task)", pool: "p\(task % 20)", priority: random.number(below: 10),
                    queuedAt: Int64(task) * 1_000_000))
        }
        var started = 0
        for _ in 0..<5 {
            let made = engine.decide(at: 0)
            started += made.count
            for assignment in made { engine.remove(task: assignment.task) }
        }
        #expect(started == 5_000)
        #expect(engine.taskCount == 95_000)
    }
}
