/// An agent as the queue sees it: what it has, and how good it is.
public struct AgentOffer: Hashable, Sendable {
    /// The agent's identity.
    public var id: String
    /// The pool whose tasks it takes.
    public var pool: String
    /// The node that it runs on.
    public var node: String
    /// How many attempts it runs at once.
    public var slots: Int
    /// What all its attempts together may use.
    public var capacity: ResourceAmounts
    /// Whether it may be given work now: ready, healthy, in touch, not draining.
    public var takesWork: Bool
    /// How well it has done so far, from 0 to 1; 0.5 where nothing is known.
    public var performance: Double
    /// How well it has done tasks of one type, from 0 to 1; 0.5 where nothing is known.
    public var specialization: [String: Double]

    /// An offer; what is not given has a neutral default.
    public init(
        id: String, pool: String, node: String = "", slots: Int = 1,
        capacity: ResourceAmounts = .unlimited, takesWork: Bool = true,
        performance: Double = 0.5, specialization: [String: Double] = [:]
    ) {
        self.id = id
        self.pool = pool
        self.node = node
        self.slots = slots
        self.capacity = capacity
        self.takesWork = takesWork
        self.performance = performance
        self.specialization = specialization
    }
}
