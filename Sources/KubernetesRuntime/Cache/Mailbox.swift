import ControlLoop
import KubernetesCore
import Locking

/// What changed since a consumer last looked: each object once, whatever the rate of events, so
/// that it never holds more than there are objects.
final class Mailbox: Sendable {
    private let contents = Mutex(PendingChanges())
    private let signal: Signal

    /// - Parameter signal: raised whenever something is put in.
    init(raising signal: Signal) { self.signal = signal }

    /// Puts changes in, with the picture that already has them.
    func post(_ changes: [AnyChange], in view: ClusterView) {
        contents.withLock { $0.add(changes, in: view) }
        signal.raise()
    }

    /// Takes everything out, in order of kind and key; nil where nothing was put in.
    func take() -> MachineInput? { contents.withLock { $0.take() } }
}
