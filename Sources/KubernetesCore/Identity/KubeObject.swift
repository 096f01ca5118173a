/// Anything that the operator's cache keeps under a key: projections of the cluster's objects, and
/// observations that exist only in this process, such as the sessions of agents.
public protocol ClusterObject: Sendable, Equatable {
    /// The kind; local observations use a group that no API server has.
    static var type: ResourceType { get }
    /// The object's metadata.
    var metadata: ObjectMeta { get }
}

/// A read-only projection of one kind: the fields that are used, none that must be given back.
///
/// What is read is never sent: writes are intents of their own, so that fields which a projection
/// leaves out can never be lost.
public protocol KubeObject: ClusterObject {
    /// Reads the object; the error names the path that does not fit.
    init(reading node: JSONNode) throws(JSONError)
}

/// A kind that a cluster may do without: one of a CRD that may be missing, and come and go. Where
/// the server says that there is no such kind, there are no such objects.
public protocol OptionalKubeObject: KubeObject {}

extension ClusterObject {
    /// The name of this object among those of its kind.
    public var key: Key<Self> { Key(namespace: metadata.namespace, name: metadata.name) }

    /// This object for requests, events and messages.
    public var reference: ObjectRef {
        ObjectRef(
            type: Self.type, namespace: metadata.namespace, name: metadata.name,
            uid: metadata.uid)
    }

    /// This object as the controller of another.
    public var asController: OwnerReference {
        OwnerReference(
            apiVersion: Self.type.apiVersion, kind: Self.type.kind, name: metadata.name,
            uid: metadata.uid)
    }
}
