/// What the operator, not the pool, decides about agent pods.
public struct AgentPodSettings: Hashable, Sendable {
    /// The image that holds the runner; an init container copies it from there.
    public var runnerImage: String
    /// Where agents find the gateway, as in `https://10.0.0.7:8443`. An address, not a name: in a
    /// static program name resolution is not dependable.
    public var gatewayURL: String
    /// The name in the gateway's certificate; empty where it is the one in `gatewayURL`.
    public var gatewayServerName: String
    /// The certificates, in PEM, that the gateway's is checked against; empty for those of the
    /// image.
    public var gatewayCA: String
    /// The port that the gateway listens on, for NetworkPolicies.
    public var gatewayPort: Int
    /// The namespace of the operator's pods; nil where it does not run in the cluster.
    public var gatewayNamespace: String?
    /// The audience that agents' tokens are made for.
    public var audience: String
    /// The PriorityClass of agents whose template names none; nil for the cluster's default.
    public var priorityClassName: String?
    /// The port on which runners answer their node's probes; nil where agents share a network, as
    /// on a local node, and have no probes of the operator's.
    public var healthPort: Int?
    /// Whether runners are told the limits of their container, to hold their attempts in shares of
    /// them.
    public var tellsLimits = false

    /// Settings with neither probes nor limits.
    public init(
        runnerImage: String, gatewayURL: String, gatewayServerName: String = "",
        gatewayCA: String = "", gatewayPort: Int = 8_443, gatewayNamespace: String? = nil,
        audience: String, priorityClassName: String? = nil
    ) {
        self.runnerImage = runnerImage
        self.gatewayURL = gatewayURL
        self.gatewayServerName = gatewayServerName
        self.gatewayCA = gatewayCA
        self.gatewayPort = gatewayPort
        self.gatewayNamespace = gatewayNamespace
        self.audience = audience
        self.priorityClassName = priorityClassName
    }
}
