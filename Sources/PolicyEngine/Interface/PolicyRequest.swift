public import KubernetesCore

/// What is judged: an object that somebody is about to create, change or delete.
public struct PolicyRequest: Sendable, Equatable {
    /// What would be done with the object.
    public enum Operation: String, Hashable, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
        case connect = "CONNECT"
    }

    /// Who asks.
    public struct User: Sendable, Equatable {
        /// The user's name, as in `system:serviceaccount:swiftlet-system:swiftlet`.
        public var name: String
        /// The user's groups.
        public var groups: [String]
        /// Roles bound to the user in the object's namespace, as `namespace:name`.
        public var roles: [String]
        /// Cluster roles bound to the user.
        public var clusterRoles: [String]

        /// A user by name, with what is bound to it.
        public init(
            name: String, groups: [String] = [], roles: [String] = [], clusterRoles: [String] = []
        ) {
            self.name = name
            self.groups = groups
            self.roles = roles
            self.clusterRoles = clusterRoles
        }
    }

    /// What would be done.
    public var operation: Operation
    /// The kind that the request names.
    public var type: ResourceType
    /// The subresource; empty for the object itself.
    public var subresource: String
    /// The object as it would be stored: defaulted as the API server defaults it. `null` for
    /// DELETE.
    public var object: JSONValue
    /// The object as it is; `null` for CREATE.
    public var oldObject: JSONValue
    /// The namespace object, as far as it is known: `metadata.labels` matter most. `null` where the
    /// kind is cluster-scoped or the namespace is not known.
    public var namespace: JSONValue
    /// Who asks.
    public var user: User
    /// Whether nothing would be stored.
    public var dryRun: Bool

    /// A request to do `operation` with `object`.
    public init(
        _ operation: Operation = .create, _ object: JSONValue, of type: ResourceType,
        subresource: String = "", oldObject: JSONValue = .null, namespace: JSONValue = .null,
        user: User = User(name: ""), dryRun: Bool = false
    ) {
        self.operation = operation
        self.object = object
        self.type = type
        self.subresource = subresource
        self.oldObject = oldObject
        self.namespace = namespace
        self.user = user
        self.dryRun = dryRun
    }
}
