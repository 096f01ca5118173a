import ArgumentParser
import FoundationEssentials
import KubernetesCore
import LocalCluster
import Logging
import ServiceLifecycle
import UnixSignals

/// `swiftlet dev`: a local cluster until Ctrl-C.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Start a local cluster, the operator and a node, until Ctrl-C.",
        discussion: """
            Pods run as processes of yours; nothing isolates them. When the cluster answers, one \
            line says so: ready https://127.0.0.1:PORT kubeconfig=FILE
            The next line says where the status page is.
            """)

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.") var port = 0
    @Option(help: "The port of the gateway on 127.0.0.1; 0 takes a free one.") var gatewayPort = 0
    @Option(help: "The administrator's bearer token; a random one where it is not given.")
    var token: String?
    @Option(help: "Where to write the kubeconfig.") var kubeconfig: String?
    @Option(
        help:
            "Where the cluster is kept, so that it outlives this process. Nothing is kept without.")
    var dataDir: String?
    @Option(
        help: ArgumentHelp(
            "Bytes of changes after which the journal of --data-dir begins anew.",
            valueName: "bytes"))
    var compactAfter = 32 << 20
    @Option(
        help: ArgumentHelp(
            "Write a kubeconfig for a user who is known by a client certificate. Repeatable.",
            valueName: "user[:group,group...]=file"))
    var clientKubeconfig: [String] = []
    @Option(
        help: ArgumentHelp(
            "A file or folder of policies that the operator judges agents by. Repeatable.",
            valueName: "folder"))
    var policies: [String] = []
    @Option(
        help: ArgumentHelp(
            "The port of metrics and the status page on 127.0.0.1; 0 takes a free one.",
            valueName: "port"))
    var metricsPort = 0
    @Flag(help: "Leave the operator out.") var noOperator = false
    @Flag(help: "Leave the node out: no pod runs.") var noNode = false

    func validate() throws {
        for (title, port) in [("port", port), ("metrics-port", metricsPort)]
        where !(0...65_535).contains(port) {
            throw ValidationError(
                "--\(title) \(port) is not a port: it must be between 0 and 65535.")
        }
        guard (0...65_535).contains(gatewayPort) else {
            throw ValidationError(
                "--gateway-port \(gatewayPort) is not a port: it must be between 0 and 65535.")
        }
        if let token, token.isEmpty || token.contains(where: \.isWhitespace) {
            throw ValidationError("--token must not be empty and must not contain spaces.")
        }
        if let dataDir, dataDir.isEmpty {
            throw ValidationError("--data-dir must name a folder.")
        }
        guard compactAfter > 0 else {
            throw ValidationError("--compact-after \(compactAfter) must be at least 1.")
        }
        for path in policies where !FileManager.default.fileExists(atPath: path) {
            throw ValidationError("--policies \(path): there is no such file or folder.")
        }
        _ = try users
    }

    /// The users of `--client-kubeconfig`.
    private var users: [ClusterUser] {
        get throws {
            try clientKubeconfig.map { text in
                let sides = text.split(separator: "=", maxSplits: 1)
                let names = (sides.first ?? "").split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, let name = names.first, !name.isEmpty else {
                    throw ValidationError(
                        "--client-kubeconfig \(text): must be USER=FILE or USER:GROUP,GROUP=FILE.")
                }
                let groups = names.count == 2 ? names[1].split(separator: ",") : []
                return ClusterUser(
                    name: String(name), groups: groups.map(String.init),
                    kubeconfigPath: String(sides[1]))
            }
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var log = Logger(label: "swiftlet.dev")
        log.logLevel = .notice
        let work = try LocalSession.makeWorkFolder()
        defer { LocalSession.removeWorkFolder(work) }
        let kubeconfigPath = kubeconfig ?? work + "/kubeconfig"
        var cluster = try LocalSession.configuration(kubeconfig: kubeconfigPath, work: work)
        cluster.port = port
        cluster.token = token
        cluster.hasNode = !noNode
        cluster.dataPath = dataDir
        cluster.compactAfter = compactAfter
        cluster.users = try users
        let page = metricsPort == 0 ? try LocalCluster.freePort() : metricsPort
        let session = LocalSession(
            cluster: cluster, hasOperator: !noOperator, policies: policies,
            gatewayPort: gatewayPort, metricsPort: page, log: log)
        let service = SessionService(session: session) { [hasOperator = !noOperator] server in
            Terminal.say("ready \(server) kubeconfig=\(kubeconfigPath)")
            if hasOperator { Terminal.say("status page http://127.0.0.1:\(page)/ui/") }
            try await Task.sleep(for: .seconds(Int64.max / 1_000_000_000))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        do {
            try await group.run()
        } catch let error as CancellationError {
            log.debug("ended: \(error)")
        }
    }
}

/// A session as a service, so that signals end it.
struct SessionService: Service {
    let session: LocalSession
    let whenReady: @Sendable (_ server: String) async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await session.run(whenReady: whenReady)
            }
        } catch is CancellationError {
            return
        }
    }
}
