import Locking
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

/// A caller that says exactly what a test wants, byte by byte, over TLS or without.
struct RawCaller {
    /// What came of a connection.
    struct Outcome {
        /// Everything that the server said.
        var text: String
        /// Whether the server ended the connection.
        var isClosed: Bool
        /// The protocol that was agreed on; nil for none.
        var agreed: String?

        /// The status codes of all answers.
        var codes: [Int] {
            text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst()
                .compactMap { Int($0.prefix(3)) }
        }
    }

    /// Longest time that a server may take to end a connection that it should end.
    private static let patience = Duration.seconds(20)

    let port: Int
    /// The certificates that are trusted; nil to speak without TLS.
    let authority: String?
    /// The protocols that are offered.
    var offered: [String] = []

    /// Sends `pieces`, with `pause` after each, and reads until the server ends the connection.
    func send(_ pieces: [[UInt8]], pause: Duration = .zero) async throws -> Outcome {
        let heard = Heard()
        let connection = try await connect { found in heard.agreed.withLock { $0 = found } }
        let isClosed = try await Self.ended(connection) { inbound, outbound in
            await withTaskGroup(of: Bool?.self) { group in
                group.addTask {
                    do {
                        for try await part in inbound {
                            heard.bytes.withLock { $0 += Array(part.readableBytesView) }
                        }
                    } catch {
                        // An end without a farewell is an end.
                    }
                    return true
                }
                group.addTask {
                    for piece in pieces {
                        // The server may have ended the connection in the middle.
                        guard (try? await outbound.write(ByteBuffer(bytes: piece))) != nil else {
                            return nil
                        }
                        if pause > .zero { try? await Task.sleep(for: pause) }
                    }
                    return nil
                }
                group.addTask {
                    try? await Task.sleep(for: Self.patience)
                    return false
                }
                defer { group.cancelAll() }
                while let ended = await group.next() {
                    if let ended { return ended }
                }
                return false
            }
        }
        return Outcome(
            text: String(decoding: heard.bytes.withLock { $0 }, as: UTF8.self),
            isClosed: isClosed, agreed: heard.agreed.withLock { $0 })
    }

    /// Whether the server ends the connection. One that it cuts off, while something was still on
    /// its way to it, is ended.
    private static func ended(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ body: (
            NIOAsyncChannelInboundStream<ByteBuffer>, NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) async -> Bool
    ) async throws -> Bool {
        do {
            return try await connection.executeThenClose(body)
        } catch is IOError {
            return true
        }
    }

    /// What the server has said so far.
    private final class Heard: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let agreed = Mutex<String?>(nil)
    }

    private func connect(
        _ onAgreement: @escaping @Sendable (String?) -> Void
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        var context: NIOSSLContext?
        if let authority {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
            tls.applicationProtocols = offered
            context = try NIOSSLContext(configuration: tls)
        }
        return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .connect(host: "127.0.0.1", port: port) { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                        try channel.pipeline.syncOperations.addHandler(
                            Agreement(tell: onAgreement))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Tells which protocol a handshake ended with.
    private final class Agreement: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let tell: @Sendable (String?) -> Void

        init(tell: @escaping @Sendable (String?) -> Void) { self.tell = tell }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent {
                tell(agreed)
            }
            context.fireUserInboundEventTriggered(event)
        }
    }
}
