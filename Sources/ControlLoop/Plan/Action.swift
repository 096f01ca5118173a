public import KubernetesCore

/// One write to the cluster, as a value. Nothing here was read before and is sent back: a create
/// carries a whole new object, the others name only the fields they mean.
public enum Action: Sendable, Equatable {
    /// Creates the object, which carries `metadata.name` (and `namespace`) and usually its
    /// controller reference. Where an object of that name exists under the same controller UID, a
    /// create that was repeated or whose reply was lost has found itself, and counts as done.
    case create(JSONValue, of: ResourceType)
    /// Applies an RFC 7386 merge patch to the object or to one of its subresources. The applier
    /// adds `metadata.uid`, so that a successor of the same name is never hit, and
    /// `metadata.resourceVersion` where one is given, so that an older picture is refused.
    case patch(
        ObjectRef, JSONValue, subresource: String? = nil, resourceVersion: ResourceVersion? = nil)
    /// Server-side apply of an intent under the operator's field manager. The intent carries
    /// `metadata.name`; where it carries `metadata.uid` too, that is a precondition.
    case apply(JSONValue, of: ResourceType)
    /// Deletes exactly the object with the reference's UID. `graceSeconds` nil leaves the grace to
    /// the object; 0 is at once.
    case delete(ObjectRef, graceSeconds: Int? = nil)
}

extension Action {
    /// The kind that is written.
    public var type: ResourceType {
        switch self {
        case .create(_, let type), .apply(_, let type): type
        case .patch(let target, _, _, _), .delete(let target, _): target.type
        }
    }

    /// The object that is written; without a UID where it does not exist yet.
    public var target: ObjectRef {
        switch self {
        case .create(let object, let type), .apply(let object, let type):
            ObjectRef(
                type: type, namespace: object[path: ["metadata", "namespace"]]?.string ?? "",
                name: object[path: ["metadata", "name"]]?.string ?? "",
                uid: object[path: ["metadata", "uid"]]?.string.map { UID($0) })
        case .patch(let target, _, _, _), .delete(let target, _): target
        }
    }

    /// What the access list must name for this action.
    public var permission: Access.Write {
        switch self {
        case .create(_, let type): Access.Write(.create, type)
        case .apply(_, let type): Access.Write(.apply, type)
        case .patch(let target, _, let subresource, _):
            Access.Write(.patch, target.type, subresource: subresource)
        case .delete(let target, _): Access.Write(.delete, target.type)
        }
    }
}
