public import Logging

/// Names one decision: from the plan to the last of its requests, everything that is logged about
/// it carries this id, so that one search finds it all.
public enum ReconcileID {
    /// The decision that the current work carries out; nil outside of any.
    @TaskLocal static var current: String?

    /// The name of the member in the log.
    static let key = "reconcile_id"

    /// Adds the id to every message of the work that carries a decision out.
    public static let provider = Logger.MetadataProvider {
        current.map { [key: "\($0)"] } ?? [:]
    }
}
