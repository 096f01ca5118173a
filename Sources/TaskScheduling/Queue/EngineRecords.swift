/// A task inside the engine.
struct TaskRecord: Sendable {
    enum State: Equatable, Sendable {
        /// In the queue of its group.
        case waiting
        /// Given to an agent by a decision that is not confirmed yet.
        case assumed(agent: Int32)
        /// Running, as far as the caller knows.
        case running(agent: Int32)
    }

    var entry: QueueEntry
    var requests: ResourceAmounts
    var pool: Int32
    var tenant: Int32
    var type: Int32
    /// The group that it waits in, or returns to when its assignment is refused; -1 while running.
    var group: Int32
    var priority: Int32
    var estimatedSeconds: Int32
    var state: State
    var startedAt: Int64 = 0
    var isCheckpointable = false
    var isStopping = false
    var preemptions: Int16 = 0
}

/// Tasks of one tenant in one pool that need the same: where one of them does not fit, none does.
struct TaskGroup: Sendable {
    struct Identity: Hashable, Sendable {
        let pool: Int32
        let tenant: Int32
        let requests: ResourceAmounts
        let avoidedAgents: [Int32]
        let avoidedNodes: [Int32]
        let needsFreshAgent: Bool
    }

    var identity: Identity
    var queue = SortedEntries()
    /// How many tasks name this group: waiting and assumed ones.
    var members = 0
    /// The group's entry among its tenant's candidates; nil while it is empty or parked.
    var head: QueueEntry?
    /// The group's entry among its pool's parked groups; nil while it is empty or not parked.
    var aside: QueueEntry?
    /// Whether nothing that the pool has now fits.
    var isParked = false
    /// Whether it is parked although an agent has room: that one is avoided, or kept free.
    var isHeldBack = false
    /// Whether an agent of the pool could take it if it ran nothing else, as of `fitVersion`.
    var fitsSomeAgent = false
    /// The version of the pool's agents for which `fitsSomeAgent` was found out.
    var fitVersion = -1

    var avoidsSomething: Bool {
        !identity.avoidedAgents.isEmpty || !identity.avoidedNodes.isEmpty
    }
}

/// An agent inside the engine; it stays as long as anything refers to it.
struct AgentRecord: Sendable {
    var id: String
    var hash: UInt64
    var pool: Int32 = -1
    var node: Int32 = -1
    /// Whether the caller has offered it.
    var isPresent = false
    var takesWork = false
    var slots = 0
    var usedSlots = 0
    var capacity = ResourceAmounts.none
    var used = ResourceAmounts.none
    var performance = 0.5
    var specialization: [(type: Int32, score: Double)] = []
    /// Its place among its pool's open agents; -1 where it has no free slot or takes no work.
    var openIndex: Int32 = -1
    /// Its place among its pool's agents; -1 while it is not present.
    var memberIndex: Int32 = -1
    /// Groups that avoid it.
    var references = 0
    /// The tasks that it was given or runs.
    var holds: [Int32] = []

    var isUsable: Bool { isPresent && takesWork }
    var isOpen: Bool { isUsable && usedSlots < slots }
    var room: ResourceAmounts { capacity - used }
}

/// A pool inside the engine.
struct PoolRecord: Sendable {
    /// An agent that is kept free for a group which it can only take when it runs less.
    struct Reservation: Equatable, Sendable {
        let group: Int32
        let agent: Int32
    }

    var rules: PoolRules
    /// Whether the caller has given its rules.
    var isPresent = false
    /// The tenants that have had something to do here, in the order in which they came.
    var shares: [TenantShare] = []
    /// Where a tenant's share is among them.
    var shareOfTenant: [Int32: Int] = [:]
    /// The most service that a tenant had had when its turn came.
    var progress: Int64 = 0
    /// The heads of the groups that are set aside.
    var parked = SortedEntries()
    /// How many of those are held back.
    var heldBack = 0
    /// Rooms in which none of those fits that are not held back; the largest that are known.
    var barren: [ResourceAmounts] = []
    var agents: [Int32] = []
    /// Changes with everything about its agents that decides what they could ever take.
    var agentsVersion = 0
    var open: [Int32] = []
    var reservation: Reservation?
    /// Before this time no parked group has waited long enough for a reservation.
    var reserveFrom = Int64.min
    var isDirty = false
    var waiting = 0
    var waitingSeconds = 0
    var assumed = 0
    var running = 0
}
