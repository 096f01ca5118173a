/// How one pool hands out its work.
public struct PoolRules: Hashable, Sendable {
    /// How much each score counts when an agent is chosen.
    public struct Weights: Hashable, Sendable {
        /// Room that the agent has left once it has taken the task.
        public var capacity: Double
        /// How well the agent does tasks of this type.
        public var specialization: Double
        /// How well the agent does in general.
        public var performance: Double
        /// How few attempts the agent runs already.
        public var workload: Double

        /// The weights; negative ones count as 0.
        public init(
            capacity: Double = 0.3, specialization: Double = 0.3, performance: Double = 0.2,
            workload: Double = 0.2
        ) {
            self.capacity = max(0, capacity)
            self.specialization = max(0, specialization)
            self.performance = max(0, performance)
            self.workload = max(0, workload)
        }
    }

    /// The pool's identity.
    public var id: String
    /// Whether it hands out work now.
    public var handsOutWork: Bool
    /// How agents are compared.
    public var weights: Weights
    /// Whether running tasks may be asked to give way to ones of more priority.
    public var preempts: Bool

    /// The rules of pool `id`.
    public init(
        id: String, handsOutWork: Bool = true, weights: Weights = Weights(), preempts: Bool = false
    ) {
        self.id = id
        self.handsOutWork = handsOutWork
        self.weights = weights
        self.preempts = preempts
    }
}
