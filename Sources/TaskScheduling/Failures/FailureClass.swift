/// What kind of failure it was; decides what is done about it.
public enum FailureClass: String, CaseIterable, Hashable, Sendable {
    /// The agent's surroundings did not work: a missing program, an unreachable service.
    case environment
    /// It ran for longer than it may.
    case timeout
    /// It needed more than it had: memory, disk, descriptors, requests to a service.
    case resource
    /// Going on could do harm: damaged data, a breach.
    case critical
    /// The work itself failed.
    case application
    /// The agent was lost: evicted, deleted, its node gone, silent. Not the task's fault.
    case infrastructure
    /// It has taken down so many agents that it is held to be the cause.
    case poison
}
