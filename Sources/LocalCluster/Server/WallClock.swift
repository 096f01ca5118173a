import FoundationEssentials
import KubernetesCore

/// The machine's wall clock, read in one place.
enum WallClock {
    /// The time now, to a microsecond.
    static var time: Timestamp {
        // Not by `clock_gettime`: whose header `timespec` counts as depends on what else the
        // compiler has read before this file.
        Timestamp(nanoseconds: Int64(Date.now.timeIntervalSince1970 * 1e6) * 1_000)
    }
}
