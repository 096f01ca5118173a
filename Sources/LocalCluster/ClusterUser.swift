/// A user of a local cluster who is known by a client certificate.
public struct ClusterUser: Hashable, Sendable {
    /// The name that role bindings grant to.
    public var name: String
    /// The groups that the user is in.
    public var groups: [String]
    /// Where the user's kubeconfig is written, readable by its owner alone.
    public var kubeconfigPath: String

    /// A user by all its fields.
    public init(name: String, groups: [String] = [], kubeconfigPath: String) {
        self.name = name
        self.groups = groups
        self.kubeconfigPath = kubeconfigPath
    }
}
