import ControlLoop
import KubernetesCore
import Synchronization

/// What changed since a consumer last looked: each object once, whatever the rate of events, so
/// that it never holds more than there are objects.
final class Mailbox: Sendable {
    private struct Contents {
        var changes: [ObjectRef: AnyChange] = [:]
        var view: ClusterView?
    }

    private let contents = Mutex(Contents())
    private let signal: Signal

    /// - Parameter signal: raised whenever something is put in.
    init(raising signal: Signal) { self.signal = signal }

    /// Puts changes in, with the picture that already has them.
    func post(_ changes: [AnyChange], in view: ClusterView) {
        contents.withLock { contents in
            for change in changes {
                guard let earlier = contents.changes[change.object] else {
                    contents.changes[change.object] = change
                    continue
                }
                contents.changes[change.object] = earlier.followed(by: change)
            }
            contents.view = view
        }
        signal.raise()
    }

    /// Takes everything out, in order of kind and key; nil where nothing was put in.
    func take() -> MachineInput? {
        let taken = contents.withLock { contents in
            defer { contents = Contents() }
            return contents
        }
        guard let view = taken.view else { return nil }
        let changes = taken.changes.values.sorted {
            ($0.type, $0.object.namespace, $0.object.name)
                < ($1.type, $1.object.namespace, $1.object.name)
        }
        return .changed(changes, in: view)
    }
}
