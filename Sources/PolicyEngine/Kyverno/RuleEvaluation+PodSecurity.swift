import KubernetesCore
import PodSecurity

extension RuleEvaluation {
    /// Exceptions that let off certain controls make the rule forgive just those; any other one
    /// makes it say nothing about the object.
    func podSecurity(
        _ check: PodSecurityRule, _ exceptions: [PolicyException]
    ) -> RuleOutcome? {
        guard request.operation != .delete else { return nil }
        guard exceptions.allSatisfy({ !$0.podSecurity.isEmpty }) else {
            return RuleEvaluation.skip(due: exceptions)
        }
        let excluded = exceptions.flatMap(\.podSecurity)
        guard let violations = check.violations(in: request.object) else {
            return RuleOutcome(.error, "podSecurity cannot judge a \(request.type.kind)")
        }
        guard !violations.isEmpty, !excluded.isEmpty else {
            return RuleOutcome(
                violations.isEmpty ? .pass : .fail, check.text(rule: rule.name, violations),
                path: violations.first?.fields.first?.path)
        }
        let left = check.violations(in: request.object, excluding: excluded) ?? violations
        guard !left.isEmpty else { return RuleEvaluation.skip(due: exceptions) }
        return RuleOutcome(
            .fail, check.text(rule: rule.name, left), path: left.first?.fields.first?.path)
    }

    static func skip(due exceptions: [PolicyException]) -> RuleOutcome {
        let names = exceptions.map(\.fullName).joined(separator: ", ")
        return RuleOutcome(.skip, "rule is skipped due to policy exceptions \(names)")
    }
}
