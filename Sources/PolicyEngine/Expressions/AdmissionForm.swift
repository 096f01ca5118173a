import CEL
import KubernetesCore

/// What a `ValidatingAdmissionPolicy` says.
struct AdmissionForm: Sendable {
    private let constraints: MatchConstraints
    private let parameterKind: ParameterKind?
    /// Whether what cannot be evaluated only reports.
    private let ignoresFailures: Bool
    private let judgement: AdmissionJudgement

    init(_ root: Fields) throws(PolicyProblem) {
        let known: Set<String> = [
            "paramKind", "matchConstraints", "matchConditions", "variables", "validations",
            "auditAnnotations", "failurePolicy",
        ]
        guard let spec = try root.fields("spec", known: known) else {
            throw root.problem("spec", "must be given")
        }
        guard let constraints = try spec.constraints("matchConstraints") else {
            throw spec.problem("matchConstraints", "must be given")
        }
        guard !constraints.rules.isEmpty else {
            throw spec.problem(
                "matchConstraints", "resourceRules must list at least one rule")
        }
        self.constraints = constraints
        parameterKind = try ParameterKind("paramKind", of: spec)
        ignoresFailures = try spec.choice("failurePolicy", of: ["Fail", "Ignore"]) == "Ignore"
        var compiler = ExpressionCompiler(.admission(hasParams: parameterKind != nil))
        let conditions = try compiler.conditions("matchConditions", of: spec)
        try compiler.variables("variables", of: spec)
        try compiler.validations("validations", of: spec)
        try compiler.annotations("auditAnnotations", of: spec)
        guard !compiler.result.validations.isEmpty || !compiler.result.annotations.isEmpty else {
            throw spec.problem(
                "validations",
                "must list at least one validation where there are no "
                    + "auditAnnotations")
        }
        judgement = AdmissionJudgement(
            conditions: conditions, expressions: compiler.result)
    }

    func evaluate(
        _ policy: ExpressionPolicy, _ view: RequestView, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        do throws(MatchConstraints.Unknown) {
            guard try constraints.matches(view) else { return [] }
        } catch {
            return [configuration(policy, "failed to configure policy: \(error.reason)")]
        }
        guard !policy.bindings.isEmpty else {
            guard policy.judgesUnbound else { return [] }
            return results(policy, .enforce, [.null], view, surroundings)
        }
        return policy.bindings.flatMap { evaluate(policy, $0, view, surroundings) }
    }

    private func evaluate(
        _ policy: ExpressionPolicy, _ binding: ExpressionBinding, _ view: RequestView,
        _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        do throws(MatchConstraints.Unknown) {
            if let resources = binding.resources, try !resources.matches(view) { return [] }
        } catch {
            return [configuration(policy, "failed to configure binding: \(error.reason)")]
        }
        var parameters: [JSONValue] = [.null]
        if let parameterKind, let reference = binding.parameters {
            switch reference.parameters(of: parameterKind, for: view, surroundings) {
            case .parameters(let found): parameters = found
            case .failed(let message):
                return [configuration(policy, "failed to configure binding: \(message)")]
            }
        }
        guard !parameters.isEmpty else {
            return [
                policy.result(
                    .skip, binding.action,
                    "there are no parameters for binding \"\(binding.name)\"")
            ]
        }
        return results(policy, binding.action, parameters, view, surroundings)
    }

    /// A policy or binding that cannot be applied denies whatever its actions are, unless the
    /// policy ignores failures.
    private func configuration(_ policy: ExpressionPolicy, _ message: String) -> PolicyResult {
        policy.result(.error, ignoresFailures ? .audit : .enforce, message)
    }

    private func results(
        _ policy: ExpressionPolicy, _ action: PolicyResult.Action, _ parameters: [JSONValue],
        _ view: RequestView, _ surroundings: PolicySurroundings
    ) -> [PolicyResult] {
        parameters.flatMap { parameter in
            results(policy, action, judgement.judge(view, surroundings, params: parameter))
        }
    }

    private func results(
        _ policy: ExpressionPolicy, _ action: PolicyResult.Action,
        _ verdict: AdmissionJudgement.Verdict
    ) -> [PolicyResult] {
        let failureAction: PolicyResult.Action = ignoresFailures ? .audit : action
        switch verdict {
        case .unmet(let name):
            return [policy.result(.skip, action, "the match condition \"\(name)\" is not met")]
        case .conditionsFailed(let message):
            return [
                ignoresFailures
                    ? policy.result(.skip, action, message)
                    : policy.result(.error, failureAction, message)
            ]
        case .judged(let decisions, let annotations):
            var results = decisions.map { decision in
                policy.result(
                    decision.isError ? .error : .fail, decision.isError ? failureAction : action,
                    decision.message, rule: decision.place, annotations: annotations)
            }
            if results.isEmpty {
                results = [policy.result(.pass, action, "success", annotations: annotations)]
            }
            return results
        }
    }
}
