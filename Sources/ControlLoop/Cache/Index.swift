public import KubernetesCore

/// A named way to find objects of a kind by some text in them, as in all tasks of a pool.
public struct Index<Object: ClusterObject>: Sendable {
    /// The name, unique for the kind.
    public let name: String
    /// The texts under which an object is found; repeated ones count once.
    public let values: @Sendable (Object) -> [String]

    /// An index by name and function; the function depends on nothing but the object.
    public init(_ name: String, _ values: @escaping @Sendable (Object) -> [String]) {
        self.name = name
        self.values = values
    }

    /// Every kind has this index: by the UID of the controller.
    public static var byController: Index<Object> {
        Index("controller") { object in
            object.metadata.controller.map { [$0.uid.text] } ?? []
        }
    }
}

/// A kind that declares indexes. Every store of it has them, in the operator and in tests.
public protocol IndexedObject: ClusterObject {
    /// The kind's indexes, besides `byController`, which every kind has.
    static var indexes: [Index<Self>] { get }
}
