import KubernetesCore

/// What changed since a consumer last looked: each object once, whatever the rate of events, so
/// that there is never more than there are objects.
public struct PendingChanges: Sendable {
    private var changes: [ObjectRef: AnyChange] = [:]
    private var view: ClusterView?

    /// Nothing.
    public init() {}

    /// Adds changes, with the picture that already has them. Changes that come to nothing together
    /// are dropped.
    public mutating func add(_ changes: [AnyChange], in view: ClusterView) {
        for change in changes {
            guard let earlier = self.changes[change.object] else {
                self.changes[change.object] = change
                continue
            }
            self.changes[change.object] = earlier.followed(by: change)
        }
        self.view = view
    }

    /// Takes everything out, in order of kind and key; nil where nothing was added.
    public mutating func take() -> MachineInput? {
        guard let view else { return nil }
        let taken = changes.values.sorted {
            ($0.type, $0.object.namespace, $0.object.name)
                < ($1.type, $1.object.namespace, $1.object.name)
        }
        changes = [:]
        self.view = nil
        return .changed(taken, in: view)
    }
}
