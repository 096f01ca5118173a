import Glibc
public import KubernetesCore
public import Logging
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
        /// Where the cluster is kept, so that it outlives this process, even one that is killed;
        /// nothing is kept where it is nil.
        public var dataPath: String?
        /// How many bytes of changes the journal of a cluster that is kept takes at least before it
        /// begins anew with a picture of everything; 32 MiB.
        public var compactAfter = 32 << 20
        /// Users who are given a client certificate.
        public var users: [ClusterUser] = []
        /// What a client may ask of the server, in time and number.
        var limits = ConnectionLimits()
        /// Objects that are applied before the cluster is ready, such as CRDs.
        public var initialObjects: [JSONValue] = []
        /// Service accounts that get a kubeconfig of their own, with a token for a year: where each
        /// is written, readable by its owner alone.
        public var accounts: [Account] = []

        /// A service account and its kubeconfig's path.
        public struct Account: Sendable {
            /// Its namespace; among the initial objects.
            public let namespace: String
            /// Its name; among the initial objects.
            public let name: String
            /// Where its kubeconfig is written.
            public let kubeconfigPath: String

            /// An account by all its parts.
            public init(namespace: String, name: String, kubeconfigPath: String) {
                self.namespace = namespace
                self.name = name
                self.kubeconfigPath = kubeconfigPath
            }
        }

        /// What every process of a cluster that is kept carries in its environment, as the variable
        /// `SWIFTLET_LOCAL_CLUSTER`: when the cluster starts again, those that a killed
        /// `swiftlet dev` has left behind are found by it and ended. Nil where nothing is kept.
        public var processMark: String? {
            guard let dataPath, let path = realpath(dataPath, nil) else { return nil }
            defer { free(path) }
            return String(cString: path)
        }

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
        let start = try await ClusterStart(configuration, log: log)
        let identity = start.identity
        let url = "https://127.0.0.1:\(identity.port)"
        let host = APIServerHost(server: start.server, writer: start.storage?.writer, log: log)
        if let storage = start.storage { try storage.startThread() }
        defer { start.storage?.writer.end() }
        try await install(configuration.initialObjects, into: host)
        let logs = PodLogStore()
        let node = try LocalNode(
            api: InProcessAPI(host: host), logs: logs, workPath: configuration.workPath,
            commandPath: configuration.commandPath, serverPort: identity.port,
            mark: configuration.processMark, log: log)
        for account in configuration.accounts {
            let own = Kubeconfig(
                server: url, authorityPEM: identity.certificates.authorityPEM,
                userName: account.name,
                credential: .token(
                    try await LocalCluster.token(of: account, InProcessAPI(host: host))))
            try LocalCluster.writePrivately(own.text, to: account.kubeconfigPath)
        }
        let listener = APIListener(
            port: start.port, certificates: identity.certificates, limits: configuration.limits,
            host: host, logs: logs, log: log)
        try await cancelWhenGracefulShutdown { [configuration] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await host.run() }
                group.addTask { [onReady] in try await listener.run { await onReady(url) } }
                if let storage = start.storage {
                    group.addTask { try await storage.writer.untilFailure() }
                }
                if configuration.hasNode { group.addTask { try await node.run() } }
                try await group.next()
                group.cancelAll()
                while try await group.next() != nil {}
            }
        }
    }

    private static func token(
        of account: Configuration.Account, _ api: InProcessAPI
    ) async throws -> String {
        let path =
            "/api/v1/namespaces/\(account.namespace)/serviceaccounts/\(account.name)/token"
        let answer = try await api.send(
            "POST", path,
            body: [
                "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                "spec": ["audiences": [], "expirationSeconds": .int(365 * 24 * 3_600)],
            ])
        guard let token = answer["status"]?["token"]?.string else {
            throw LocalClusterError.refused(
                "POST \(path)", status: 201, message: "the answer has no token")
        }
        return token
    }

    private func install(_ objects: [JSONValue], into host: APIServerHost) async throws {
        let api = InProcessAPI(host: host)
        for object in objects { try await api.ensure(object) }
    }

    /// Writes a file that only its owner can read, whole or not at all.
    static func writePrivately(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        guard unlink(temporary) == 0 || errno == ENOENT else {
            throw LocalClusterError.file(temporary, errno)
        }
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

    /// A port of 127.0.0.1 that nobody listens on now, for a process that is about to; another one
    /// may still be faster. Throws where the machine has none left.
    public static func freePort() throws -> Int { try ReservedPort(0).number }
}
