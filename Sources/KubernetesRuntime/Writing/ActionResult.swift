import ControlLoop
import KubernetesCore

/// What became of one action.
enum ActionResult: Sendable, Equatable {
    /// Carried out, or found to be so already; without a write in a dry run.
    case done(Write?)
    /// The object is not the one, or not as old, as the action says.
    case stale(ObjectRef)
    case failed(WriteFailure)
    case deposed
}
