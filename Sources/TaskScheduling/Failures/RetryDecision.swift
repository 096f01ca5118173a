/// What becomes of a task whose attempt failed.
public struct RetryDecision: Hashable, Sendable {
    /// What happens next.
    public enum Outcome: Hashable, Sendable {
        /// It is tried again after `delay`.
        case retry(after: Duration)
        /// It has failed for good.
        case fail
    }

    /// What happens next.
    public var outcome: Outcome
    /// The rule that decided; `fail` also where retries were used up.
    public var action: RetryAction
    /// The class of the failure, which may have become `poison`.
    public var kind: FailureClass
    /// Why, in one CamelCase word.
    public var reason: String
    /// Why, in words.
    public var message: String
    /// Whether the failed attempt counts against the retries that the task has.
    public var usesRetry: Bool
    /// Whether somebody has to look at it: the task is a dead letter.
    public var isEscalated: Bool
}
