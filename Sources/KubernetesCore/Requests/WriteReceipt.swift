/// Which object a write has made or changed, and to what version.
public struct WriteReceipt: Hashable, Sendable {
    /// The object's namespace; empty for kinds of cluster scope.
    public let namespace: String
    /// The object's name, also where the server has chosen it.
    public let name: String
    /// The object's identity; empty where the server did not say.
    public let uid: UID
    /// The version that the write reached; unknown where the object is gone at once.
    public let resourceVersion: ResourceVersion
    /// Whether the object lives on for a while because its deletion waits for something.
    public let isDeleting: Bool

    /// A receipt by all its parts.
    public init(
        namespace: String, name: String, uid: UID, resourceVersion: ResourceVersion,
        isDeleting: Bool = false
    ) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.isDeleting = isDeleting
    }

    /// Reads the answer to a write: the object, or the `Status` with which deletions may be
    /// answered.
    public init(reading node: JSONNode) throws(JSONError) {
        if try node["kind"]?.string() == "Status" {
            let details = node["details"]
            self.init(
                namespace: "", name: try details?["name"]?.string() ?? "",
                uid: UID(try details?["uid"]?.string() ?? ""), resourceVersion: .unknown)
            return
        }
        let metadata = try node.required("metadata")
        self.init(
            namespace: try metadata["namespace"]?.string() ?? "",
            name: try metadata["name"]?.string() ?? "",
            uid: UID(try metadata["uid"]?.string() ?? ""),
            resourceVersion: ResourceVersion(try metadata["resourceVersion"]?.string() ?? ""),
            isDeleting: metadata["deletionTimestamp"] != nil)
    }
}
