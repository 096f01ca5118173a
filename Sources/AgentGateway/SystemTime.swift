import FoundationEssentials
import KubernetesCore

/// The wall clock.
enum SystemTime {
    /// Now, to the microsecond.
    static var now: Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) &* 1_000)
    }
}
