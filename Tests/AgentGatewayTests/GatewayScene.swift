import AgentProtocol
import AsyncHTTPClient
import KubernetesCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceLifecycle
import Testing

@testable import AgentGateway

/// A gateway on the loopback with a client that trusts it.
struct GatewayScene {
    let world: FakeWorld
    let desk: FakeDesk
    let server: GatewayServer
    let client: HTTPClient
    let port: Int
    let group: ServiceGroup

    /// What an answer was.
    struct Answer {
        var status: Int
        /// By name in lower case.
        var headers: [String: String]
        var body: [UInt8]

        var json: JSONValue? { try? JSONValue(parsing: body) }
        var reason: String? { json?["reason"]?.string }
        var reply: SyncReply? { try? SyncReply(parsing: body) }
    }

    /// How long a test waits for what must come: longer than a machine under any load takes, and
    /// shorter than `longWait` and the longest wait of the tools. So an answer that comes at all
    /// came because of an event, and not because a wait was over.
    static let patience = Duration.seconds(40)
    /// Seconds for which a sync is willing to wait.
    static let longWait = 300

    /// Starts a gateway, gives the scene to `body`, and ends it.
    static func run(
        limits: GatewayLimits = GatewayLimits(),
        answers: CallerAuthenticator.Limits = CallerAuthenticator.Limits(),
        names: [String] = ["localhost", "127.0.0.1", "gateway.test"],
        identity given: GatewayIdentity? = nil, bindsAgentAddress: Bool = false,
        audit: @escaping @Sendable (JSONValue) -> Void = { _ in },
        _ body: (GatewayScene) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "gateway", factory: { _ in SwiftLogNoOpLogHandler() })
        let world = FakeWorld()
        let desk = FakeDesk(world: world)
        let identity = try given ?? GatewayIdentity(names: names)
        var configuration = GatewayServer.Configuration(host: "127.0.0.1", port: 0)
        configuration.serverName = "swiftlet-gateway"
        configuration.limits = limits
        configuration.limits.pollTime = .seconds(longWait)
        configuration.bindsAgentAddress = bindsAgentAddress
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(
            configuration: configuration, identity: identity,
            authenticator: CallerAuthenticator(reviewer: world, limits: answers), sessions: world,
            checkpoints: SecretCheckpointStore(secrets: world), secrets: world,
            mcp: MCPService(
                rights: desk, desk: desk, memories: SecretMemoryStore(secrets: world)),
            logger: quiet, audit: audit,
            onRunning: { tell.yield($0) })
        let group = ServiceGroup(services: [server], logger: quiet)
        let running = Task { try await group.run() }
        var port = 0
        for await found in ports {
            port = found
            break
        }
        let client = try Self.client(trusting: identity.caPEM)
        let scene = GatewayScene(
            world: world, desk: desk, server: server, client: client, port: port, group: group)
        do {
            try await body(scene)
        } catch {
            Issue.record(error)
        }
        await group.triggerGracefulShutdown()
        try await client.shutdown()
        try await running.value
    }

    private init(
        world: FakeWorld, desk: FakeDesk, server: GatewayServer, client: HTTPClient, port: Int,
        group: ServiceGroup
    ) {
        self.world = world
        self.desk = desk
        self.server = server
        self.client = client
        self.port = port
        self.group = group
    }

    /// A client that gives up soon: it tries a handshake again until its time is over.
    func impatientClient() throws -> HTTPClient {
        try Self.client(trusting: server.caPEM, patience: .milliseconds(500))
    }

    /// Asks the gateway to end.
    func end() async { await group.triggerGracefulShutdown() }

    static func client(
        trusting pem: String, patience: TimeAmount = .init(Self.patience)
    ) throws -> HTTPClient {
        var settings = HTTPClient.Configuration()
        settings.timeout = .init(connect: patience)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
        settings.tlsConfiguration = tls
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        settings.dnsOverride = ["gateway.test": "127.0.0.1", "other.test": "127.0.0.1"]
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func call(
        _ method: String, _ path: String, body: [UInt8]? = nil,
        token: String? = FakeWorld.token, headers: [(String, String)] = [],
        host: String = "localhost", with other: HTTPClient? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "https://\(host):\(port)\(path)")
        request.method = NIOHTTP1.HTTPMethod(rawValue: method)
        if let token { request.headers.add(name: "authorization", value: "Bearer " + token) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await (other ?? client).execute(
            request, timeout: .init(Self.patience))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) },
                uniquingKeysWith: { $1 }),
            body: Array(bytes.readableBytesView))
    }

    func request(
        _ sequence: Int = 1, reports: [LeaseReport] = [], wait: Int = 0, pod: String = "a"
    ) -> SyncRequest {
        SyncRequest(
            namespace: "shop", pod: pod, instance: "i1", sequence: sequence, slots: 2,
            waitSeconds: wait, reports: reports)
    }

    func sync(_ request: SyncRequest, token: String? = FakeWorld.token) async throws -> Answer {
        try await call("POST", "/v1/sync", body: request.json.encoded(), token: token)
    }

    /// Waits until the gateway has said `count` times whether it answers.
    func untilPresences(_ count: Int) async throws {
        let end = ContinuousClock.now + Self.patience
        while await world.presences.count < count {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until the gateway has taken in `count` calls.
    func untilPublished(_ count: Int) async throws {
        let end = ContinuousClock.now + Self.patience
        while await world.sessions.count < count {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
