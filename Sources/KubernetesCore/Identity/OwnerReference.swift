/// Who an object belongs to. Ownership is the UID; kind and name only help people.
public struct OwnerReference: Hashable, Sendable {
    /// Group and version of the owner, as in `swiftlet.dev/v1alpha1`.
    public let apiVersion: String
    /// Kind of the owner.
    public let kind: String
    /// Name of the owner.
    public let name: String
    /// Identity of the owner.
    public let uid: UID
    /// Whether this owner is the one that manages the object.
    public let isController: Bool
    /// Whether the owner's foreground deletion waits for the object.
    public let blocksOwnerDeletion: Bool

    /// An owner by all its fields.
    public init(
        apiVersion: String, kind: String, name: String, uid: UID, isController: Bool = true,
        blocksOwnerDeletion: Bool = true
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
        self.blocksOwnerDeletion = blocksOwnerDeletion
    }

    /// Reads an element of `metadata.ownerReferences`.
    public init(reading node: JSONNode) throws(JSONError) {
        apiVersion = try node.required("apiVersion").string()
        kind = try node.required("kind").string()
        name = try node.required("name").string()
        uid = UID(try node.required("uid").string())
        isController = try node["controller"]?.bool() ?? false
        blocksOwnerDeletion = try node["blockOwnerDeletion"]?.bool() ?? false
    }

    /// This reference as an element of `metadata.ownerReferences`.
    public var json: JSONValue {
        [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
            "uid": .string(uid.text), "controller": .bool(isController),
            "blockOwnerDeletion": .bool(blocksOwnerDeletion),
        ]
    }
}
