public import ControlLoop
import HTTPTypes
import Hummingbird
import HummingbirdTLS
public import KubernetesCore
public import Logging
import ModelContextProtocol
import NIOCore
import Reconcilers
public import ServiceLifecycle
public import SwiftletAPI

/// The HTTPS endpoint that agents and clients of the Model Context Protocol talk to.
///
/// It decides nothing: it finds out who calls, puts what agents say into the cache, and answers
/// with what `LeaseProjection` reads off the cache.
public struct GatewayServer: Service {
    /// Where a gateway listens and how much it takes.
    public struct Configuration: Hashable, Sendable {
        /// The address, as in `0.0.0.0`.
        public var host: String
        /// The port; 0 for any that is free.
        public var port: Int
        /// How much callers may ask.
        public var limits = GatewayLimits()
        /// Whether an agent's token is taken from its own pod's addresses alone.
        public var bindsAgentAddress = false
        /// The name in its certificate, by which clients may call it wherever it listens.
        public var serverName: String?

        /// A gateway that listens on `host:port`.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// What the gateway may be called, where only this machine can reach it: another name was
        /// led here by somebody who knows no more of it than where it listens.
        var names: Set<String>? {
            guard MCPHead.localNames.contains(host) else { return nil }
            return MCPHead.localNames.union(serverName.map { [$0.lowercased()] } ?? [])
        }
    }

    /// What agents check the gateway's certificate against, in PEM.
    public var caPEM: String { identity.caPEM }

    private let configuration: Configuration
    private let identity: GatewayIdentity
    private let certificate: ServedCertificate
    private let sessions: any AgentSessions
    private let sync: SyncEndpoint
    private let checkpoints: CheckpointEndpoint
    private let mcp: MCPEndpoint?
    private let waits: AgentWaits
    private let taskWaits = AgentWaits()
    private let board: SessionBoard
    private let presence: PresenceWatch
    private let logger: Logger
    private let onAnswer: @Sendable (_ route: String, _ code: Int) -> Void
    private let onRunning: @Sendable (Int) async -> Void

    /// A gateway.
    /// - Parameters:
    ///   - sessions: the operator's cache.
    ///   - checkpoints: where checkpoints are kept.
    ///   - secrets: where the values of tasks' variables are read; `nil` leaves them unresolved.
    ///   - mcp: what tasks are submitted with; `nil` serves agents alone.
    ///   - audit: is given what has to be written down of callers.
    ///   - onAnswer: is given the route and the status code of every answer.
    ///   - onRunning: is given the port once agents can connect.
    public init(
        configuration: Configuration, identity: GatewayIdentity,
        authenticator: CallerAuthenticator, sessions: any AgentSessions,
        checkpoints: any CheckpointStore, secrets: (any SecretReading)?,
        mcp: MCPService? = nil, logger: Logger,
        audit: @escaping @Sendable (JSONValue) -> Void = { _ in },
        onAnswer: @escaping @Sendable (_ route: String, _ code: Int) -> Void = { _, _ in },
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.identity = identity
        certificate = ServedCertificate(identity)
        self.sessions = sessions
        self.logger = logger
        self.onAnswer = onAnswer
        self.onRunning = onRunning
        waits = AgentWaits()
        // Who waits for a task is sent on at once to whoever leads now.
        presence = PresenceWatch(sessions: sessions) { [taskWaits] in taskWaits.wakeAll() }
        let admission = Admission(
            authenticator: authenticator, sessions: sessions, limits: configuration.limits,
            peers: PeerCheck(binds: configuration.bindsAgentAddress, audit: audit))
        let board = SessionBoard(sessions: sessions)
        self.board = board
        sync = SyncEndpoint(
            admission: admission, waits: waits, secrets: secrets, board: board)
        self.checkpoints = CheckpointEndpoint(admission: admission, store: checkpoints)
        self.mcp = mcp.map { [taskWaits] service in
            MCPEndpoint(
                admission: admission, service: service, checkpoints: checkpoints, board: board,
                waits: taskWaits, names: configuration.names)
        }
    }

    /// To be called when tasks have changed in the cache: the agents that hold or held them are
    /// answered if that is news to them, and so is who waits for one of the tasks.
    public func tasksChanged(_ changes: some Collection<Change<BackgroundTask>>) {
        taskWaits.wake(changes.compactMap { ($0.new ?? $0.old)?.metadata.uid })
        let over = changes.compactMap { $0.new?.lease == $0.old?.lease ? nil : $0.old?.lease?.id }
        board.forget(over)
        waits.wake(
            changes.flatMap { [$0.old?.lease?.agent, $0.new?.lease?.agent] }.compactMap(\.self))
    }

    /// To be called when something has changed that can matter to every agent: a pool, leadership.
    public func everythingChanged() { waits.wakeAll() }

    /// Shows the certificate of another identity to whoever connects from now on; connections that
    /// stand go on.
    public func show(_ identity: GatewayIdentity) throws(GatewayError) {
        try certificate.replace(with: identity)
    }

    /// Serves until the process is asked to end. Requests that wait are answered then.
    public func run() async throws {
        let tls = try certificate.configuration()
        let limits = configuration.limits
        let application = Application(
            router: router,
            server: try .tls(
                .http1(
                    configuration: .init(
                        idleTimeout: .nanoseconds(limits.idleTime.nanoseconds),
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: limits.fieldBytesMax,
                            maxHeaderListSize: limits.headBytesMax,
                            maxHeaderFieldCount: limits.fieldsMax))),
                tlsConfiguration: tls),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(limits.connectionsMax, logger: logger)),
            onServerRunning: { [presence, onRunning] channel in
                presence.isListening = true
                await onRunning(channel.localAddress?.port ?? 0)
            }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [presence] in await presence.follow() }
            defer { group.cancelAll() }
            try await serve(application)
        }
        await sessions.publish(GatewayPresence(answeringSince: nil))
    }

    private func serve(_ application: some ApplicationProtocol) async throws {
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: { [waits, taskWaits] in
                waits.end()
                taskWaits.end()
            }
        } catch let error as IOError {
            throw GatewayError(
                "the gateway cannot listen on \(configuration.host):\(configuration.port): \(error)"
            )
        }
    }

    private var router: Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        router.add(middleware: RequestCount(tell: onAnswer))
        router.post("/v1/sync") { [sync] in try await sync.respond($0, from: $1.peer) }
        router.put("/v1/checkpoints/{task}/{attempt}/{sequence}") { [checkpoints] in
            try await checkpoints.put($0, $1)
        }
        router.get("/v1/checkpoints/{task}/{attempt}/{sequence}") { [checkpoints] in
            try await checkpoints.get($0, $1)
        }
        if let mcp {
            for method in [HTTPRequest.Method.post, .get, .delete, .put, .options] {
                router.on("/mcp", method: method) { try await mcp.respond($0, in: $1) }
            }
        }
        return router
    }
}
