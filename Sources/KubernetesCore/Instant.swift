/// A point in time of a clock that never jumps: nanoseconds since an origin that means nothing
/// outside the process. Deadlines, leases and backoff are measured with it.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's origin.
    public let nanoseconds: Int64

    /// The instant `nanoseconds` after the clock's origin.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The earlier of two instants.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later, held inside the range.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        guard overflow else { return Instant(nanoseconds: sum) }
        return Instant(nanoseconds: duration.nanoseconds < 0 ? .min : .max)
    }

    /// How much later `left` is than `right`.
    public static func - (left: Instant, right: Instant) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(
            right.nanoseconds)
        guard overflow else { return .nanoseconds(difference) }
        return .nanoseconds(left > right ? Int64.max : Int64.min)
    }
}

/// Both clocks, read together: what every machine and reconciler is given for "now".
public struct Moment: Hashable, Sendable {
    /// The clock that never jumps.
    public let instant: Instant
    /// The wall clock.
    public let time: Timestamp

    /// Two readings that belong together.
    public init(instant: Instant, time: Timestamp) {
        self.instant = instant
        self.time = time
    }

    /// What the clock on the wall would have shown when the steady one showed `instant`, had it
    /// always been set as it is now.
    public func time(at instant: Instant) -> Timestamp { time + (instant - self.instant) }

    /// When the steady clock will show what the wall clock shows at `time`.
    public func instant(at time: Timestamp) -> Instant { instant + (time - self.time) }
}
