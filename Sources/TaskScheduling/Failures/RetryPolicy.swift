/// Whether and how a failed task is tried again.
public struct RetryPolicy: Hashable, Sendable {
    /// What has happened to the task before this failure.
    public struct History: Hashable, Sendable {
        /// Retries that have been used up.
        public var retriesUsed: Int
        /// Agents that were lost while they ran the task, and failures that were ignored.
        public var losses: Int

        /// What has happened before.
        public init(retriesUsed: Int = 0, losses: Int = 0) {
            self.retriesUsed = max(0, retriesUsed)
            self.losses = max(0, losses)
        }
    }

    /// A task that takes down this many agents is poison.
    public static let lossesMax = 3
    /// By how much the time limit grows after a timeout.
    public static let timeoutFactor = 1.5

    /// How many times a failed task is tried again, losses of agents apart.
    public var maxRetries: Int
    /// How long it waits before it is.
    public var backoff: BackoffPolicy
    /// The task's own rules; the first that applies decides.
    public var rules: [RetryRule]

    /// A policy; the defaults are those of the API.
    public init(
        maxRetries: Int = 3, backoff: BackoffPolicy = BackoffPolicy(), rules: [RetryRule] = []
    ) {
        self.maxRetries = max(0, maxRetries)
        self.backoff = backoff
        self.rules = rules
    }

    /// What is done about a class of failure when no rule of the task speaks about it.
    public static func builtIn(_ kind: FailureClass) -> RetryAction {
        switch kind {
        case .environment: .retryOnFreshAgent
        case .timeout: .retryWithLongerTimeout
        case .resource: .retryAfterDelay
        case .critical, .poison: .escalate
        case .application: .retry
        case .infrastructure: .ignore
        }
    }

    /// Decides. The same seed gives the same delay; `matches` holds a rule's pattern to a text.
    public func decide(
        _ failure: ClassifiedFailure, history: History, seed: UInt64,
        matches: (_ pattern: String, _ text: String) -> Bool
    ) -> RetryDecision {
        let rule = rules.first { $0.applies(to: failure, matches: matches) }
        let action = rule?.action ?? Self.builtIn(failure.kind)
        switch action {
        case .fail:
            return end(failure, action, "The retry rules say that this failure is final.")
        case .escalate:
            return end(
                failure, action, "The failure is \(failure.kind.rawValue); somebody has to look.")
        case .ignore: return requeue(failure, history)
        case .retry, .retryOnFreshAgent, .retryWithLongerTimeout, .retryAfterDelay:
            guard history.retriesUsed < maxRetries else {
                guard maxRetries > 0 else {
                    return end(failure, .fail, "The task has no retries.")
                }
                var spent = end(failure, .fail, "All \(maxRetries) retries are used up.")
                spent.isEscalated = true
                return spent
            }
            let delay = delay(action, retry: history.retriesUsed, seed: seed)
            return RetryDecision(
                outcome: .retry(after: delay), action: action, kind: failure.kind,
                reason: failure.reason,
                message: "Retry \(history.retriesUsed + 1) of \(maxRetries)\(Self.how(action)).",
                usesRetry: true, isEscalated: false)
        }
    }

    private func delay(_ action: RetryAction, retry: Int, seed: UInt64) -> Duration {
        if case .retryAfterDelay = action { return backoff.limit(beforeRetry: retry) }
        return backoff.delay(beforeRetry: retry, seed: seed)
    }

    private static func how(_ action: RetryAction) -> String {
        switch action {
        case .retryOnFreshAgent: " on another agent"
        case .retryWithLongerTimeout: " with a longer timeout"
        case .retryAfterDelay: " after a delay"
        case .retry, .escalate, .fail, .ignore: ""
        }
    }

    private func end(
        _ failure: ClassifiedFailure, _ action: RetryAction, _ message: String
    ) -> RetryDecision {
        RetryDecision(
            outcome: .fail, action: action, kind: failure.kind, reason: failure.reason,
            message: message, usesRetry: false, isEscalated: action == .escalate)
    }

    private func requeue(_ failure: ClassifiedFailure, _ history: History) -> RetryDecision {
        guard history.losses + 1 < Self.lossesMax else {
            return RetryDecision(
                outcome: .fail, action: .escalate, kind: .poison, reason: "Poison",
                message: "The task has lost \(history.losses + 1) agents"
                    + " (the last time: \(failure.reason)); it is not given another.",
                usesRetry: false, isEscalated: true)
        }
        return RetryDecision(
            outcome: .retry(after: .zero), action: .ignore, kind: failure.kind,
            reason: failure.reason, message: "Tried again at once; no retry is used up.",
            usesRetry: false, isEscalated: false)
    }
}
