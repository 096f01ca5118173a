/// Who sends a request, as authentication found out.
public struct UserIdentity: Hashable, Sendable {
    /// The name that role bindings grant to.
    public var name: String
    /// The identity behind the name; empty where there is none.
    public var uid: String
    /// The groups that the user is in.
    public var groups: [String]
    /// What the authenticator says beyond that, such as the pod a token is bound to.
    public var extra: [String: [String]]

    /// A user by all its fields.
    public init(
        name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]
    ) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// The administrator of the local cluster, whom everything is allowed.
    public static let administrator = UserIdentity(
        name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])

    /// Who sends a request without credentials.
    public static let anonymous = UserIdentity(
        name: "system:anonymous", groups: ["system:unauthenticated"])

    /// A kubelet, as its client certificate names it.
    public static func node(_ name: String) -> UserIdentity {
        UserIdentity(
            name: "system:node:" + name, groups: ["system:nodes", "system:authenticated"])
    }
}
