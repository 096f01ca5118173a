/// Names one object of one kind. The phantom type keeps a task's key from fetching a pod.
public struct Key<Object: ClusterObject>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The namespace; empty for kinds of cluster scope.
    public let namespace: String
    /// The name: no other object of the kind has it in the namespace at the same time.
    public let name: String

    /// The object `name` in `namespace`.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the name alone for kinds of cluster scope.
    public var description: String { namespace.isEmpty ? name : namespace + "/" + name }

    /// By namespace, then name.
    public static func < (left: Key, right: Key) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}
