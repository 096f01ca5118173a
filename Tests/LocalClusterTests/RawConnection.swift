import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A connection on which a test sends what it likes, as no client would.
struct RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    /// What has come in, and whether the server has closed.
    private final class Inbox: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        private let lock = NSLock()
        private var bytes: [UInt8] = []
        private var isClosed = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            lock.withLock { bytes += buffer.readableBytesView }
        }

        func channelInactive(context: ChannelHandlerContext) {
            lock.withLock { isClosed = true }
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        var seen: (text: String, isClosed: Bool) {
            lock.withLock { (String(decoding: bytes, as: UTF8.self), isClosed) }
        }
    }

    /// Opens a connection. Without an authority it speaks no TLS.
    static func open(
        port: Int, authorityPEM: String?, certificate: (pem: String, keyPEM: String)? = nil,
        reads: Bool = true
    ) async throws -> RawConnection {
        let inbox = Inbox()
        var context: NIOSSLContext?
        if let authorityPEM {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(authorityPEM.utf8)))
            tls.applicationProtocols = ["http/1.1"]
            if let certificate {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(
                    Array(certificate.pem.utf8)
                ).map { .certificate($0) }
                tls.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(certificate.keyPEM.utf8), format: .pem))
            }
            context = try NIOSSLContext(configuration: tls)
        }
        let security = context
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: security, serverHostname: "localhost"))
                    }
                    try channel.pipeline.syncOperations.addHandler(inbox)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel: channel, inbox: inbox)
    }

    /// Sends bytes; whether they arrive the test sees by the answer.
    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends bytes.
    func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Stops taking in what the server sends.
    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// Closes the connection without a word about it.
    func close() { channel.close(promise: nil) }

    /// What has come in so far.
    var text: String { inbox.seen.text }

    /// Waits until the server has closed, and returns all that it sent.
    func untilClosed() async throws -> String {
        try await until { _, isClosed in isClosed }
    }

    /// Waits until the answer contains `text`.
    @discardableResult
    func until(_ text: String) async throws -> String {
        try await until { seen, isClosed in seen.contains(text) || isClosed }
    }

    private func until(_ condition: (String, Bool) -> Bool) async throws -> String {
        while true {
            let seen = inbox.seen
            if condition(seen.text, seen.isClosed) { return seen.text }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
