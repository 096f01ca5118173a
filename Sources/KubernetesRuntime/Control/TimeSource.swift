public import KubernetesCore

/// Where the edge gets the time from, and how it waits. Tests bring their own.
public protocol TimeSource: Sendable {
    /// Both clocks, now.
    var now: Moment { get }
    /// Returns when the steady clock shows `instant`, or when the surrounding work is cancelled.
    func sleep(until instant: Instant) async
}
