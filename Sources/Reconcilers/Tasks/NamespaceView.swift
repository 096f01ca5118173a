public import KubernetesCore

/// What Swiftlet reads of a namespace: its metadata.
public struct NamespaceView: KubeObject {
    /// `v1` Namespace.
    public static let type = ResourceType.namespace
    /// The namespace's metadata.
    public var metadata: ObjectMeta

    /// A namespace by its metadata. For tests and models.
    public init(metadata: ObjectMeta) { self.metadata = metadata }

    /// Reads a namespace.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
    }
}
