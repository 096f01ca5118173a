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

    /// Zero everywhere.
    public init() {}
}
