/// How long to wait after the n-th failure in a row: exponential, with a share of it random.
public struct Backoff: Sendable, Equatable {
    /// The wait after the first failure, before jitter.
    public var initial: Duration
    /// What each further failure multiplies it by.
    public var factor: Double
    /// The longest wait, before jitter.
    public var longest: Duration
    /// How much may come on top, as a share of the wait.
    public var jitter: Double

    /// A backoff by all its fields.
    public init(
        initial: Duration, factor: Double = 2, longest: Duration, jitter: Double = 0.5
    ) {
        self.initial = initial
        self.factor = factor
        self.longest = longest
        self.jitter = jitter
    }

    /// The wait after the `failures`-th failure in a row (1 is the first); none before it.
    public func delay(
        after failures: Int, using generator: inout SeededGenerator
    ) -> Duration {
        guard failures > 0 else { return .zero }
        var seconds = initial.secondsValue
        let limit = longest.secondsValue
        for _ in 1..<min(failures, 64) where seconds < limit { seconds *= factor }
        let base = min(seconds, limit)
        return .nanoseconds(Int64(base * (1 + jitter * generator.fraction()) * 1e9))
    }
}

extension Duration {
    /// This duration in seconds, held inside what nanoseconds in Int64 can say.
    fileprivate var secondsValue: Double {
        let (seconds, attoseconds) = components
        return max(0, min(9e9, Double(seconds) + Double(attoseconds) / 1e18))
    }
}
