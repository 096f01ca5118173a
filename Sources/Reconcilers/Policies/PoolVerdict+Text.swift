import KubernetesCore
import PolicyEngine
import SwiftletAPI

/// What a verdict comes to, in the words of a condition.
extension PoolVerdict {
    /// How many rules a message quotes.
    private static let quotedMax = 3

    var condition: (status: Condition.Status, reason: String, message: String) {
        if let waiting { return (.unknown, "PoliciesLoading", waiting) }
        let forbidding = findings.filter(\.forbids)
        if !forbidding.isEmpty {
            return (.no, "PolicyViolation", "Forbids new agents: " + PoolVerdict.list(forbidding))
        }
        let closing = faults.filter(\.forbids)
        if let first = closing.first {
            return (
                .no, "PolicyNotLoaded",
                "No agent is created while an enforced policy cannot be loaded: "
                    + "\(first.problem)\(PoolVerdict.more(closing.count - 1))."
            )
        }
        let reported = findings.filter(\.result.isReported)
        if !reported.isEmpty {
            return (
                .yes, "AuditFailures",
                "Agents are allowed, but reported: " + PoolVerdict.list(reported)
            )
        }
        if let first = faults.first {
            return (
                .yes, "PolicyNotLoaded",
                "Agents are judged without \(first.problem)"
                    + "\(PoolVerdict.more(faults.count - 1))."
            )
        }
        if policies == 0 { return (.yes, "NoPolicies", "No policy is loaded.") }
        let passed = findings.count { $0.result.outcome == .pass }
        let count = policies == 1 ? "1 policy is" : "\(policies) policies are"
        guard passed > 0 else {
            return (.yes, "Compliant", "\(count) loaded; none of their rules is about agents.")
        }
        let rules = passed == 1 ? "1 rule that is" : "\(passed) rules that are"
        return (.yes, "Compliant", "\(count) loaded; agents pass the \(rules) about them.")
    }

    private static func list(_ findings: [Finding]) -> String {
        var texts = findings.prefix(quotedMax).map(\.text)
        if findings.count > quotedMax { texts.append("\(findings.count - quotedMax) more rules") }
        return texts.joined(separator: "; ") + "."
    }

    private static func more(_ count: Int) -> String { count > 0 ? " (and \(count) more)" : "" }
}

extension PoolVerdict.Finding {
    /// The finding in one clause: the policy, the rule, the place and what the policy says.
    var text: String {
        var message = result.message.split(separator: "\n").joined(separator: " ")
        while let last = message.last, last == "." || last == " " { message.removeLast() }
        var text = "policy \(result.policy)"
        if result.rule != result.policy, !result.rule.isEmpty { text += " rule \(result.rule)" }
        if let path = result.path, !path.isEmpty, !message.contains(path) {
            text += " at \(path)"
        }
        if result.outcome == .error { text += " could not be evaluated" }
        return text + (message.isEmpty ? "" : ": \(message.prefix(400))")
    }
}

extension PolicyResult {
    /// Whether people should hear of it although it forbids nothing.
    var isReported: Bool { outcome == .fail || outcome == .error || outcome == .warn }
}
