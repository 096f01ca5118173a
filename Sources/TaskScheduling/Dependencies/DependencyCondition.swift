/// What a task waits for in another.
public enum DependencyCondition: String, CaseIterable, Hashable, Sendable {
    /// That it has succeeded.
    case succeeded = "Succeeded"
    /// That it has failed.
    case failed = "Failed"
    /// That it has ended, however.
    case finished = "Finished"
}

/// How a task stands that another waits for.
public enum DependencyState: Hashable, Sendable {
    /// There is none of that name.
    case missing
    /// It has not ended.
    case unfinished
    /// It has succeeded.
    case succeeded
    /// It has failed.
    case failed
    /// It was cancelled.
    case cancelled
}
