import KubernetesCore

/// A point on the simulation's own axis of time: nanoseconds since its begin. No clock of the
/// cluster shows it; each shows something of its own (`SimulatedClock`).
public struct SimulatedTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the begin.
    public let nanoseconds: Int64

    /// The time so many nanoseconds after the begin.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The begin.
    public static let zero = SimulatedTime(nanoseconds: 0)

    /// The earlier of two times.
    public static func < (left: SimulatedTime, right: SimulatedTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time `duration` later.
    public static func + (time: SimulatedTime, duration: Duration) -> SimulatedTime {
        let sum = Instant(nanoseconds: time.nanoseconds) + duration
        return SimulatedTime(nanoseconds: sum.nanoseconds)
    }

    /// How much later `left` is than `right`.
    public static func - (left: SimulatedTime, right: SimulatedTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    /// Seconds with three places.
    public var description: String {
        let milliseconds = nanoseconds / 1_000_000
        let rest = String(1_000 + milliseconds % 1_000).dropFirst()
        return "\(milliseconds / 1_000).\(rest)s"
    }
}
