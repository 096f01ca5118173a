import APIServerModel
import FoundationEssentials
import Glibc
import Hummingbird
import HummingbirdHTTP2
import HummingbirdTLS
public import KubernetesCore
public import Logging
import NIOCore
import NIOSSL
public import ServiceLifecycle

/// A Kubernetes cluster in this process: an API server on loopback, and a node that runs pods as
/// processes. A tool for development and tests; it isolates nothing.
public struct LocalCluster: Service {
    /// What a local cluster is given.
    public struct Configuration: Sendable {
        /// The port on 127.0.0.1; 0 takes a free one.
        public var port = 0
        /// The administrator's bearer token; a random one where it is nil.
        public var token: String?
        /// Where the kubeconfig is written, readable by its owner alone.
        public var kubeconfigPath: String
        /// Where pods keep their files; emptied at start and at the end.
        public var workPath: String
        /// Folders in which pods' commands are looked for before those of PATH.
        public var commandPath: [String] = []
        /// Whether there is a node; without one no pod runs.
        public var hasNode = true
        /// Objects that are applied before the cluster is ready, such as CRDs.
        public var initialObjects: [JSONValue] = []

        /// A cluster with its files below `workPath`.
        public init(kubeconfigPath: String, workPath: String) {
            self.kubeconfigPath = kubeconfigPath
            self.workPath = workPath
        }
    }

    private let configuration: Configuration
    private let log: Logger
    private let onReady: @Sendable (_ server: String) async -> Void

    /// A cluster that calls `onReady` with the server's URL once it answers.
    public init(
        _ configuration: Configuration, log: Logger,
        onReady: @escaping @Sendable (_ server: String) async -> Void
    ) {
        self.configuration = configuration
        self.log = log
        self.onReady = onReady
    }

    /// Runs until the service group shuts down; then every pod's processes are ended.
    public func run() async throws {
        let token = configuration.token ?? LocalCluster.randomToken()
        let certificates = try ClusterCertificates(now: WallClock.time)
        let port = try LocalCluster.reserve(configuration.port)
        let url = "https://127.0.0.1:\(port)"
        var model = APIServerConfiguration()
        model.serverURL = url
        model.adminToken = token
        model.seed = UInt64.random(in: 1...UInt64.max)
        model.startTime = WallClock.time
        model.rootCertificates = certificates.authorityPEM
        let host = APIServerHost(server: APIServer(configuration: model), log: log)
        try await install(configuration.initialObjects, into: host)
        let logs = PodLogStore()
        let node = try LocalNode(
            api: InProcessAPI(host: host), logs: logs, workPath: configuration.workPath,
            commandPath: configuration.commandPath, serverPort: port, log: log)
        let kubeconfig = Kubeconfig(
            server: url, authorityPEM: certificates.authorityPEM, token: token)
        try LocalCluster.writePrivately(kubeconfig.text, to: configuration.kubeconfigPath)
        let app = try application(port, certificates, host: host, logs: logs) {
            await onReady(url)
        }
        try await cancelWhenGracefulShutdown { [configuration] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await host.run() }
                group.addTask { try await app.run() }
                if configuration.hasNode { group.addTask { try await node.run() } }
                try await group.next()
                group.cancelAll()
                while try await group.next() != nil {}
            }
        }
    }

    private func application(
        _ port: Int, _ certificates: ClusterCertificates, host: APIServerHost, logs: PodLogStore,
        whenReady: @escaping @Sendable () async -> Void
    ) throws -> Application<APIServerFrontend> {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificates.serverPEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(certificates.serverKeyPEM.utf8), format: .pem)
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        var quiet = log
        // Connections that break off at the end are no news.
        quiet.logLevel = .critical
        return Application(
            responder: APIServerFrontend(host: host, logs: logs),
            server: try .http2Upgrade(tlsChannelConfiguration: .init(tlsConfiguration: tls)),
            configuration: .init(
                address: .hostname("127.0.0.1", port: port), serverName: nil,
                backlog: 512, reuseAddress: true),
            onServerRunning: { _ in await whenReady() },
            logger: quiet)
    }

    private func install(_ objects: [JSONValue], into host: APIServerHost) async throws {
        let api = InProcessAPI(host: host)
        for object in objects { try await api.create(object) }
    }

    /// Writes a file that only its owner can read, whole or not at all.
    static func writePrivately(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        try? FileManager.default.removeItem(atPath: temporary)
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LocalClusterError.file(temporary, errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw LocalClusterError.file(temporary, errno) }
            rest = rest.dropFirst(written)
        }
        guard rename(temporary, path) == 0 else { throw LocalClusterError.file(path, errno) }
    }

    private static func randomToken() -> String {
        (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }

    /// A port of 127.0.0.1 that nobody listens on now. Throws where the machine has none left.
    public static func freePort() throws -> Int { try reserve(0) }

    /// Checks that `port` can be listened on; for 0, finds one. Another process may still be
    /// faster.
    private static func reserve(_ port: Int) throws -> Int {
        guard let number = UInt16(exactly: port) else { throw LocalClusterError.noPort(port) }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw LocalClusterError.socket(port, errno) }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) != 0 || listen(descriptor, 1) != 0
                    || getsockname(descriptor, generic, &size) != 0
            }
        }
        guard !failed else { throw LocalClusterError.socket(port, errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
