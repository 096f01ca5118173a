public import KubernetesCore

/// One object before and after. Both may be there with different UIDs: then the object was replaced
/// by a successor of the same name.
public struct Change<Object: ClusterObject>: Sendable, Equatable {
    /// The object before; nil where it appeared.
    public let old: Object?
    /// The object after; nil where it went.
    public let new: Object?
    /// The object's key.
    public let key: Key<Object>

    /// A change from `old` to `new`; nil where there is neither.
    public init?(old: Object?, new: Object?) {
        guard let either = new ?? old else { return nil }
        self.old = old
        self.new = new
        key = either.key
    }

    /// The object appeared.
    public static func added(_ object: Object) -> Change {
        Change(key: object.key, old: nil, new: object)
    }

    /// The object became another.
    public static func changed(from old: Object, to new: Object) -> Change {
        Change(key: new.key, old: old, new: new)
    }

    /// The object went.
    public static func removed(_ object: Object) -> Change {
        Change(key: object.key, old: object, new: nil)
    }

    private init(key: Key<Object>, old: Object?, new: Object?) {
        self.key = key
        self.old = old
        self.new = new
    }
}
