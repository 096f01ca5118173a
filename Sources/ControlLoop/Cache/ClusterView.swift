public import KubernetesCore

/// One picture of everything in the cache: immutable, cheap to copy, safe to keep.
///
/// Each kind shows some past state of that kind; different kinds may stand at different times.
/// Plans have to be safe under that.
public struct ClusterView: Sendable {
    private var stores: [ObjectIdentifier: any AnyStore] = [:]
    private let assumesSynced: Bool

    /// A picture of nothing, in which no kind has been seen yet.
    public init() { assumesSynced = false }

    private init(assumesSynced: Bool) { self.assumesSynced = assumesSynced }

    /// A picture of exactly these objects, in which every kind counts as seen. For tests and
    /// models.
    public static func of(_ objects: [any ClusterObject]) -> ClusterView {
        var view = ClusterView(assumesSynced: true)
        for object in objects { view.publish(object) }
        return view
    }

    /// Everything known about a kind.
    public func store<Object: ClusterObject>(_: Object.Type) -> Store<Object> {
        stores[ObjectIdentifier(Object.self)] as? Store<Object> ?? Store()
    }

    /// The object under a key.
    public subscript<Object: ClusterObject>(_ key: Key<Object>) -> Object? {
        (stores[ObjectIdentifier(Object.self)] as? Store<Object>)?[key]
    }

    /// All objects of a kind, in order of keys.
    public func all<Object: ClusterObject>(_ type: Object.Type) -> [Object] { store(type).all }

    /// The objects that an index finds under `value`, in order of keys.
    public func select<Object: ClusterObject>(
        _ index: Index<Object>, _ value: String
    ) -> [Object] {
        store(Object.self).select(index, value)
    }

    /// The objects of a kind that its declared index of this name finds under `value`.
    public func select<Object: ClusterObject>(
        _ type: Object.Type, _ index: String, _ value: String
    ) -> [Object] {
        store(type).select(index, value)
    }

    /// The objects of a kind whose controller has this UID, in order of keys.
    public func owned<Object: ClusterObject>(_ type: Object.Type, by owner: UID) -> [Object] {
        store(type).select(.byController, owner.text)
    }

    /// Whether a complete picture of the kind has been seen. Until then absence means nothing.
    /// Where several projections of a kind are kept, all of them must have been seen.
    public func isSynced(_ type: ResourceType) -> Bool {
        if assumesSynced { return true }
        let kept = stores.values.filter { $0.type == type }
        return !kept.isEmpty && kept.allSatisfy(\.isSynced)
    }

    /// Whether the kind has a store here: whether it is watched at all.
    public func knows(_ type: ResourceType) -> Bool {
        stores.values.contains { $0.type == type }
    }

    /// The version up to which the kind's history is in here; unknown where nothing has been seen,
    /// and where several projections of the kind are kept: each has a history of its own.
    public func version(of type: ResourceType) -> ResourceVersion {
        let kept = stores.values.filter { $0.type == type }
        return kept.count == 1 ? kept.first?.version ?? .unknown : .unknown
    }

    /// The metadata under which the cache knows an object, whatever UID the reference names.
    public func metadata(of object: ObjectRef) -> ObjectMeta? {
        for store in stores.values where store.type == object.type {
            if let found = store.metadata(of: object) { return found }
        }
        return nil
    }

    /// Takes a delta of one kind in and returns what changed, in order of keys.
    public mutating func apply<Object: ClusterObject>(
        _ delta: Delta<Object>
    ) -> [Change<Object>] {
        let id = ObjectIdentifier(Object.self)
        var store = stores.removeValue(forKey: id) as? Store<Object> ?? Store()
        let changes = store.apply(delta)
        stores[id] = store
        return changes
    }

    /// Puts one object in, over any earlier one of its kind and key; nil where nothing changed.
    @discardableResult
    public mutating func publish<Object: ClusterObject>(_ object: Object) -> AnyChange? {
        apply(.upsert(object, at: .unknown)).first.map(AnyChange.init)
    }

    /// Takes one object out; nil where it was not there.
    @discardableResult
    public mutating func retract<Object: ClusterObject>(_ key: Key<Object>) -> AnyChange? {
        apply(.remove(key, at: .unknown)).first.map(AnyChange.init)
    }

    /// Takes out the object that a reference names, whatever UID it carries; nil where it was not
    /// there.
    @discardableResult
    public mutating func retract(_ object: ObjectRef) -> AnyChange? {
        for (id, store) in stores where store.type == object.type {
            var store = store
            guard let change = store.retract(object) else { continue }
            stores[id] = store
            return change
        }
        return nil
    }

    /// Makes room for a kind, so that it is known by its name before its first object.
    public mutating func register<Object: ClusterObject>(_ type: Object.Type) {
        let id = ObjectIdentifier(type)
        if stores[id] == nil { stores[id] = Store<Object>() }
    }
}
