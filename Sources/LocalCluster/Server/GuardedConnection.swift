import APIServerModel
import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Locking
import Logging
import NIOCore
import NIOSSL

/// A connection with a guard, whose client may be known by a certificate.
struct GuardedConnection: ServerChildChannel {
    typealias Value = HTTP2UpgradeChannel.Value

    let base: HTTP2UpgradeChannel
    let limits: ConnectionLimits
    let faults: ConnectionFaults
    let ending: Ending

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let security = try pipeline.handler(type: NIOSSLServerHandler.self)
            let watch = ConnectionGuard(
                headTime: limits.headTime, faults: faults, ending: ending)
            try pipeline.addHandler(watch, position: .after(security))
            try pipeline.addHandler(LateResets(), position: .after(watch))
            try Self.noticeSilence(of: channel, limits)
            return value
        }
    }

    /// Lets the system find out about a peer that is gone without a word: by questions while
    /// nothing is sent, and by a limit on how long what was sent stays unacknowledged.
    private static func noticeSilence(
        of channel: any Channel, _ limits: ConnectionLimits
    ) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
        let seconds = max(1, Int(limits.silenceTime.components.seconds))
        for (option, value) in [
            (TCP_KEEPIDLE, seconds), (TCP_KEEPINTVL, max(1, seconds / 3)), (TCP_KEEPCNT, 3),
            (TCP_USER_TIMEOUT, seconds * 2 * 1_000),
        ] {
            try options.setOption(
                ChannelOptions.Types.SocketOption(
                    level: .tcp, name: NIOBSDSocket.Option(rawValue: option)), value: value)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let client = ConnectionClient(channel: value.channel)
        await withTaskCancellationHandler {
            await ConnectionClient.$current.withValue(client) {
                await base.handle(value: value, logger: logger)
            }
        } onCancel: {
            ending.begin()
        }
    }
}

/// Who is at the other end of a connection, by its certificate.
final class ConnectionClient: Sendable {
    /// That of the connection whose request the task answers.
    @TaskLocal static var current: ConnectionClient?

    private let channel: any Channel
    private let known = Mutex<UserIdentity??>(nil)

    init(channel: any Channel) { self.channel = channel }

    /// Whom the client's certificate names; nil where it has shown none. Found out once for each
    /// connection, when the handshake is over.
    func identity() async -> UserIdentity? {
        if let known = known.withLock({ $0 }) { return known }
        let channel = channel
        let certificate = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.nioSSL_peerCertificate()?.toDERBytes()
        }.get()
        let identity = (certificate ?? nil).flatMap { ClientCertificate.identity(der: $0) }
        known.withLock { $0 = .some(identity) }
        return identity
    }
}
