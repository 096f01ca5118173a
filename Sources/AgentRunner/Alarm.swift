import Dispatch
import KubernetesCore

/// Calls at a time that can be changed until it has come.
final class Alarm {
    private let timer: any DispatchSourceTimer

    /// An alarm that calls `ring`, on a thread of its own.
    init(_ ring: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler(handler: ring)
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Rings at `deadline` instead of whenever it would have; nil never.
    func set(_ deadline: Instant?, at now: Instant) {
        guard let deadline else { return timer.schedule(deadline: .distantFuture) }
        let pause = max(1_000_000, (deadline - now).nanoseconds)
        timer.schedule(deadline: .now() + .nanoseconds(Int(clamping: pause)))
    }
}
