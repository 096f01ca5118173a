/// How long to wait before the n-th retry: a random time up to a limit that grows with n.
///
/// Full jitter: the whole span is used, so that tasks which failed together do not come back
/// together.
public struct BackoffPolicy: Hashable, Sendable {
    /// The limit before the first retry.
    public let initial: Duration
    /// By how much the limit grows with each retry; at least 1.
    public let factor: Double
    /// What the limit never exceeds.
    public let most: Duration

    /// A policy; negative times count as 0, a factor below 1 as 1.
    public init(
        initial: Duration = .seconds(10), factor: Double = 2, most: Duration = .seconds(300)
    ) {
        self.initial = max(.zero, initial)
        self.factor = factor.isFinite ? max(1, factor) : 1
        self.most = max(.zero, most)
    }

    /// The limit before retry number `retry`, counted from 0: initial · factorⁿ, at most `most`.
    public func limit(beforeRetry retry: Int) -> Duration {
        let steps = min(max(0, retry), 64)
        var seconds = Self.seconds(initial)
        let ceiling = Self.seconds(most)
        for _ in 0..<steps where seconds < ceiling { seconds *= factor }
        return .milliseconds(Int64(min(seconds, ceiling) * 1_000))
    }

    /// The wait before retry number `retry`, counted from 0; the same for the same seed.
    public func delay(beforeRetry retry: Int, seed: UInt64) -> Duration {
        let limit = Self.seconds(limit(beforeRetry: retry))
        return .milliseconds(Int64(limit * StableHash.fraction(seed) * 1_000))
    }

    private static func seconds(_ duration: Duration) -> Double {
        min(
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18,
            1e9)
    }
}
