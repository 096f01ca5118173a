public import KubernetesCore

/// Says which roots have to be looked at again when an object of some kind changes.
public struct Trigger<Root: ClusterObject>: Sendable {
    /// The kind whose changes are mapped.
    public let source: any ClusterObject.Type
    private let map: @Sendable (AnyChange, ClusterView) -> [Key<Root>]

    /// Maps each change of `source` to roots. The change carries the object before and after, so
    /// that a root which lost something hears of it too; the view already has the change in it.
    public init<Source: ClusterObject>(
        on source: Source.Type,
        _ roots: @escaping @Sendable (Change<Source>, ClusterView) -> [Key<Root>]
    ) {
        self.source = source
        map = { change, view in change.of(Source.self).map { roots($0, view) } ?? [] }
    }

    /// The roots that have to be looked at because of `change`; none for changes of other kinds.
    public func roots(of change: AnyChange, in view: ClusterView) -> [Key<Root>] {
        map(change, view)
    }

    /// Changes of objects that a root controls, by their controller reference before and after.
    public static func owned<Source: ClusterObject>(_ source: Source.Type) -> Trigger<Root> {
        Trigger(on: source) { change, _ in
            [change.old, change.new].compactMap { object in
                guard let object, let owner = object.metadata.controller,
                    owner.kind == Root.type.kind, owner.group == Root.type.group
                else { return nil }
                let namespace = Root.type.scope == .cluster ? "" : object.metadata.namespace
                return Key(namespace: namespace, name: owner.name)
            }
        }
    }

    /// Keeps the kind in the cache for `observe` without waking any root.
    public static func none<Source: ClusterObject>(on source: Source.Type) -> Trigger<Root> {
        Trigger(on: source) { _, _ in [] }
    }
}

extension OwnerReference {
    /// The API group inside `apiVersion`; versions may differ while the owner is the same.
    var group: String {
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? String(parts[0]) : ""
    }
}
