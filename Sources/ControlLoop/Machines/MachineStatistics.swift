public import KubernetesCore

/// What a machine can tell of its queue, for metrics.
public struct MachineStatistics: Sendable, Equatable {
    /// Keys that wait.
    public var depth = 0
    /// Keys that were added, ever.
    public var adds = 0
    /// Keys that were added again after a failure, ever.
    public var retries = 0
    /// Plans that are being carried out.
    public var inFlight = 0
    /// How often a key was let go although the cache had not shown its writes.
    public var barrierTimeouts = 0
    /// Most plans that are carried out at the same time; 0 where the machine has no such limit.
    public var inFlightMax = 0
    /// How long each key that was taken since the last input had been due.
    public var waits: [Duration] = []
    /// Since when the key that waits longest has been due, while it may be planned; nil where none
    /// is due, or this process must not act.
    public var dueSince: Instant?

    /// Zero everywhere.
    public init() {}
}
