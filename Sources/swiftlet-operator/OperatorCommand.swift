import ArgumentParser
import CurlTransport
import Glibc
import KubernetesClient
import KubernetesRuntime
import Logging
import SwiftletAPI

/// `swiftlet-operator`: the operator, in a cluster or beside one.
@main
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftlet-operator",
        abstract: "Keep pools of background agents, and hand them their tasks.",
        discussion: """
            Each option can also be given as an environment variable: --gateway-url is \
            SWIFTLET_GATEWAY_URL, and so on. An option wins over its variable.
            """,
        version: SwiftletVersion.current)

    @Option(help: "The kubeconfig; without it, KUBECONFIG, then the cluster it runs in.")
    var kubeconfig: String?
    @Option(help: "The context of the kubeconfig.") var context: String?
    @Option(help: "The operator's own namespace. Default: swiftlet-system.")
    var namespace: String?
    @Option(help: "Where the gateway listens for agents. Default: 0.0.0.0:8443.")
    var gatewayListen: String?
    @Option(help: "Where agents find the gateway: https and an address.")
    var gatewayUrl: String?
    @Option(help: "The name in the gateway's certificate. Default: swiftlet-gateway.")
    var gatewayServerName: String?
    @Option(
        help: ArgumentHelp(
            "A folder with the gateway's certificate: tls.crt, tls.key and ca.crt. Without it, or "
                + "where none of them is there, the operator is its own authority.",
            valueName: "folder"))
    var gatewayCertificates: String?
    @Option(
        help: ArgumentHelp(
            "Whether an agent's token is taken from its own pod's addresses alone: true or false. "
                + "Not behind proxies or address translation. Default: false."))
    var bindAgentAddress: String?
    @Option(help: "Where metrics and probes are served, or none. Default: 0.0.0.0:8080.")
    var metricsListen: String?
    @Option(
        help: ArgumentHelp(
            "A folder with tls.crt and tls.key: metrics, probes and the status page are served "
                + "over HTTPS then. Read again when they are replaced. Default: none.",
            valueName: "folder"))
    var metricsCertificates: String?
    @Option(
        help: ArgumentHelp(
            "The collector that gets the spans of tasks: an address of OTLP over HTTP, as in "
                + "http://collector:4318. Without it, OTEL_EXPORTER_OTLP_ENDPOINT.",
            valueName: "url"))
    var otlpEndpoint: String?
    @Option(
        help: ArgumentHelp(
            "A Chroma database for what agents remember, as in http://chroma:8000. Without it, "
                + "memories are kept in Secrets.", valueName: "url"))
    var memoryUrl: String?
    @Option(help: "Whether the status page is served beside the metrics. Default: true.")
    var statusPage: String?
    @Option(help: "The image that agents' runner is copied from. Default: swiftlet:latest.")
    var runnerImage: String?
    @Option(
        help: "The port on which agents answer their node's probes, or none. Default: 10501.")
    var agentHealthPort: String?
    @Option(help: "Who this is in the election; each start adds a suffix. Default: the host name.")
    var identity: String?
    @Option(help: "Whether only the holder of the Lease acts: true or false. Default: true.")
    var leaderElection: String?
    @Option(help: "The pod it runs in; while it leads, the pod has the label swiftlet.dev/leader.")
    var pod: String?
    @Option(
        help: ArgumentHelp(
            "A file or folder of policies that agents are judged by. Repeatable; the variable "
                + "SWIFTLET_POLICIES holds paths with colons between them.",
            valueName: "folder"))
    var policies: [String] = []
    @Option(
        help: "Where PolicyExceptions count, or * for everywhere. Default: the own namespace.")
    var policyExceptionNamespace: String?
    @Option(
        help: ArgumentHelp(
            "Where decisions are written down, a JSON line each: a file, - for standard output, "
                + "or none. Default: -.", valueName: "file"))
    var auditLog: String?
    @Option(help: "The least severe messages to print. Default: info.") var logLevel: String?

    @Option(help: "How messages are printed: json or text. Default: json.") var logFormat: String?

    /// How messages are printed.
    enum LogFormat: String, CaseIterable {
        case json
        case text
    }

    /// The options and variables as one value; throws a usage error that names the option.
    func configuration(_ environment: [String: String]) throws -> OperatorConfiguration {
        func text(_ option: String?, _ name: String, _ fallback: String) -> String {
            option ?? environment["SWIFTLET_" + name] ?? fallback
        }
        let listen = try address(
            text(gatewayListen, "GATEWAY_LISTEN", "0.0.0.0:8443"), "gateway-listen")
        let url = text(gatewayUrl, "GATEWAY_URL", "https://\(listen)")
        guard url.hasPrefix("https://"), url.count > 8 else {
            throw ValidationError("--gateway-url \(url): expected https:// and an address.")
        }
        // A kubelet that has not yet heard of the Service leaves its variable as it is written.
        // Ended here, the container is started again with the variable's value.
        guard !url.contains("$") else {
            throw ValidationError(
                "--gateway-url \(url): a variable in it has no value; "
                    + "does the gateway's Service exist?")
        }
        let metrics = text(metricsListen, "METRICS_LISTEN", "0.0.0.0:8080")
        let certificates = text(metricsCertificates, "METRICS_CERTIFICATES", "none")
        func flag(
            _ option: String?, _ name: String, _ title: String, _ fallback: String = "true"
        ) throws -> Bool {
            try truth(text(option, name, fallback), title)
        }
        let own = text(namespace, "NAMESPACE", "swiftlet-system")
        let audit = text(auditLog, "AUDIT_LOG", "-")
        let host = environment["HOSTNAME"] ?? "swiftlet"
        return OperatorConfiguration(
            kubeconfig: kubeconfig ?? environment["SWIFTLET_KUBECONFIG"],
            context: context ?? environment["SWIFTLET_CONTEXT"],
            namespace: own,
            gatewayListen: listen, gatewayURL: url,
            gatewayServerName: text(gatewayServerName, "GATEWAY_SERVER_NAME", "swiftlet-gateway"),
            gatewayCertificates: gatewayCertificates
                ?? environment["SWIFTLET_GATEWAY_CERTIFICATES"],
            bindsAgentAddress: try flag(
                bindAgentAddress, "BIND_AGENT_ADDRESS", "bind-agent-address", "false"),
            metricsListen: metrics == "none" ? nil : try address(metrics, "metrics-listen"),
            metricsCertificates: try folder(certificates, "metrics-certificates"),
            traces: try collector(environment), memories: try memories(environment),
            servesPage: try flag(statusPage, "STATUS_PAGE", "status-page"),
            runnerImage: text(runnerImage, "RUNNER_IMAGE", "swiftlet:latest"),
            agentHealthPort: try port(
                text(agentHealthPort, "AGENT_HEALTH_PORT", "10501"), "agent-health-port"),
            identity: Self.electionIdentity(text(identity, "IDENTITY", host)),
            electsLeader: try flag(leaderElection, "LEADER_ELECTION", "leader-election"),
            pod: pod ?? environment["SWIFTLET_POD"],
            policies: try policyPaths(environment),
            policyExceptionNamespace: text(
                policyExceptionNamespace, "POLICY_EXCEPTION_NAMESPACE", own),
            auditLog: audit == "none" ? nil : audit)
    }

    /// Whether `text` says yes.
    private func truth(_ text: String, _ title: String) throws -> Bool {
        guard ["true", "false"].contains(text) else {
            throw ValidationError("--\(title) \(text): expected true or false.")
        }
        return text == "true"
    }

    /// The port that `text` names; nil for none.
    private func port(_ text: String, _ title: String) throws -> Int? {
        if text == "none" { return nil }
        guard let port = Int(text), (1_024...65_535).contains(port) else {
            throw ValidationError(
                "--\(title) \(text): expected a port between 1024 and 65535, or none.")
        }
        return port
    }

    /// A name that no other start has: a container that is started anew keeps its host name and its
    /// process id, and would take the lease of the process before it while writes of that one are
    /// still on their way (seed 981 of `swiftlet simulate`).
    private static func electionIdentity(_ name: String) -> String {
        let suffix = String(UInt32.random(in: 1...UInt32.max), radix: 16)
        return "\(name)_\(String(repeating: "0", count: 8 - suffix.count))\(suffix)"
    }

    /// The address that `text` names.
    private func address(_ text: String, _ option: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else {
            throw ValidationError("--\(option) \(text): expected HOST:PORT, as in 0.0.0.0:8443.")
        }
        return address
    }

    /// The folder that `text` names; nil for none.
    private func folder(_ text: String, _ option: String) throws -> String? {
        guard !text.isEmpty else {
            throw ValidationError("--\(option): expected a folder, or none.")
        }
        return text == "none" ? nil : text
    }

    /// Where spans go; nil for nowhere.
    private func collector(_ environment: [String: String]) throws -> HTTPServer? {
        let text =
            otlpEndpoint ?? environment["SWIFTLET_OTLP_ENDPOINT"]
            ?? environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? ""
        guard !text.isEmpty else { return nil }
        guard let server = HTTPServer(text) else {
            throw ValidationError(
                "--otlp-endpoint \(text): expected http:// or https:// and an address.")
        }
        return server
    }

    /// Files and folders of policies.
    private func policyPaths(_ environment: [String: String]) throws -> [String] {
        let paths =
            policies.isEmpty
            ? (environment["SWIFTLET_POLICIES"] ?? "").split(separator: ":").map(String.init)
            : policies
        guard !paths.contains("") else {
            throw ValidationError("--policies: expected a file or folder.")
        }
        return paths
    }

    /// Where memories are kept; nil for in Secrets.
    private func memories(_ environment: [String: String]) throws -> HTTPServer? {
        let text = memoryUrl ?? environment["SWIFTLET_MEMORY_URL"] ?? ""
        guard !text.isEmpty else { return nil }
        guard let server = HTTPServer(text) else {
            throw ValidationError(
                "--memory-url \(text): expected http:// or https:// and an address.")
        }
        return server
    }

    /// The level that the options name; throws a usage error where there is no such level.
    func level(_ environment: [String: String]) throws -> Logger.Level {
        let text = logLevel ?? environment["SWIFTLET_LOG_LEVEL"] ?? "info"
        guard let level = Logger.Level(rawValue: text) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level \(text): expected one of \(levels).")
        }
        return level
    }

    /// The format that the options name; throws a usage error where there is no such format.
    func format(_ environment: [String: String]) throws -> LogFormat {
        let text = logFormat ?? environment["SWIFTLET_LOG_FORMAT"] ?? "json"
        guard let format = LogFormat(rawValue: text) else {
            throw ValidationError("--log-format \(text): expected json or text.")
        }
        return format
    }

    func run() async throws {
        let environment = ProcessEnvironment.current
        let configuration = try configuration(environment)
        let level = try level(environment)
        let format = try format(environment)
        LoggingSystem.bootstrap(
            { label, provider in
                switch format {
                case .json: JSONLog(label: label, provider: provider)
                case .text:
                    StreamLogHandler.standardError(label: label, metadataProvider: provider)
                }
            }, metadataProvider: ReconcileID.provider)
        var log = Logger(label: "swiftlet.operator")
        log.logLevel = level
        log.info(
            "starting",
            metadata: Logger.Metadata(
                uniqueKeysWithValues: configuration.summary.map { ($0.0, "\($0.1)") }))
        try await OperatorAssembly(configuration: configuration, log: log).run()
    }
}
