/// A task as the queue sees it: what it needs, and what decides its turn.
public struct TaskDemand: Hashable, Sendable {
    /// The task's identity; unique over all pools.
    public var id: String
    /// The pool that it waits in.
    public var pool: String
    /// Who it is done for.
    public var tenant: String
    /// What kind of work it is; agents may be better at one than at another.
    public var type: String
    /// Larger goes first. Waiting makes up for it: see `SchedulingEngine.agingNanoseconds`.
    public var priority: Int
    /// When it joined the queue, in nanoseconds since 1970. A retry keeps its first time.
    public var queuedAt: Int64
    /// What it takes from an agent while it runs.
    public var requests: ResourceAmounts
    /// How long it is expected to run; 0 where nobody knows.
    public var estimatedSeconds: Int
    /// Agents on which it failed.
    public var avoidedAgents: [String]
    /// Nodes on which it failed.
    public var avoidedNodes: [String]
    /// Whether it waits for another agent instead of going back to an avoided one, as long as the
    /// pool has one that could take it.
    public var needsFreshAgent: Bool
    /// When its attempt began, in nanoseconds since 1970; of a task that waits it says nothing.
    public var startedAt: Int64
    /// Whether it can stop and go on later.
    public var isCheckpointable: Bool
    /// Whether its attempt has been asked to stop.
    public var isStopping: Bool
    /// How often it has given way to others.
    public var preemptions: Int

    /// A demand; everything but identity and place has a neutral default.
    public init(
        id: String, pool: String, tenant: String = "", type: String = "general",
        priority: Int = 0, queuedAt: Int64 = 0, requests: ResourceAmounts = .none,
        estimatedSeconds: Int = 0, avoidedAgents: [String] = [], avoidedNodes: [String] = [],
        needsFreshAgent: Bool = false, startedAt: Int64 = 0, isCheckpointable: Bool = false,
        isStopping: Bool = false, preemptions: Int = 0
    ) {
        self.id = id
        self.pool = pool
        self.tenant = tenant
        self.type = type
        self.priority = priority
        self.queuedAt = queuedAt
        self.requests = requests
        self.estimatedSeconds = estimatedSeconds
        self.avoidedAgents = avoidedAgents
        self.avoidedNodes = avoidedNodes
        self.needsFreshAgent = needsFreshAgent
        self.startedAt = startedAt
        self.isCheckpointable = isCheckpointable
        self.isStopping = isStopping
        self.preemptions = preemptions
    }
}
