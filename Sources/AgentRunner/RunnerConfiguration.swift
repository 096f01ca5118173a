import AgentProtocol

/// What a runner is told by its environment.
public struct RunnerConfiguration: Hashable, Sendable {
    /// Why an environment does not configure a runner.
    public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong and what to set, in one line.
        public let description: String
    }

    /// Where the gateway is: `https://address:port`.
    public var gateway: GatewayAddress
    /// The file with the certificates that the gateway's is checked against.
    public var caFile: String?
    /// The file with the token that proves who this pod is; read again for each request, because
    /// the kubelet replaces it.
    public var tokenFile: String
    /// The folder in which attempts get theirs.
    public var workDirectory: String
    /// How many attempts run at once.
    public var slots: Int
    /// The name of this pod.
    public var podName: String
    /// The namespace of this pod.
    public var podNamespace: String
    /// The identity of this pod, for logs; the gateway takes it from the token.
    public var podUID: String
    /// How long a runner that is asked to end waits for its attempts and their reports.
    public var drainSeconds: Int
    /// How long the gateway may keep a request waiting for news.
    public var pollSeconds: Int
    /// How often checkpoint folders are looked at.
    public var checkpointInterval = Duration.seconds(2)
    /// The program `swiftlet-agent`, which supervises attempts as a process of its own: the one
    /// that runs, unless another program has the runner in it.
    public var supervisorProgram = "/proc/self/exe"

    /// Reads `SWIFTLET_GATEWAY_URL`, `SWIFTLET_GATEWAY_CA_FILE`, `SWIFTLET_GATEWAY_SERVER_NAME`,
    /// `SWIFTLET_TOKEN_FILE`, `SWIFTLET_WORK_DIR`, `SWIFTLET_SLOTS` (1 where absent),
    /// `SWIFTLET_POD_NAME`, `SWIFTLET_POD_NAMESPACE`, `SWIFTLET_POD_UID` and
    /// `SWIFTLET_DRAIN_SECONDS` (50 where absent: less than an agent pod's grace) and
    /// `SWIFTLET_HEARTBEAT_SECONDS` (20 where absent).
    public init(environment: [String: String]) throws(ConfigurationError) {
        func required(_ name: String) throws(ConfigurationError) -> String {
            guard let text = environment[name], !text.isEmpty else {
                throw ConfigurationError(
                    description: "the environment variable \(name) is not set: "
                        + "swiftlet-agent runs in the agent pods of a BackgroundAgentPool")
            }
            return text
        }
        func number(
            _ name: String, _ standard: Int, _ range: ClosedRange<Int>
        ) throws(ConfigurationError) -> Int {
            guard let text = environment[name], !text.isEmpty else { return standard }
            guard let number = Int(text), range.contains(number) else {
                throw ConfigurationError(
                    description: "\(name) is \"\(text)\": it must be a number between "
                        + "\(range.lowerBound) and \(range.upperBound)")
            }
            return number
        }
        let url = try required("SWIFTLET_GATEWAY_URL")
        let serverName = environment["SWIFTLET_GATEWAY_SERVER_NAME"].flatMap {
            $0.isEmpty ? nil : $0
        }
        guard let address = GatewayAddress(url, serverName: serverName) else {
            throw ConfigurationError(
                description: "SWIFTLET_GATEWAY_URL is \"\(url)\": it must be https://host:port "
                    + "(http only for this machine itself)")
        }
        gateway = address
        caFile = environment["SWIFTLET_GATEWAY_CA_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        tokenFile = try required("SWIFTLET_TOKEN_FILE")
        workDirectory = try required("SWIFTLET_WORK_DIR")
        guard workDirectory.hasPrefix("/") else {
            throw ConfigurationError(
                description: "SWIFTLET_WORK_DIR is \"\(workDirectory)\": it must be absolute")
        }
        slots = try number("SWIFTLET_SLOTS", 1, 1...ProtocolLimits.slotsMax)
        podName = try required("SWIFTLET_POD_NAME")
        podNamespace = try required("SWIFTLET_POD_NAMESPACE")
        podUID = environment["SWIFTLET_POD_UID"] ?? ""
        drainSeconds = try number("SWIFTLET_DRAIN_SECONDS", 50, 0...86_400)
        pollSeconds = try number("SWIFTLET_HEARTBEAT_SECONDS", 20, 1...300)
    }
}
