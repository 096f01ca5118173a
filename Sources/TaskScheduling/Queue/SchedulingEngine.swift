/// Which task goes to which agent, decided a task at a time from what is known now.
///
/// Incremental: changes are told as they happen, and only pools in which something changed are
/// looked at. A decision costs a few comparisons for each agent of the pool that has a free slot
/// and for each tenant, and does not depend on how many tasks wait or how much they differ: `looks`
/// counts it, and `EngineEffortTests` holds it.
///
/// Order: tenants of a pool take turns by what they are owed (see `setWeight`). Among a tenant's
/// tasks, a task's key is the time it joined less `agingNanoseconds` for each point of priority, so
/// waiting makes up for priority at a fixed rate and nothing starves. Among equal keys the older
/// goes first, then the smaller identity. Agents are chosen by their scores; of equal ones the one
/// whose node has least to do. A task that no agent can take now does not hold up
/// others: all tasks of the pool that need the same are set aside together until something changes
/// that could make them fit.
///
/// The engine takes what it decided for granted until it is told otherwise by `confirm`, `reject`,
/// `place` or `remove`, so it may be asked again before the outside world has followed.
public struct SchedulingEngine: Sendable {
    /// How much waiting makes up for one point of priority.
    public let agingNanoseconds: Int64
    /// How long a task that does not fit waits before an agent is kept free for it.
    public let reservationNanoseconds: Int64

    // The engine's tables. A record is named by its row, which is used again once it is free; rows
    // are kept in 32 bits, because the queues of a million tasks hold little else. An agent's slots
    // are another thing: how many tasks it runs at once.
    var tasks: [TaskRecord] = []
    var freeTasks: [Int32] = []
    var taskNumbers: [String: Int32] = [:]
    var groups: [TaskGroup] = []
    var freeGroups: [Int32] = []
    var groupNumbers: [TaskGroup.Identity: Int32] = [:]
    var agents: [AgentRecord] = []
    var freeAgents: [Int32] = []
    var agentNumbers: [String: Int32] = [:]
    var pools: [PoolRecord] = []
    var poolNumbers: [String: Int32] = [:]
    var dirtyPools: [Int32] = []
    var nodes = Interner()
    /// Attempts by the number of the node that they run on.
    var nodeUses: [Int] = []
    var tenants = Interner()
    var types = Interner()
    /// What tenants weigh that do not weigh 1.
    var weights: [Int32: Int64] = [:]
    /// The latest time told, in microseconds since 1970; nil until one is.
    var clock: Int64?

    /// How many agents, tenants and groups of tasks have been looked at so far: what decisions
    /// cost, whatever the machine.
    public internal(set) var looks = 0

    /// An empty engine.
    ///
    /// - Parameters:
    ///   - agingSeconds: seconds of waiting that weigh as much as one point of priority.
    ///   - reservationSeconds: seconds that a task waits which fits no agent as loaded now, before
    ///     one that could take it is kept free for it.
    public init(agingSeconds: Int = 30, reservationSeconds: Int = 120) {
        agingNanoseconds = Int64(min(max(0, agingSeconds), 1_000_000)) * 1_000_000_000
        reservationNanoseconds = Int64(min(max(0, reservationSeconds), 1_000_000)) * 1_000_000_000
    }

    /// Tells how a pool hands out its work; a pool without rules hands out none.
    public mutating func upsert(_ rules: PoolRules) {
        let pool = poolNumber(of: rules.id)
        guard !pools[pool].isPresent || pools[pool].rules != rules else { return }
        pools[pool].rules = rules
        pools[pool].isPresent = true
        markDirty(pool)
    }

    /// Forgets a pool's rules. Its tasks stay and wait.
    public mutating func removePool(_ id: String) {
        guard let pool = poolNumbers[id] else { return }
        pools[Int(pool)].isPresent = false
    }

    /// How many tasks of pool `id` wait and run, and how many slots its agents have.
    public func counts(ofPool id: String) -> PoolCounts {
        var counts = PoolCounts()
        guard let number = poolNumbers[id] else { return counts }
        let pool = pools[Int(number)]
        counts.waiting = pool.waiting
        counts.waitingSeconds = pool.waitingSeconds
        counts.assumed = pool.assumed
        counts.running = pool.running
        for agent in pool.agents where agents[Int(agent)].isUsable {
            counts.slots += agents[Int(agent)].slots
            counts.freeSlots += max(0, agents[Int(agent)].slots - agents[Int(agent)].usedSlots)
        }
        return counts
    }

    /// How many tasks of its tenant in its pool go before task `id`; nil where it does not wait.
    public func position(ofTask id: String) -> Int? {
        guard let number = taskNumbers[id], tasks[Int(number)].state == .waiting else {
            return nil
        }
        let record = tasks[Int(number)]
        var before = 0
        for group in groupsWithWork(inPool: record.pool)
        where groups[Int(group)].identity.tenant == record.tenant {
            before += groups[Int(group)].queue.rank(of: record.entry)
        }
        return before
    }

    /// The first `most` tasks of a pool's queue in the order in which free slots would take them;
    /// groups that are set aside included.
    public func firstTasks(ofPool id: String, _ most: Int) -> [String] {
        guard let pool = poolNumbers[id] else { return [] }
        return order(ofPool: Int(pool), most).map(\.id)
    }

    /// Whether task `id` is set aside because no agent of its pool can take it as loaded now.
    public func isParked(task id: String) -> Bool {
        guard let number = taskNumbers[id], tasks[Int(number)].state == .waiting else {
            return false
        }
        return groups[Int(tasks[Int(number)].group)].isParked
    }

    /// The agent that task `id` has been given or runs on; nil where it has none.
    public func agent(ofTask id: String) -> String? {
        guard let number = taskNumbers[id] else { return nil }
        switch tasks[Int(number)].state {
        case .waiting: return nil
        case .assumed(let agent), .running(let agent): return agents[Int(agent)].id
        }
    }

    /// How many tasks are known.
    public var taskCount: Int { taskNumbers.count }

    func groupsWithWork(inPool pool: Int32) -> [Int32] {
        var result = pools[Int(pool)].parked.all.map { tasks[Int($0.row)].group }
        for share in pools[Int(pool)].shares {
            for head in share.candidates.all { result.append(tasks[Int(head.row)].group) }
        }
        return result
    }

    mutating func poolNumber(of id: String) -> Int {
        if let known = poolNumbers[id] { return Int(known) }
        let number = pools.count
        pools.append(PoolRecord(rules: PoolRules(id: id)))
        poolNumbers[id] = Int32(number)
        return number
    }

    mutating func markDirty(_ pool: Int) {
        guard !pools[pool].isDirty else { return }
        pools[pool].isDirty = true
        dirtyPools.append(Int32(pool))
    }
}
