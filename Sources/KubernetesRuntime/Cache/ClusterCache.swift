public import ControlLoop
public import KubernetesCore
import Locking

/// Everything that is known of the cluster, and what this process has observed besides. Informers
/// and the gateway put in; controllers and long polls are told.
public actor ClusterCache {
    private struct Subscriber {
        let kinds: Set<ObjectIdentifier>
        let mailbox: Mailbox
    }

    private typealias Sink = @Sendable ([AnyChange], ClusterView) -> Void

    /// The picture as of the last batch.
    public private(set) var view = ClusterView()
    private nonisolated let latest = Mutex(ClusterView())
    private var subscribers: [Subscriber] = []
    private var sinks: [ObjectIdentifier: [Sink]] = [:]

    /// An empty cache.
    public init() {}

    /// The picture as of the last batch, without waiting for the actor.
    public nonisolated var snapshot: ClusterView { latest.withLock { $0 } }

    /// Takes in what the server said, in order and as one batch.
    public func apply<Object: ClusterObject>(_ deltas: [Delta<Object>]) {
        var merged: [Key<Object>: AnyChange] = [:]
        for delta in deltas {
            for change in view.apply(delta) {
                let change = AnyChange(change)
                let key = Key<Object>(
                    namespace: change.object.namespace, name: change.object.name)
                guard let earlier = merged[key] else {
                    merged[key] = change
                    continue
                }
                merged[key] = earlier.followed(by: change)
            }
        }
        let changes = merged.sorted { $0.key < $1.key }.map(\.value)
        tell(ObjectIdentifier(Object.self), changes)
    }

    /// Puts a local observation in, over any earlier one of its kind and key.
    public func publish(_ object: any ClusterObject) {
        if let change = view.publish(object) { tell(ObjectIdentifier(type(of: object)), [change]) }
    }

    /// Takes a local observation out.
    public func retract<Object: ClusterObject>(_ key: Key<Object>) {
        if let change = view.retract(key) { tell(ObjectIdentifier(Object.self), [change]) }
    }

    /// Takes a local observation out, whatever UID the reference carries.
    public func retract(_ object: ObjectRef) {
        guard let change = view.retract(object), let old = change.old else { return }
        tell(ObjectIdentifier(type(of: old)), [change])
    }

    /// Calls `sink` for every batch of changes of one kind, on the cache's own executor and before
    /// anything else happens to the cache: it must be quick. What is there already comes first.
    public func observe<Object: ClusterObject>(
        _ kind: Object.Type, _ sink: @escaping @Sendable ([Change<Object>], ClusterView) -> Void
    ) {
        view.register(kind)
        sinks[ObjectIdentifier(kind), default: []].append { changes, view in
            sink(changes.compactMap { $0.of(Object.self) }, view)
        }
        sink(view.all(kind).map(Change.added), view)
    }

    /// Tells a mailbox of the changes of some kinds; what is there already comes first.
    func subscribe(_ mailbox: Mailbox, to kinds: [any ClusterObject.Type]) {
        var changes: [AnyChange] = []
        for kind in kinds {
            register(kind)
            changes += present(kind)
        }
        subscribers.append(
            Subscriber(kinds: Set(kinds.map { ObjectIdentifier($0) }), mailbox: mailbox))
        mailbox.post(changes, in: view)
    }

    private func register<Object: ClusterObject>(_ kind: Object.Type) { view.register(kind) }

    private func present<Object: ClusterObject>(_ kind: Object.Type) -> [AnyChange] {
        view.all(kind).map { AnyChange(Change.added($0)) }
    }

    /// Tells everyone. Subscribers hear of every batch of their kinds, even without changes: it may
    /// have made the kind complete or moved its version on.
    private func tell(_ kind: ObjectIdentifier, _ changes: [AnyChange]) {
        let view = view
        latest.withLock { $0 = view }
        if !changes.isEmpty {
            for sink in sinks[kind] ?? [] { sink(changes, view) }
        }
        for subscriber in subscribers where subscriber.kinds.contains(kind) {
            subscriber.mailbox.post(changes, in: view)
        }
    }
}
