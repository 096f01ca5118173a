/// What kind of failure ended an attempt; it decides what is done about it.
public enum TaskFailureClass: String, Hashable, Sendable, CaseIterable {
    /// The surroundings of the attempt were broken: a missing tool, a full disk, no network.
    case environment = "Environment"
    /// The attempt ran longer than it may.
    case timeout = "Timeout"
    /// The attempt needed more memory or storage than it had.
    case resource = "Resource"
    /// A failure that a person must look at.
    case critical = "Critical"
    /// The work itself failed.
    case application = "Application"
    /// The agent, its pod or its node was lost; uses up no retry.
    case infrastructure = "Infrastructure"
    /// The task took down several agents.
    case poison = "Poison"
}
