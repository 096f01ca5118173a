import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// Listens on 127.0.0.1 and answers HTTP/1.1 and HTTP/2 over TLS, inside limits.
struct APIListener: Sendable {
    let port: Int
    let certificates: ClusterCertificates
    let limits: ConnectionLimits
    let host: APIServerHost
    let logs: PodLogStore
    let log: Logger
    let faults: ConnectionFaults
    let deadlines: Deadlines
    let ending = Ending()

    init(
        port: Int, certificates: ClusterCertificates, limits: ConnectionLimits,
        host: APIServerHost, logs: PodLogStore, log: Logger
    ) {
        self.port = port
        self.certificates = certificates
        self.limits = limits
        self.host = host
        self.logs = logs
        self.log = log
        faults = ConnectionFaults(log: log)
        deadlines = Deadlines(faults: faults)
    }

    /// The server, which calls `whenReady` once it listens.
    func application(
        whenReady: @escaping @Sendable () async -> Void
    ) throws -> Application<APIServerFrontend> {
        let tls = try securityConfiguration()
        let (limits, ending) = (limits, ending)
        let builder = HTTPServerBuilder { responder in
            GuardedConnection(
                base: try HTTP2UpgradeChannel(
                    tlsChannelConfiguration: .init(tlsConfiguration: tls),
                    configuration: channelConfiguration(limits), responder: responder),
                limits: limits, faults: faults, ending: ending)
        }
        var quiet = log
        // What is worth telling of connections, `faults` tells.
        quiet.logLevel = .critical
        return Application(
            responder: APIServerFrontend(
                host: host, logs: logs, limits: limits, deadlines: deadlines, faults: faults),
            server: builder,
            configuration: .init(
                address: .hostname("127.0.0.1", port: port), serverName: nil,
                backlog: 512, reuseAddress: true,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connectionsMax, logger: quiet)),
            onServerRunning: { _ in await whenReady() },
            logger: quiet)
    }

    private func channelConfiguration(_ limits: ConnectionLimits) -> HTTP2ChannelConfiguration {
        HTTP2ChannelConfiguration(
            idleTimeout: limits.idleTime,
            streamConfiguration: .init(
                additionalChannelHandlers: [RequestMarks()],
                idleTimeout: TimeAmount(limits.idleTime),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headBytesMax,
                    maxHeaderListSize: limits.headBytesMax)))
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
        return tls
    }
}
