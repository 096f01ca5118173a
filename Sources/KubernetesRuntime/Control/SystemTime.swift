import Glibc
public import KubernetesCore

/// The system's clocks. The steady one goes on while the machine sleeps, so that a lease or a
/// deadline that passed meanwhile is seen to have passed.
public struct SystemTime: TimeSource {
    /// The system's clocks.
    public init() {}

    /// Both clocks, now.
    public var now: Moment {
        Moment(
            instant: Instant(nanoseconds: SystemTime.read(CLOCK_BOOTTIME)),
            time: Timestamp(nanoseconds: SystemTime.read(CLOCK_REALTIME)))
    }

    /// Returns when the steady clock shows `instant`, or when the surrounding work is cancelled.
    public func sleep(until instant: Instant) async {
        while !Task.isCancelled {
            let rest = instant - now.instant
            guard rest > .zero else { return }
            // Cancellation is how a sleep is ended early; it is no error here.
            try? await Task.sleep(for: rest, tolerance: .microseconds(100))
        }
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
