import KubernetesCore

/// `webhookConfiguration.matchConditions` of a policy: requests that it is not about at all.
struct WebhookConditions: Sendable {
    private let set: ExpressionSet

    /// Reads the conditions; `nil` where there are none.
    init?(_ fields: Fields) throws(PolicyProblem) {
        var compiler = ExpressionCompiler(.admission(hasParams: false))
        let conditions = try compiler.conditions("matchConditions", of: fields)
        guard !conditions.isEmpty else { return nil }
        var set = compiler.result
        set.conditions = conditions
        self.set = set
    }

    /// What the conditions say about a request.
    func verdict(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings
    ) -> ExpressionEvaluation.ConditionVerdict {
        let scope = ExpressionScope(
            set, RequestView(request), surroundings, budget: ExpressionBudget.conditions)
        return ExpressionEvaluation.conditions(set.conditions, in: scope)
    }
}
