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
    /// The memory of this container in bytes; nil where nobody has said.
    public var memoryLimit: Int?
    /// The room for files of this container in bytes; nil where nobody has said.
    public var storageLimit: Int?
    /// How many files each process of an attempt may have open.
    public var openFilesMax: Int
    /// How many processes an attempt may have.
    public var processesMax: Int
    /// Where the node's probes are answered; nil for nowhere.
    public var healthPort: Int?
    /// The address of this pod.
    public var podAddress: String
    /// The volume for large checkpoints; nil where the pool has none.
    var workspace: Workspace?
    /// How often the room that files take is looked at.
    var diskInterval = Duration.seconds(5)
    /// Where control groups for attempts are looked for; nil for nowhere, as in a program that does
    /// other things, too, and must not be moved to another group.
    var controlGroups: ControlGroupSource?
    /// How often checkpoint folders are looked at.
    public var checkpointInterval = Duration.seconds(2)
    /// The program `swiftlet-agent`, which supervises attempts as a process of its own: the one
    /// that runs, unless another program has the runner in it.
    public var supervisorProgram = "/proc/self/exe"

    /// Reads `SWIFTLET_GATEWAY_URL`, `SWIFTLET_GATEWAY_CA_FILE`, `SWIFTLET_GATEWAY_SERVER_NAME`,
    /// `SWIFTLET_TOKEN_FILE`, `SWIFTLET_WORK_DIR`, `SWIFTLET_SLOTS` (1 where absent),
    /// `SWIFTLET_POD_NAME`, `SWIFTLET_POD_NAMESPACE`, `SWIFTLET_POD_UID` and
    /// `SWIFTLET_DRAIN_SECONDS` (50 where absent: less than an agent pod's grace) and
    /// `SWIFTLET_HEARTBEAT_SECONDS` (20 where absent); of what attempts may take,
    /// `SWIFTLET_MEMORY_LIMIT` and `SWIFTLET_STORAGE_LIMIT` (quantities; 0 is none),
    /// `SWIFTLET_OPEN_FILES` and `SWIFTLET_PROCESSES` (at most, and where absent, as in
    /// `AttemptLimits`); of the workspace volume, `SWIFTLET_WORKSPACE_DIR`,
    /// `SWIFTLET_WORKSPACE_CLAIM`, `SWIFTLET_WORKSPACE_CHECKPOINT_BYTES` and
    /// `SWIFTLET_WORKSPACE_RETENTION_SECONDS`; and `SWIFTLET_HEALTH_PORT` with
    /// `SWIFTLET_POD_IP`, where probes are answered (nowhere, and every address of the pod, where
    /// absent).
    public init(environment: [String: String]) throws(ConfigurationError) {
        let given = EnvironmentReader(environment)
        let url = try given.required("SWIFTLET_GATEWAY_URL")
        guard
            let address = GatewayAddress(
                url, serverName: given.text("SWIFTLET_GATEWAY_SERVER_NAME"))
        else {
            throw ConfigurationError(
                description: "SWIFTLET_GATEWAY_URL is \"\(url)\": it must be https://host:port "
                    + "(http only for this machine itself)")
        }
        gateway = address
        caFile = given.text("SWIFTLET_GATEWAY_CA_FILE")
        tokenFile = try given.required("SWIFTLET_TOKEN_FILE")
        workDirectory = try given.required("SWIFTLET_WORK_DIR")
        guard workDirectory.hasPrefix("/") else {
            throw ConfigurationError(
                description: "SWIFTLET_WORK_DIR is \"\(workDirectory)\": it must be absolute")
        }
        slots = try given.number("SWIFTLET_SLOTS", 1, in: 1...ProtocolLimits.slotsMax)
        podName = try given.required("SWIFTLET_POD_NAME")
        podNamespace = try given.required("SWIFTLET_POD_NAMESPACE")
        podUID = environment["SWIFTLET_POD_UID"] ?? ""
        drainSeconds = try given.number("SWIFTLET_DRAIN_SECONDS", 50, in: 0...86_400)
        pollSeconds = try given.number("SWIFTLET_HEARTBEAT_SECONDS", 20, in: 1...300)
        memoryLimit = try given.bytes("SWIFTLET_MEMORY_LIMIT")
        storageLimit = try given.bytes("SWIFTLET_STORAGE_LIMIT")
        let port = try given.number("SWIFTLET_HEALTH_PORT", 0, in: 0...65_535)
        healthPort = port == 0 ? nil : port
        podAddress = given.text("SWIFTLET_POD_IP") ?? "0.0.0.0"
        workspace = try Self.workspace(given)
        let (files, processes) = (AttemptLimits.openFilesMax, AttemptLimits.processesMax)
        openFilesMax = try given.number("SWIFTLET_OPEN_FILES", files, in: 64...files)
        processesMax = try given.number("SWIFTLET_PROCESSES", processes, in: 1...processes)
    }

    /// The pool's workspace volume, where it has one.
    private static func workspace(
        _ given: EnvironmentReader
    ) throws(ConfigurationError) -> Workspace? {
        guard let root = given.text("SWIFTLET_WORKSPACE_DIR") else { return nil }
        guard root.hasPrefix("/"), let claim = given.text("SWIFTLET_WORKSPACE_CLAIM") else {
            throw ConfigurationError(
                description: "SWIFTLET_WORKSPACE_DIR is \"\(root)\": it must be absolute, and "
                    + "SWIFTLET_WORKSPACE_CLAIM beside it")
        }
        let most = ProtocolLimits.checkpointOnVolumeMax
        return Workspace(
            root: root, claim: claim,
            bytesMax: try given.number(
                "SWIFTLET_WORKSPACE_CHECKPOINT_BYTES", 1 << 30, in: 1...most),
            retentionSeconds: try given.number(
                "SWIFTLET_WORKSPACE_RETENTION_SECONDS", 1_209_600, in: 60...31_536_000))
    }
}
