import CEL

/// What the evaluation of a policy may still cost.
///
/// Every evaluation is bounded by itself; this bounds them together, so that many expressions
/// cannot do what one may not.
struct ExpressionBudget {
    /// What one policy may cost for one request, in Kubernetes' units.
    static let policy: UInt64 = 10_000_000
    /// What the match conditions of one policy may cost.
    static let conditions: UInt64 = 2_500_000
    /// The most steps of work that has no cost in Kubernetes' model.
    private static let stepsMax = 20_000_000

    private(set) var cost: UInt64
    private(set) var steps: Int

    init(_ cost: UInt64) {
        self.cost = cost
        steps = Self.stepsMax
    }

    /// Whether nothing more may be evaluated.
    var isSpent: Bool { cost == 0 || steps == 0 }

    /// The most that the next evaluation may cost.
    var limit: UInt64 { min(cost, CELProgram.perCallLimit) }

    /// Takes off what an evaluation did.
    mutating func take(_ outcome: CELProgram.Outcome) {
        cost -= min(cost, outcome.cost)
        steps -= min(steps, outcome.steps)
    }
}
