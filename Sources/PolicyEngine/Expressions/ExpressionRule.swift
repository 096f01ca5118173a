public import KubernetesCore

/// The body of a `validate.cel` rule of a Kyverno policy, with the rule's `celPreconditions`.
///
/// Kyverno hands it to the validator of Kubernetes with the failure policy `Fail`: what cannot be
/// evaluated fails.
public struct ExpressionRule: Sendable {
    /// What the rule says.
    public struct Verdict: Sendable, Equatable {
        /// `pass`, `fail`, `skip` or, where the parameters cannot be had, `error`.
        public let outcome: PolicyResult.Outcome
        /// The verdict's reason.
        public let message: String
        /// The audit annotations, by key.
        public let annotations: [String: String]
    }

    private let judgement: AdmissionJudgement
    private let parameterKind: ParameterKind?
    private let parameters: ParameterReference?

    /// Reads `cel`, which stands at `path` of a rule called `rule`, and compiles its expressions.
    ///
    /// `preconditions` are the rule's `celPreconditions`, which stand at `preconditionsPath`;
    /// `message` is the rule's `validate.message`, which stands for expressions without one.
    public init(
        _ cel: JSONValue, preconditions: JSONValue = .null, message: String = "", source: String,
        policy: String, rule: String, path: String, preconditionsPath: String = "celPreconditions"
    ) throws(PolicyProblem) {
        let place = PolicyPlace(source: source, policy: policy, rule: rule)
        let fields = try Fields(
            cel, at: path, in: place,
            known: [
                "expressions", "variables", "auditAnnotations", "paramKind", "paramRef",
                "generate",
            ])
        _ = try fields.bool("generate")
        parameterKind = try ParameterKind("paramKind", of: fields)
        parameters = try ParameterReference("paramRef", of: fields)
        if parameterKind != nil, parameters == nil {
            throw fields.problem("paramRef", "must be given where paramKind is")
        }
        var compiler = ExpressionCompiler(.admission(hasParams: parameterKind != nil))
        let parts = preconditionsPath.split(separator: ".", omittingEmptySubsequences: false)
        let key = parts.last.map(String.init) ?? preconditionsPath
        let above = try Fields(
            .object([key: preconditions]), at: parts.dropLast().joined(separator: "."), in: place,
            known: [key])
        let conditions = try compiler.conditions(key, of: above)
        try compiler.variables("variables", of: fields)
        try compiler.validations("expressions", of: fields, message: message)
        try compiler.annotations("auditAnnotations", of: fields)
        guard !compiler.result.validations.isEmpty || !compiler.result.annotations.isEmpty else {
            throw fields.problem("expressions", "must list at least one expression")
        }
        judgement = AdmissionJudgement(
            conditions: conditions, expressions: compiler.result)
    }

    /// Judges a request. The first thing that is wrong gives the message.
    public func evaluate(
        _ request: PolicyRequest, _ surroundings: PolicySurroundings
    ) -> Verdict {
        let view = RequestView(request)
        var found: [JSONValue] = [.null]
        if let parameterKind, let parameters {
            switch parameters.parameters(of: parameterKind, for: view, surroundings) {
            case .parameters(let objects): found = objects
            case .failed(let message):
                return Verdict(outcome: .error, message: message, annotations: [:])
            }
        }
        var annotations: [String: String] = [:]
        for parameter in found {
            switch judgement.judge(view, surroundings, params: parameter) {
            case .unmet:
                return Verdict(
                    outcome: .skip, message: "cel preconditions not met", annotations: [:])
            case .conditionsFailed(let message):
                return Verdict(outcome: .fail, message: message, annotations: [:])
            case .judged(let decisions, let made):
                annotations.merge(made) { first, _ in first }
                if let first = decisions.first {
                    return Verdict(
                        outcome: .fail, message: first.message, annotations: annotations)
                }
            }
        }
        return Verdict(outcome: .pass, message: "", annotations: annotations)
    }
}
