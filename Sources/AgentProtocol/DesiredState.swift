/// What the gateway wants of an attempt.
public enum DesiredState: String, Hashable, Sendable, CaseIterable {
    /// It runs.
    case run
    /// It ends now and never goes on: SIGTERM, grace, SIGKILL.
    case cancel
    /// It saves its state and ends, to go on elsewhere: SIGTERM, grace, SIGKILL, then what lies in
    /// the checkpoint folder is committed.
    case checkpointAndStop
}
