/// What a rule says is done about a failure.
public enum RetryAction: String, CaseIterable, Hashable, Sendable {
    /// Tried again after a backoff.
    case retry = "Retry"
    /// Tried again, on another agent if the pool has one.
    case retryOnFreshAgent = "RetryOnFreshAgent"
    /// Tried again with one and a half times the time.
    case retryWithLongerTimeout = "RetryWithLongerTimeout"
    /// Tried again, not before the whole backoff has passed.
    case retryAfterDelay = "RetryAfterDelay"
    /// Failed, and somebody has to look at it.
    case escalate = "Escalate"
    /// Failed.
    case fail = "Fail"
    /// Tried again at once, as after the loss of an agent, without using up a retry.
    case ignore = "Ignore"
}
