import CEL
import KubernetesCore

/// How Kubernetes' validator judges a request by compiled expressions: that of
/// `ValidatingAdmissionPolicy` and of `validate.cel`.
struct AdmissionJudgement: Sendable {
    /// One thing that is wrong.
    struct Decision: Equatable {
        /// Which expression says so, as in `validations[0]`.
        let place: String
        let message: String
        /// Whether it could not be evaluated, rather than being false.
        let isError: Bool
    }

    enum Verdict: Equatable {
        /// The match condition of this name is false.
        case unmet(String)
        case conditionsFailed(String)
        /// Everything that is wrong, and the audit annotations.
        case judged([Decision], [String: String])
    }

    let conditions: [ExpressionSet.Condition]
    let expressions: ExpressionSet

    /// Every validation is evaluated, also behind one that is violated; messages are made with what
    /// the validations leave of the budget. Audit annotations have a budget of their own.
    func judge(
        _ view: RequestView, _ surroundings: PolicySurroundings, params: JSONValue
    ) -> Verdict {
        let filter = ExpressionScope(
            expressions, view, surroundings, budget: ExpressionBudget.conditions, params: params)
        switch ExpressionEvaluation.conditions(conditions, in: filter) {
        case .met: break
        case .unmet(let name): return .unmet(name)
        case .failed(let message): return .conditionsFailed(message)
        }
        let scope = ExpressionScope(expressions, view, surroundings, params: params)
        let evaluation = ExpressionEvaluation(scope: scope)
        var decisions: [Decision] = []
        var violated: [(ExpressionSet.Validation, Int)] = []
        for validation in expressions.validations {
            switch evaluation.holds(validation) {
            case .holds: continue
            case .violated: violated.append((validation, decisions.count))
            case .failed(let message):
                if scope.budget.isSpent {
                    let spent = ExpressionScope.spent.message
                    return .judged(
                        [Decision(place: validation.place, message: spent, isError: true)], [:])
                }
                let source = ExpressionEvaluation.trimmed(validation.program.source)
                decisions.append(
                    Decision(
                        place: validation.place,
                        message: "expression '\(source)' resulted in error: \(message)",
                        isError: true))
                continue
            }
            decisions.append(Decision(place: validation.place, message: "", isError: false))
        }
        for (validation, index) in violated {
            decisions[index] = Decision(
                place: validation.place, message: evaluation.admissionMessage(validation),
                isError: false)
        }
        return annotated(decisions, view, surroundings, params)
    }

    private func annotated(
        _ decisions: [Decision], _ view: RequestView, _ surroundings: PolicySurroundings,
        _ params: JSONValue
    ) -> Verdict {
        guard !expressions.annotations.isEmpty else { return .judged(decisions, [:]) }
        let scope = ExpressionScope(expressions, view, surroundings, params: params)
        switch ExpressionEvaluation(scope: scope).annotations() {
        case .made(let annotations): return .judged(decisions, annotations)
        case .failed(let message):
            let fault = Decision(place: "auditAnnotations", message: message, isError: true)
            return .judged(decisions + [fault], [:])
        }
    }
}
