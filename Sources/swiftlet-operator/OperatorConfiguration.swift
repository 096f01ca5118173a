import CurlTransport

/// Everything that the operator was told, checked before anything is opened.
struct OperatorConfiguration: Sendable {
    /// The kubeconfig; nil for the cluster that the operator runs in.
    var kubeconfig: String?
    /// The context of the kubeconfig; nil for its current one.
    var context: String?
    /// The operator's own namespace: its Lease and its gateway's keys are there.
    var namespace: String
    /// Where the gateway listens for agents.
    var gatewayListen: ListenAddress
    /// Where agents find the gateway.
    var gatewayURL: String
    /// The name in the gateway's certificate.
    var gatewayServerName: String
    /// The folder with a certificate for the gateway; nil where it makes its own.
    var gatewayCertificates: String?
    /// Whether an agent's token is taken from its own pod's addresses alone.
    var bindsAgentAddress: Bool
    /// Where metrics and probes are served; nil for nowhere.
    var metricsListen: ListenAddress?
    /// The folder of the certificate that metrics are served with; nil for HTTP.
    var metricsCertificates: String?
    /// The collector that spans of tasks are sent to.
    var traces: HTTPServer?
    /// The Chroma database that agents' memories are kept in; nil for Secrets.
    var memories: HTTPServer?
    /// Whether the status page is served beside the metrics.
    var servesPage: Bool
    /// The image that the runner is copied from.
    var runnerImage: String
    /// The port on which agents answer their node's probes; nil where they have none.
    var agentHealthPort: Int?
    /// Who this process is in the election.
    var identity: String
    /// Whether only the holder of the Lease acts.
    var electsLeader: Bool
    /// The pod that this process runs in, which carries a label while it leads; nil for none.
    var pod: String?
    /// Files and folders of policies that agents are judged by.
    var policies: [String] = []
    /// The namespace in which the cluster's PolicyExceptions count; `*` for all.
    var policyExceptionNamespace: String

    /// Where the audit log is written, `-` for standard output; nil for nowhere.
    var auditLog: String?

    /// What it comes down to, for the log. Nothing in it is secret: credentials are in files that
    /// it only names.
    var summary: [(String, String)] {
        [
            ("kubeconfig", kubeconfig ?? "in-cluster"), ("context", context ?? "current"),
            ("namespace", namespace), ("gateway-listen", gatewayListen.description),
            ("gateway-url", gatewayURL), ("gateway-server-name", gatewayServerName),
            ("gateway-certificates", gatewayCertificates ?? "none"),
            ("bind-agent-address", bindsAgentAddress ? "on" : "off"),
            ("metrics-listen", metricsListen?.description ?? "none"),
            ("metrics-certificates", metricsCertificates ?? "none"),
            ("otlp-endpoint", traces?.endpoint ?? "none"),
            ("memory-url", memories?.endpoint ?? "none"),
            ("status-page", servesPage ? "on" : "off"),
            ("runner-image", runnerImage),
            ("agent-health-port", agentHealthPort.map(String.init) ?? "none"),
            ("identity", identity),
            ("leader-election", electsLeader ? "on" : "off"), ("pod", pod ?? "none"),
            ("policies", policies.isEmpty ? "none" : policies.joined(separator: ", ")),
            ("policy-exception-namespace", policyExceptionNamespace),
            ("audit-log", auditLog ?? "none"),
        ]
    }
}
