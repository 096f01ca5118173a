import Glibc
import KubernetesCore

/// The machine's wall clock, read in one place.
enum WallClock {
    /// The time now.
    static var time: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }
}
