import HashTreeCollections
public import KubernetesCore

/// Everything known about one kind. A value: a snapshot costs O(1), a change O(log n), because
/// snapshots share structure. Every answer with several objects is in ascending order of keys.
public struct Store<Object: ClusterObject>: Sendable {
    /// Objects are wide structs; a box keeps the copying of tree nodes cheap.
    private final class Stored: Sendable {
        let object: Object
        init(_ object: Object) { self.object = object }
    }

    private typealias Entries = TreeDictionary<String, TreeSet<Key<Object>>>

    private var objects: TreeDictionary<Key<Object>, Stored> = [:]
    private var entries: [String: Entries] = [:]
    private let indexes: [Index<Object>]

    /// The version up to which the server's history is in here.
    public private(set) var version: ResourceVersion = .unknown
    /// Whether a complete picture has been seen. Until then absence means nothing.
    public private(set) var isSynced = false

    /// An empty store with the kind's declared indexes.
    public init() {
        indexes = Store.declaredIndexes
        for index in indexes { entries[index.name] = [:] }
    }

    /// How many objects there are.
    public var count: Int { objects.count }

    /// Whether there are no objects.
    public var isEmpty: Bool { objects.isEmpty }

    /// All objects; O(n log n).
    public var all: [Object] { sorted(Array(objects.values.map(\.object))) }

    /// The object under a key.
    public subscript(_ key: Key<Object>) -> Object? { objects[key]?.object }

    /// The objects that `index` finds under `value`. Where the kind does not declare the index, all
    /// objects are searched.
    public func select(_ index: Index<Object>, _ value: String) -> [Object] {
        guard entries[index.name] != nil else {
            return sorted(
                objects.values.lazy.map(\.object).filter { index.values($0).contains(value) })
        }
        return select(index.name, value)
    }

    /// The objects that the declared index of this name finds under `value`.
    public func select(_ index: String, _ value: String) -> [Object] {
        guard let found = entries[index] else {
            preconditionFailure("\(Object.type.kind) declares no index named \(index)")
        }
        guard let keys = found[value] else { return [] }
        return keys.sorted().compactMap { objects[$0]?.object }
    }

    /// How many objects the index finds under `value`; O(1) for a declared index.
    public func count(_ index: Index<Object>, _ value: String) -> Int {
        guard let found = entries[index.name] else { return select(index, value).count }
        return found[value]?.count ?? 0
    }

    /// The texts under which the declared index finds anything, sorted.
    public func values(of index: Index<Object>) -> [String] {
        (entries[index.name].map { Array($0.keys) } ?? []).sorted()
    }

    /// Takes a delta in and returns what changed, in order of keys. A change that is older than
    /// what the store has seen is a replay and changes nothing; a complete picture always counts.
    public mutating func apply(_ delta: Delta<Object>) -> [Change<Object>] {
        switch delta {
        case .replace(let list, let kept, let at): return replace(list, keeping: kept, at: at)
        case .upsert(let object, let at):
            guard advance(to: at) else { return [] }
            return put(object).map { [$0] } ?? []
        case .remove(let key, let at):
            guard advance(to: at) else { return [] }
            return take(key).map { [$0] } ?? []
        case .progress(let at):
            _ = advance(to: at)
            return []
        }
    }

    private mutating func replace(
        _ list: [Object], keeping kept: [Key<Object>], at: ResourceVersion
    ) -> [Change<Object>] {
        var changes: [Change<Object>] = []
        let named = Set(list.lazy.map(\.key)).union(kept)
        for key in objects.keys.filter({ !named.contains($0) }) {
            if let change = take(key) { changes.append(change) }
        }
        for object in list {
            if let change = put(object) { changes.append(change) }
        }
        version = at
        isSynced = true
        return changes.sorted { $0.key < $1.key }
    }

    /// Moves the version on; false where `at` is known to lie behind it. An unknown version, which
    /// local observations have, neither moves it nor is held against it.
    private mutating func advance(to at: ResourceVersion) -> Bool {
        guard at != .unknown else { return true }
        if version == .unknown {
            version = at
            return true
        }
        switch at.hasReached(version) {
        case true:
            version = at
            return true
        case false: return false
        case nil:
            version = at
            return true
        }
    }

    private mutating func put(_ object: Object) -> Change<Object>? {
        let key = object.key
        let old = objects[key]?.object
        guard old != object else { return nil }
        objects[key] = Stored(object)
        for index in indexes {
            let before = Set(old.map(index.values) ?? [])
            let after = Set(index.values(object))
            guard before != after else { continue }
            for value in before.subtracting(after) { unlink(key, from: value, in: index.name) }
            for value in after.subtracting(before) {
                entries[index.name, default: [:]][value, default: []].insert(key)
            }
        }
        return Change(old: old, new: object)
    }

    private mutating func take(_ key: Key<Object>) -> Change<Object>? {
        guard let old = objects.removeValue(forKey: key)?.object else { return nil }
        for index in indexes {
            for value in Set(index.values(old)) { unlink(key, from: value, in: index.name) }
        }
        return .removed(old)
    }

    private mutating func unlink(_ key: Key<Object>, from value: String, in index: String) {
        entries[index]?[value]?.remove(key)
        if entries[index]?[value]?.isEmpty == true { entries[index]?[value] = nil }
    }

    private func sorted(_ list: some Sequence<Object>) -> [Object] {
        list.map { ($0.key, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static var declaredIndexes: [Index<Object>] {
        func declared<Indexed: IndexedObject>(_: Indexed.Type) -> [Index<Object>] {
            Indexed.indexes as? [Index<Object>] ?? []
        }
        let own = (Object.self as? any IndexedObject.Type).map { declared($0) } ?? []
        return [.byController] + own
    }
}

/// A store without its static type: what a view of all kinds holds.
protocol AnyStore: Sendable {
    var type: ResourceType { get }
    var version: ResourceVersion { get }
    var isSynced: Bool { get }
    func metadata(of object: ObjectRef) -> ObjectMeta?
    mutating func retract(_ object: ObjectRef) -> AnyChange?
}

extension Store: AnyStore {
    var type: ResourceType { Object.type }

    func metadata(of object: ObjectRef) -> ObjectMeta? {
        self[Key(namespace: object.namespace, name: object.name)]?.metadata
    }

    mutating func retract(_ object: ObjectRef) -> AnyChange? {
        let key = Key<Object>(namespace: object.namespace, name: object.name)
        return take(key).map(AnyChange.init)
    }
}
