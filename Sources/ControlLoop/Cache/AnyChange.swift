public import KubernetesCore

/// A change of an object of any kind.
public struct AnyChange: Sendable {
    /// The object before; nil where it appeared.
    public let old: (any ClusterObject)?
    /// The object after; nil where it went.
    public let new: (any ClusterObject)?
    /// The object's kind, namespace and name, without a UID.
    public let object: ObjectRef

    /// The change without its static type.
    public init<Object: ClusterObject>(_ change: Change<Object>) {
        old = change.old
        new = change.new
        object = ObjectRef(
            type: Object.type, namespace: change.key.namespace, name: change.key.name)
    }

    private init(old: (any ClusterObject)?, new: (any ClusterObject)?, object: ObjectRef) {
        self.old = old
        self.new = new
        self.object = object
    }

    /// The kind of the object.
    public var type: ResourceType { object.type }

    /// The change with its static type; nil where it is one of another type.
    public func of<Object: ClusterObject>(_: Object.Type) -> Change<Object>? {
        if let old, !(old is Object) { return nil }
        if let new, !(new is Object) { return nil }
        return Change(old: old as? Object, new: new as? Object)
    }

    /// This change and a later one of the same object as one; nil where together they come to
    /// nothing.
    public func followed(by later: AnyChange) -> AnyChange? {
        if old == nil && later.new == nil { return nil }
        if let old, let new = later.new, old.isEqual(to: new) { return nil }
        return AnyChange(old: old, new: later.new, object: object)
    }
}
