import KubernetesCore

/// One version of one object. Immutable and shared: the map, the history and the watches hold the
/// same one.
///
/// The value carries neither `apiVersion` nor `kind`: they belong to the path it is read through.
final class StoredObject: Sendable {
    /// `namespace/name`, or the name alone.
    let key: String
    let namespace: String
    let name: String
    let uid: String
    let revision: UInt64
    let value: JSONValue
    /// The value as JSON without its opening brace, so that type members can be put before it.
    let tail: [UInt8]

    convenience init(_ value: JSONValue, revision: UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1_024)
        value.write(into: &bytes)
        bytes.removeFirst()
        self.init(value, revision: revision, tail: bytes)
    }

    /// An object whose JSON without its opening brace is known already.
    init(_ value: JSONValue, revision: UInt64, tail: [UInt8]) {
        let metadata = value["metadata"]
        namespace = metadata?["namespace"]?.string ?? ""
        name = metadata?["name"]?.string ?? ""
        uid = metadata?["uid"]?.string ?? ""
        key = StoredObject.key(namespace: namespace, name: name)
        self.revision = revision
        self.value = value
        self.tail = tail
    }

    static func key(namespace: String, name: String) -> String {
        namespace.isEmpty ? name : namespace + "/" + name
    }

    var metadata: JSONValue { value["metadata"] ?? [:] }

    var labels: JSONObject { value["metadata"]?["labels"]?.object ?? [:] }

    var isDeleting: Bool { value["metadata"]?["deletionTimestamp"]?.string != nil }

    var finalizers: [String] {
        (value["metadata"]?["finalizers"]?.array ?? []).compactMap { $0.string }
    }

    var owners: [JSONValue] { value["metadata"]?["ownerReferences"]?.array ?? [] }
}

/// One change: what was there before, and what is there now.
struct Change: Sendable {
    let revision: UInt64
    let resource: GroupResource
    /// Nil where the object was created.
    let old: StoredObject?
    /// Nil where the object was deleted.
    let new: StoredObject?
    /// The deleted object with the revision of its deletion; nil otherwise.
    let removed: StoredObject?

    /// The object that the change is about, in its latest form.
    var object: StoredObject? { new ?? removed }
}
