/// Which objects of a kind a list, a watch or an informer is about.
public struct Selection: Hashable, Sendable {
    /// The namespace; `nil` for all of them, and for kinds of cluster scope.
    public var namespace: String?
    /// A label selector as queries spell it, `app=web,tier!=cache`; empty for no condition.
    public var labels: String
    /// A field selector as queries spell it, `metadata.name=web`; empty for no condition.
    public var fields: String

    /// A selection; everything where nothing is given.
    public init(namespace: String? = nil, labels: String = "", fields: String = "") {
        self.namespace = namespace
        self.labels = labels
        self.fields = fields
    }

    /// Every object in every namespace.
    public static let everything = Selection()
}
