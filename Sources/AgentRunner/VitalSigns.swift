import KubernetesCore
import Locking

/// The runner's vitals, written by its main loop and read by whoever answers probes: a loop that
/// hangs cannot answer itself.
final class VitalSigns: Sendable {
    private let vitals: Mutex<RunnerVitals>

    /// Signs of a runner that begins now.
    init(at now: Instant) { vitals = Mutex(RunnerVitals(progressAt: now)) }

    /// The vitals now.
    var now: RunnerVitals { vitals.withLock { $0 } }

    /// Notes that the main loop has done something.
    func note(at now: Instant, isDraining: Bool, hasAnswer: Bool) {
        vitals.withLock { vitals in
            vitals.progressAt = now
            vitals.isDraining = isDraining
            vitals.isRegistered = vitals.isRegistered || hasAnswer
        }
    }
}
