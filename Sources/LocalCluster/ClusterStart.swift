import APIServerModel
import Glibc
import KubernetesCore
import Logging

/// What a local cluster begins with: who it is, its server, and where it is kept.
struct ClusterStart: Sendable {
    /// What keeps a cluster: its folder, its journal and the thread that writes it.
    struct Storage: Sendable {
        let folder: DataFolder
        let writer: JournalWriter
        /// Starts the thread that writes the journal, which lives until the writer ends.
        let startThread: @Sendable () throws(LocalClusterError) -> Void
    }

    let identity: ClusterIdentity
    /// The port that its identity names, held for its server.
    let port: ReservedPort
    let server: APIServer
    let storage: Storage?

    /// Makes a cluster, or reads the one that the data folder keeps, and writes the kubeconfigs.
    init(_ configuration: LocalCluster.Configuration, log: Logger) async throws {
        let folder = try configuration.dataPath.map { path throws(LocalClusterError) in
            try DataFolder(path: path)
        }
        let chosen = try Self.identity(configuration, folder)
        identity = chosen.identity
        port = chosen.port
        if folder != nil, let mark = configuration.processMark {
            try await Orphans(mark: mark).end(log: log)
        }
        var model = APIServerConfiguration()
        model.serverURL = "https://127.0.0.1:\(identity.port)"
        model.tokenIssuer = identity.issuer
        model.tokenKey = identity.tokenKey
        model.adminToken = identity.token
        model.seed = identity.seed
        model.startTime = WallClock.time
        model.rootCertificates = identity.certificates.authorityPEM
        model.isJournaled = folder != nil
        model.yaml = .yams
        (server, storage) = try Self.open(
            folder, model, compactAfter: configuration.compactAfter, log)
        try writeKubeconfigs(configuration)
    }

    private static func identity(
        _ configuration: LocalCluster.Configuration, _ folder: DataFolder?
    ) throws -> (identity: ClusterIdentity, port: ReservedPort) {
        guard let folder, var identity = try ClusterIdentity.load(from: folder) else {
            let port = try ReservedPort(configuration.port)
            let identity = try ClusterIdentity(
                port: port.number, token: configuration.token, now: WallClock.time)
            if let folder { try identity.save(in: folder) }
            return (identity, port)
        }
        let before = (identity.port, identity.token)
        if configuration.port != 0 { identity.port = configuration.port }
        if let token = configuration.token { identity.token = token }
        let port = try hold(identity.port, isChosen: configuration.port != 0, folder)
        if before != (identity.port, identity.token) { try identity.save(in: folder) }
        return (identity, port)
    }

    /// Holds a port that was chosen now, or that the cluster's kubeconfigs name.
    private static func hold(
        _ port: Int, isChosen: Bool, _ folder: DataFolder
    ) throws(LocalClusterError) -> ReservedPort {
        do throws(LocalClusterError) {
            return try ReservedPort(port)
        } catch {
            guard !isChosen, case .socket(_, EADDRINUSE) = error else { throw error }
            throw .data(
                folder.path,
                "port \(port), which its kubeconfigs name, is in use: end what listens there, or "
                    + "choose another with --port")
        }
    }

    private static func open(
        _ folder: DataFolder?, _ model: APIServerConfiguration, compactAfter: Int, _ log: Logger
    ) throws -> (APIServer, Storage?) {
        guard let folder else { return (APIServer(configuration: model), nil) }
        var server: APIServer
        let journal: Journal
        if let found = try Journal.open(
            folder, historyMax: model.historyMax, changeBytesMin: compactAfter, log: log)
        {
            server = APIServer(configuration: model, replay: found.replay)
            journal = found.journal
        } else {
            server = APIServer(configuration: model)
            // The journal begins with a picture in which these changes are.
            _ = server.takeJournal()
            journal = try Journal.begin(
                folder, with: server.snapshot, changeBytesMin: compactAfter)
        }
        let writer = try JournalWriter(log: log)
        let thread = JournalThread(writer: writer, journal: journal)
        let storage = Storage(folder: folder, writer: writer) { () throws(LocalClusterError) in
            try thread.start()
        }
        return (server, storage)
    }

    private func writeKubeconfigs(_ configuration: LocalCluster.Configuration) throws {
        let url = "https://127.0.0.1:\(identity.port)"
        let authority = identity.certificates.authorityPEM
        let admin = Kubeconfig(
            server: url, authorityPEM: authority, credential: .token(identity.token))
        try LocalCluster.writePrivately(admin.text, to: configuration.kubeconfigPath)
        for user in configuration.users {
            let (certificate, key) = try identity.certificates.client(
                user: user.name, groups: user.groups, now: WallClock.time)
            let kubeconfig = Kubeconfig(
                server: url, authorityPEM: authority, userName: user.name,
                credential: .certificate(pem: certificate, keyPEM: key))
            try LocalCluster.writePrivately(kubeconfig.text, to: user.kubeconfigPath)
        }
    }
}
