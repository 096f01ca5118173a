import TaskScheduling

/// The scheduling engine alone, as full as asked for: many tasks wait in several pools, and agents
/// work them off. Whoever runs it brings the clock; the same trial always does the same.
public struct EngineTrial: Sendable {
    /// How many tasks wait at first.
    public let tasks: Int
    /// In how many pools.
    public let pools: Int
    /// How many agents all pools have together, with one slot each.
    public let agents: Int
    /// Whether no two tasks need the same, so that each is a class of its own.
    public let isDistinct: Bool

    private var engine = SchedulingEngine()
    private var now: Int64 = 1_800_000_000_000_000_000

    /// An engine with its pools and agents, and no tasks yet. Each number is at least 1.
    public init(tasks: Int, pools: Int = 20, agents: Int = 500, isDistinct: Bool = false) {
        self.isDistinct = isDistinct
        self.tasks = max(1, tasks)
        self.pools = max(1, pools)
        self.agents = max(1, agents)
        engine.advance(to: now)
        for pool in 0..<self.pools { engine.upsert(PoolRules(id: "ns/pool-\(pool)")) }
        for agent in 0..<self.agents {
            engine.upsert(
                AgentOffer(
                    id: "00000000-0000-0000-0000-\(agent)", pool: "ns/pool-\(agent % self.pools)",
                    node: "node-\(agent % 50)",
                    capacity: ResourceAmounts(milliCPU: 4_000, memory: 8 << 30),
                    takesWork: false))
        }
    }

    /// Puts every task into its queue: three tenants, four types, needs of four sizes, and
    /// priorities from -50 to 49.
    public mutating func fill() {
        for number in 0..<tasks {
            engine.upsert(
                TaskDemand(
                    id: "team-\(number % 3)/task-\(number)", pool: "ns/pool-\(number % pools)",
                    tenant: "team-\(number % 3)", type: "type-\(number % 4)",
                    priority: number * 7 % 100 - 50, queuedAt: now + Int64(number) * 1_000,
                    requests: ResourceAmounts(
                        milliCPU: Int64(number % 4 + 1) * 250,
                        memory: 1 << 28 + (isDistinct ? Int64(number) : 0)),
                    estimatedSeconds: number % 60 + 1))
        }
    }

    /// How many agents, tenants and classes of tasks the engine has looked at so far.
    public var looks: Int { engine.looks }

    /// Lets the agents work off `most` tasks: each is decided, confirmed, and ended as soon as
    /// every agent is busy. Returns how many decisions were made.
    public mutating func workOff(_ most: Int) -> Int {
        for agent in 0..<agents {
            engine.upsert(
                AgentOffer(
                    id: "00000000-0000-0000-0000-\(agent)", pool: "ns/pool-\(agent % pools)",
                    node: "node-\(agent % 50)",
                    capacity: ResourceAmounts(milliCPU: 4_000, memory: 8 << 30)))
        }
        var made = 0
        while made < most {
            now += 1_000_000
            let assignments = engine.decide(at: now, limit: min(agents, most - made))
            if assignments.isEmpty { break }
            for assignment in assignments { engine.confirm(task: assignment.task) }
            for assignment in assignments { engine.remove(task: assignment.task) }
            made += assignments.count
        }
        return made
    }
}
