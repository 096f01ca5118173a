import KubernetesCore

extension BackgroundTaskSpec {
    /// What is done about failures.
    public struct Retry: Hashable, Sendable {
        /// Attempts beyond the first.
        public var maxRetries = 3
        /// The wait before each of them.
        public var backoff = Backoff()
        /// What is done about which failure; the first rule that fits counts, before the built-in
        /// ones.
        public var rules: [Rule] = []

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            maxRetries = try node.integer("maxRetries", maxRetries, in: Bounds.retries, &faults)
            backoff = try Backoff(reading: try node.nested("backoff"), &faults)
            for rule in try node.list("rules") {
                rules.append(try Rule(reading: rule, &faults))
            }
        }
    }

    /// The wait before a retry: `initialSeconds · factor^n`, at most `maxSeconds`, with full
    /// jitter.
    public struct Backoff: Hashable, Sendable {
        /// Seconds before the first retry.
        public var initialSeconds = 10
        /// By how much each wait is longer than the one before.
        public var factor = 2.0
        /// Most seconds before a retry.
        public var maxSeconds = 300

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            initialSeconds = try node.integer(
                "initialSeconds", initialSeconds, in: Bounds.seconds, &faults)
            factor = try node.number("factor", factor, in: 1...10, &faults)
            maxSeconds = try node.integer("maxSeconds", maxSeconds, in: Bounds.seconds, &faults)
        }
    }

    /// What is done about which failure. All that a rule names must fit.
    public struct Rule: Hashable, Sendable {
        /// What is done.
        public enum Action: String, Hashable, Sendable, CaseIterable {
            case retry = "Retry"
            case retryOnFreshAgent = "RetryOnFreshAgent"
            case retryWithLongerTimeout = "RetryWithLongerTimeout"
            case retryAfterDelay = "RetryAfterDelay"
            case escalate = "Escalate"
            case fail = "Fail"
            case ignore = "Ignore"
        }

        /// Exit codes that fit; empty for any.
        public var exitCodes: [Int] = []
        /// Failure classes that fit; empty for any.
        public var classes: [TaskFailureClass] = []
        /// A regular expression (RE2) that the failure's message must contain; nil for any.
        public var messagePattern: String?
        /// What is done.
        public var action: Action

        /// A rule that fits every failure.
        public init(action: Action) { self.action = action }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            _ = try node.required("action")
            action = try Optional(node).word("action", .fail, &faults)
            for code in try Optional(node).list("exitCodes") {
                exitCodes.append(try code.integer())
            }
            for text in try Optional(node).list("classes") {
                guard let known = TaskFailureClass(rawValue: try text.string()) else {
                    faults.append(
                        ValidationFault(field: text.path, message: "not a failure class"))
                    continue
                }
                classes.append(known)
            }
            messagePattern = try Optional(node).text("messagePattern")
        }
    }
}
