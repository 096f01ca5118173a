import KubernetesCore
import KubernetesRuntime

/// The clocks of this machine.
enum SystemTime {
    /// Both clocks, now.
    static var moment: Moment { KubernetesRuntime.SystemTime().now }

    /// The wall clock, now.
    static var now: Timestamp { moment.time }
}
