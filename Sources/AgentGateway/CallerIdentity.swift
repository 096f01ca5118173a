/// Who calls the gateway, as the API server vouches for them.
public struct CallerIdentity: Hashable, Sendable {
    /// The user's name, as in `system:serviceaccount:team-a:builder`.
    public var user: String
    /// The user's UID; empty where the cluster knows none.
    public var uid: String
    /// The user's groups.
    public var groups: [String]
    /// What else the cluster knows of the user: it belongs into every question about rights.
    public var extra: [String: [String]]
    /// The pod that the token is bound to; nil for tokens that are not a pod's.
    public var agent: AgentIdentity?

    /// A caller by all its fields.
    public init(
        user: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:],
        agent: AgentIdentity? = nil
    ) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
        self.agent = agent
    }

    /// A pod of the ServiceAccount `account`.
    public init(agent: AgentIdentity, account: String = "default") {
        self.init(
            user: "system:serviceaccount:\(agent.namespace):\(account)",
            groups: ["system:serviceaccounts", "system:serviceaccounts:\(agent.namespace)"],
            agent: agent)
    }
}
