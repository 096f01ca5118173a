/// Where a task is in its life.
public enum TaskPhase: String, Hashable, Sendable, CaseIterable {
    /// Nobody has looked at it yet.
    case pending = "Pending"
    /// It waits for other tasks, or something about it keeps it from ever being queued.
    case blocked = "Blocked"
    /// It waits for a time: `spec.notBefore`, or the delay before a retry.
    case scheduled = "Scheduled"
    /// It waits for an agent.
    case queued = "Queued"
    /// An agent has it: the lease is `(uid, status.attempt, status.agent.uid)`.
    case running = "Running"
    /// It ended well.
    case succeeded = "Succeeded"
    /// It ended badly and will not be tried again.
    case failed = "Failed"
    /// It was called off.
    case cancelled = "Cancelled"

    /// Whether this is an end: nothing leaves it.
    public var isTerminal: Bool {
        switch self {
        case .pending, .blocked, .scheduled, .queued, .running: false
        case .succeeded, .failed, .cancelled: true
        }
    }
}
