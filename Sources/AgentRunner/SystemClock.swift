import Glibc
import KubernetesCore

/// Both clocks of the machine.
enum SystemClock {
    /// Now.
    static var now: Moment {
        Moment(
            instant: Instant(nanoseconds: read(CLOCK_MONOTONIC)),
            time: Timestamp(nanoseconds: read(CLOCK_REALTIME)))
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
