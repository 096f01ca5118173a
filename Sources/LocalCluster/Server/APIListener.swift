import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS

/// Listens on 127.0.0.1 and answers HTTP/1.1 and HTTP/2 over TLS, inside limits. How a request
/// goes through it says docs/design/serving.md.
struct APIListener: Sendable {
    let port: ReservedPort
    let certificates: ClusterCertificates
    private let service: APIService
    private let connections = OpenConnections()

    /// How long connections may take to end what they are at when the server ends.
    private static let farewellTime = TimeAmount.seconds(2)

    init(
        port: ReservedPort, certificates: ClusterCertificates, limits: ConnectionLimits,
        host: APIServerHost, logs: any PodLogSource, log: Logger
    ) {
        self.port = port
        self.certificates = certificates
        service = APIService(
            host: host, logs: logs, limits: limits, faults: ConnectionFaults(log: log))
    }

    /// Serves until the task is cancelled; calls `whenReady` once it listens.
    func run(whenReady: @Sendable () async -> Void) async throws {
        let security = try NIOSSLContext(configuration: securityConfiguration())
        let connectionsMax = service.limits.connectionsMax
        // One thread: requests wait for each other at the model anyway, and a wait inside a thread
        // is a place in a queue, while one between threads is two changes of threads.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let socket = try port.listening()
        let listening = try await ServerBootstrap(group: loop)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionBound(connectionsMax))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try furnish(channel, security) }
            }
            .withBoundSocket(socket).get()
        // SwiftNIO has set a smaller backlog of its own.
        ReservedPort.setBacklog(of: socket)
        await whenReady()
        try await withTaskCancellationHandler {
            try await listening.closeFuture.get()
        } onCancel: {
            listening.close(promise: nil)
        }
        try await connections.end(within: Self.farewellTime)
    }

    /// Puts the handlers of a new connection in place. Those of HTTP follow when the handshake has
    /// told which HTTP it is.
    private func furnish(_ channel: any Channel, _ security: NIOSSLContext) throws {
        let pipeline = channel.pipeline.syncOperations
        let watch = ConnectionGuard(service.limits, service.faults)
        try pipeline.addHandler(NIOSSLServerHandler(context: security))
        try pipeline.addHandler(watch)
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { [service] protocolName, channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if case .negotiated("h2") = protocolName {
                        try Self.addHTTP2(to: pipeline, channel.eventLoop, service, watch)
                    } else {
                        try Self.addHTTP1(to: pipeline, channel.eventLoop, service, watch)
                    }
                }
            })
        try noticeSilence(of: channel)
        connections.add(channel)
    }

    private static func addHTTP1(
        to pipeline: ChannelPipeline.SynchronousOperations, _ eventLoop: any EventLoop,
        _ service: APIService, _ watch: ConnectionGuard
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = service.limits.headBytesMax
        limits.maxHeaderListSize = service.limits.headBytesMax
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(
            HTTP1Connection(ConnectionPlace(service, watch, eventLoop: eventLoop)))
    }

    private static func addHTTP2(
        to pipeline: ChannelPipeline.SynchronousOperations, _ eventLoop: any EventLoop,
        _ service: APIService, _ watch: ConnectionGuard
    ) throws {
        try pipeline.addHandler(HTTP2Connection.frames(service.limits))
        try pipeline.addHandler(
            HTTP2Connection(ConnectionPlace(service, watch, eventLoop: eventLoop)))
    }

    /// Lets the system find out about a peer that is gone without a word: by questions while
    /// nothing is sent, and by a limit on how long what was sent stays unacknowledged.
    private func noticeSilence(of channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        let seconds = max(1, Int(service.limits.silenceTime.components.seconds))
        for (option, value) in [
            (TCP_KEEPIDLE, seconds), (TCP_KEEPINTVL, max(1, seconds / 3)), (TCP_KEEPCNT, 3),
            (TCP_USER_TIMEOUT, seconds * 2 * 1_000),
        ] {
            try options.setOption(
                ChannelOptions.Types.SocketOption(
                    level: .tcp, name: NIOBSDSocket.Option(rawValue: option)),
                value: ChannelOptions.Types.SocketOption.Value(value))
        }
    }

    /// Clients may show a certificate of the cluster's authority; one of any other is refused.
    private func securityConfiguration() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificates.serverPEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(certificates.serverKeyPEM.utf8), format: .pem)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        tls.certificateVerification = .optionalVerification
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(certificates.authorityPEM.utf8)))
        tls.sendCANameList = true
        tls.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        return tls
    }
}
