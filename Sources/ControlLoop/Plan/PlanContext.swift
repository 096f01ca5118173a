public import KubernetesCore

/// What a decision may depend on besides the observed world.
public struct PlanContext: Sendable, Equatable {
    /// Both clocks, now.
    public let now: Moment
    /// When this process started, by the wall clock: nothing that lives only in memory is older.
    public let startedAt: Timestamp
    /// Randomness that stays the same for one root object as long as the process lives.
    public let seed: UInt64
    /// Why the last plan for this root was refused, until one succeeds. For reporting in the
    /// status; retries and backoff are the machine's.
    public let lastFailure: WriteFailure?
    /// How the clock on the wall was set since the process started, oldest first; the last few.
    public let clockSteps: [ClockStep]

    /// A context by all its fields.
    public init(
        now: Moment, startedAt: Timestamp, seed: UInt64 = 0, lastFailure: WriteFailure? = nil,
        clockSteps: [ClockStep] = []
    ) {
        self.now = now
        self.startedAt = startedAt
        self.seed = seed
        self.lastFailure = lastFailure
        self.clockSteps = clockSteps
    }
}
