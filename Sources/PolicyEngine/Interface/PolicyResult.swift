/// What one rule says about one object.
public struct PolicyResult: Hashable, Sendable {
    /// The verdict, in the words of PolicyReports.
    public enum Outcome: String, Hashable, Sendable {
        case pass
        case fail
        case warn
        case error
        case skip
    }

    /// What a `fail` or `error` means for the object.
    public enum Action: String, Hashable, Sendable {
        /// The object must not come to be.
        case enforce = "Enforce"
        /// The object may come to be; the verdict is reported.
        case audit = "Audit"
        /// The object may come to be; whoever asked is warned.
        case warn = "Warn"
    }

    /// The policy's name; `namespace/name` where the policy is namespaced.
    public var policy: String
    /// The policy's kind, as in `ClusterPolicy`.
    public var kind: String
    /// The rule's name; for a policy of expressions, the policy's name or the expression's index.
    public var rule: String
    /// The verdict.
    public var outcome: Outcome
    /// What a `fail` or `error` means.
    public var action: Action
    /// The verdict's reason for a person, in the words of the policy where it has any.
    public var message: String
    /// Where in the object the fault lies, as in `/spec/containers/0/image/`; `nil` where the rule
    /// does not say.
    public var path: String?
    /// What the policy notes besides its verdict, by key: its audit annotations.
    public var annotations: [String: String]

    /// A verdict of `rule` of `policy`.
    public init(
        policy: String, kind: String, rule: String, outcome: Outcome, action: Action,
        message: String, path: String? = nil, annotations: [String: String] = [:]
    ) {
        self.policy = policy
        self.kind = kind
        self.rule = rule
        self.outcome = outcome
        self.action = action
        self.message = message
        self.path = path
        self.annotations = annotations
    }

    /// Whether the object must not come to be because of this verdict.
    public var forbids: Bool { action == .enforce && (outcome == .fail || outcome == .error) }
}
