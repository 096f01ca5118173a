import KubernetesCore

/// All objects and the recent past: one counter of revisions, a sorted map for each resource, and a
/// bounded history from which watches are fed and old lists are restored.
struct ObjectStore: Sendable {
    private(set) var revision: UInt64
    private(set) var collections: [GroupResource: SortedMap<StoredObject>] = [:]
    private(set) var history = Backlog<Change>()
    /// The revision before the first change of the history: what is older cannot be told.
    private(set) var compacted: UInt64
    private var historyMax: Int
    /// Changes since the controllers last looked.
    private var unseen: [Change] = []
    /// Changes since the watches were last fed.
    private var unsent: [Change] = []
    /// Whether changes are kept for a journal.
    var isJournaled = false
    /// Changes since the journal was last fed; none where there is no journal.
    private var unwritten: [Change] = []

    init(firstRevision: UInt64, historyMax: Int) {
        revision = firstRevision
        compacted = firstRevision
        self.historyMax = max(1, historyMax)
    }

    /// Keeps so many changes from the next one on.
    mutating func limitHistory(to count: Int) { historyMax = max(1, count) }

    func object(_ resource: GroupResource, _ namespace: String, _ name: String) -> StoredObject? {
        collections[resource]?[StoredObject.key(namespace: namespace, name: name)]
    }

    /// The objects of a resource in order; of one namespace where one is given.
    func objects(_ resource: GroupResource, namespace: String = "") -> [StoredObject] {
        guard let collection = collections[resource] else { return [] }
        guard !namespace.isEmpty else { return collection.values }
        var found: [StoredObject] = []
        collection.forEach(prefix: namespace + "/") { _, object in
            found.append(object)
            return true
        }
        return found
    }

    func count(_ resource: GroupResource) -> Int { collections[resource]?.count ?? 0 }

    /// Resources that have at least one object, in order.
    var resources: [GroupResource] {
        collections.filter { $0.value.count > 0 }.keys.sorted()
    }

    /// Stores `value` as the next version of its object and returns it.
    @discardableResult
    mutating func put(_ value: JSONValue, in resource: GroupResource) -> StoredObject {
        revision += 1
        let object = ObjectStore.stamped(value, revision)
        let old = collections[resource]?[object.key]
        collections[resource, default: SortedMap()][object.key] = object
        record(
            Change(revision: revision, resource: resource, old: old, new: object, removed: nil))
        return object
    }

    /// Takes an object out; its last form gets the revision of the deletion.
    @discardableResult
    mutating func remove(_ object: StoredObject, from resource: GroupResource) -> StoredObject {
        revision += 1
        let removed = ObjectStore.stamped(object.value, revision)
        collections[resource]?[object.key] = nil
        record(
            Change(
                revision: revision, resource: resource, old: object, new: nil, removed: removed))
        return removed
    }

    static func stamped(_ value: JSONValue, _ revision: UInt64) -> StoredObject {
        var stamped = value
        stamped[path: ["metadata", "resourceVersion"]] = .string(String(revision))
        return StoredObject(stamped, revision: revision)
    }

    /// Puts an object where it belongs, or takes it out, and nothing else.
    mutating func place(_ object: StoredObject?, at key: String, in resource: GroupResource) {
        collections[resource, default: SortedMap()][key] = object
    }

    /// Makes a change part of the history, and nothing else.
    mutating func remember(_ change: Change) {
        revision = change.revision
        history.append(change)
        trim()
    }

    private mutating func record(_ change: Change) {
        history.append(change)
        unseen.append(change)
        unsent.append(change)
        if isJournaled { unwritten.append(change) }
        trim()
    }

    private mutating func trim() {
        while history.count > historyMax, let first = history.popFirst() {
            compacted = first.revision
        }
    }

    /// Takes the changes since the last call.
    mutating func takeUnseen() -> [Change] {
        defer { unseen = [] }
        return unseen
    }

    var hasUnseen: Bool { !unseen.isEmpty }

    /// Takes the changes that the watches have not been fed.
    mutating func takeUnsent() -> [Change] {
        defer { unsent = [] }
        return unsent
    }

    /// Takes the changes that the journal has not been fed.
    mutating func takeUnwritten() -> [Change] {
        guard !unwritten.isEmpty else { return [] }
        defer { unwritten = [] }
        return unwritten
    }

    /// Position in the history of the first change after `revision`.
    func historyIndex(after revision: UInt64) -> Int {
        var low = 0
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The objects of a resource as they were at `revision`, in order; nil where the history does
    /// not reach back that far.
    func objects(
        _ resource: GroupResource, namespace: String, at past: UInt64
    ) -> [StoredObject]? {
        guard past >= compacted else { return nil }
        guard past < revision else { return objects(resource, namespace: namespace) }
        var map = collections[resource] ?? SortedMap()
        for index in (historyIndex(after: past)..<history.count).reversed() {
            let change = history[index]
            guard change.resource == resource, let object = change.object else { continue }
            map[object.key] = change.old
        }
        guard !namespace.isEmpty else { return map.values }
        return map.values.filter { $0.namespace == namespace }
    }
}
