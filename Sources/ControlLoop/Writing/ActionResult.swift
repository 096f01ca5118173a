public import KubernetesCore

/// What became of one action.
public enum ActionResult: Sendable, Equatable {
    /// Carried out, or found to be so already; without a write in a dry run.
    case done(Write?)
    /// The object is not the one, or not as old, as the action says.
    case stale(ObjectRef)
    /// It was not carried out, or nobody knows.
    case failed(WriteFailure)
    /// Leadership ran out before it could be tried.
    case deposed
}
