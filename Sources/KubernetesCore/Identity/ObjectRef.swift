/// One object of any kind: what writes, events and error messages point at.
public struct ObjectRef: Hashable, Sendable, CustomStringConvertible {
    /// The object's kind.
    public let type: ResourceType
    /// Its namespace; empty for kinds of cluster scope.
    public let namespace: String
    /// Its name, which an object of another identity may have had before or have later.
    public let name: String
    /// Its identity; nil where it does not exist yet.
    public let uid: UID?

    /// An object by kind and name.
    public init(type: ResourceType, namespace: String, name: String, uid: UID? = nil) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }

    /// `Kind namespace/name`.
    public var description: String {
        type.kind + " " + (namespace.isEmpty ? name : namespace + "/" + name)
    }

    /// The path of the object, or of one of its subresources.
    public func path(subresource: String? = nil) -> String {
        type.objectPath(namespace: namespace, name: name, subresource: subresource)
    }
}
