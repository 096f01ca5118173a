/// One decision: this task goes to this agent.
public struct Assignment: Hashable, Sendable {
    /// The task's identity.
    public let task: String
    /// The agent's identity.
    public let agent: String
    /// The pool of both.
    public let pool: String
    /// Why this agent: its scores.
    public let score: AgentScore
}

/// How well an agent suits a task; each part from 0 to 1.
public struct AgentScore: Hashable, Sendable {
    /// Room left once the task is taken.
    public let capacity: Double
    /// How well it does tasks of this type.
    public let specialization: Double
    /// How well it does in general.
    public let performance: Double
    /// How free it is now.
    public let workload: Double
    /// The weighted sum by which agents are compared.
    public let total: Double

    /// Weighs the four parts.
    public init(
        capacity: Double, specialization: Double, performance: Double, workload: Double,
        weights: PoolRules.Weights
    ) {
        self.capacity = capacity
        self.specialization = specialization
        self.performance = performance
        self.workload = workload
        total =
            weights.capacity * capacity + weights.specialization * specialization
            + weights.performance * performance + weights.workload * workload
    }
}
