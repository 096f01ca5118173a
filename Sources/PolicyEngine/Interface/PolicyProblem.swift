/// Why a policy, or one rule of it, was refused when it was loaded.
///
/// What cannot be judged is never skipped in silence. A policy with a mistake is refused whole, as
/// Kyverno refuses it. A rule that asks for something else than a judgement (it generates objects
/// or verifies signatures) is refused alone: the other rules of its policy hold.
public struct PolicyProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// How much is refused.
    public enum Extent: Hashable, Sendable {
        /// The whole policy: none of its rules holds.
        case policy
        /// The rule that is named, and no other.
        case rule
    }

    /// How much is refused.
    public let extent: Extent
    /// Where the policy was found.
    public let source: String
    /// The policy's name; empty where it has none.
    public let policy: String
    /// The rule's name; `nil` where the policy as a whole is wrong.
    public let rule: String?
    /// The place in the document, as in `spec.rules[0].validate.pattern`; empty for the whole.
    public let path: String
    /// What is wrong and what would be right.
    public let reason: String

    /// A problem of the policy called `policy`, found at `source`.
    public init(
        source: String, policy: String, rule: String? = nil, path: String, reason: String,
        refusing extent: Extent = .policy
    ) {
        self.extent = extent
        self.source = source
        self.policy = policy
        self.rule = rule
        self.path = path
        self.reason = reason
    }

    /// The whole of it in one line.
    public var description: String {
        let rule = rule.map { " rule \"\($0)\"" } ?? ""
        let place = path.isEmpty ? "" : " at \(path)"
        return "\(source): policy \"\(policy)\"\(rule)\(place): \(reason)"
    }
}
