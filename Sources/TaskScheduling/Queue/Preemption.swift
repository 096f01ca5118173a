/// A running task that should give its slot to a waiting one of more priority.
public struct Preemption: Hashable, Sendable {
    /// The running task.
    public let victim: String
    /// The agent on which it runs.
    public let agent: String
    /// The waiting task for which it should stop.
    public let by: String
}
