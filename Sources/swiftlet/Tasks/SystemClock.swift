import FoundationEssentials
import KubernetesCore

/// The clock on the wall.
enum SystemClock {
    /// What it shows.
    static var now: Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000)
    }
}
