import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A connection of HTTP/2 on which a test sends the frames that it likes, as no client would.
struct HTTP2Client: Sendable {
    /// What the server has sent on one stream.
    struct Answer: Sendable {
        var status = ""
        var text = ""
        var isEnded = false
        var reset: HTTP2ErrorCode?
    }

    /// All that the server has sent.
    struct Seen: Sendable {
        var answers: [HTTP2StreamID: Answer] = [:]
        var farewell: HTTP2ErrorCode?
        var isClosed = false
    }

    private let channel: any Channel
    private let inbox: Inbox

    private final class Inbox: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = HTTP2Frame
        private let lock = NSLock()
        private var state = Seen()

        var seen: Seen { lock.withLock { state } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            lock.withLock {
                var answer = state.answers[frame.streamID] ?? Answer()
                switch frame.payload {
                case .headers(let payload):
                    answer.status = payload.headers.first(name: ":status") ?? ""
                    answer.isEnded = payload.endStream
                case .data(let payload):
                    if case .byteBuffer(let bytes) = payload.data {
                        answer.text += String(buffer: bytes)
                    }
                    answer.isEnded = payload.endStream
                case .rstStream(let code): answer.reset = code
                case .goAway(_, let code, _): state.farewell = code
                default: break
                }
                if frame.streamID != .rootStream { state.answers[frame.streamID] = answer }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            lock.withLock { state.isClosed = true }
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// Opens a connection; `window` is how much the server may send on a stream.
    static func open(
        port: Int, authorityPEM: String, window: Int = 1 << 20
    ) async throws -> HTTP2Client {
        let inbox = Inbox()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authorityPEM.utf8)))
        tls.applicationProtocols = ["h2"]
        let security = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        NIOSSLClientHandler(context: security, serverHostname: "localhost"))
                    try pipeline.addHandler(
                        NIOHTTP2Handler(
                            mode: .client,
                            initialSettings: nioDefaultSettings + [
                                HTTP2Setting(parameter: .initialWindowSize, value: window)
                            ]))
                    try pipeline.addHandler(inbox)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return HTTP2Client(channel: channel, inbox: inbox)
    }

    /// Sends the header of a request, with the administrator's token.
    func ask(_ stream: HTTP2StreamID, _ method: String, _ path: String, isWhole: Bool = true) {
        let headers = HPACKHeaders([
            (":method", method), (":path", path), (":scheme", "https"), (":authority", "localhost"),
            ("authorization", "Bearer admin"), ("content-type", "application/json"),
        ])
        send(stream, .headers(.init(headers: headers, endStream: isWhole)))
    }

    /// Sends a part of a body.
    func send(_ stream: HTTP2StreamID, _ bytes: [UInt8], isLast: Bool) {
        send(
            stream, .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isLast)))
    }

    /// Takes a request back.
    func reset(_ stream: HTTP2StreamID) { send(stream, .rstStream(.cancel)) }

    private func send(_ stream: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) {
        channel.writeAndFlush(HTTP2Frame(streamID: stream, payload: payload), promise: nil)
    }

    /// Closes the connection.
    func close() { channel.close(promise: nil) }

    /// Waits until what has come meets `condition`, or the connection is closed.
    @discardableResult
    func until(_ condition: (Seen) -> Bool) async throws -> Seen {
        while true {
            let seen = inbox.seen
            if condition(seen) || seen.isClosed { return seen }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until the answer on a stream, or the stream, has ended.
    func answer(_ stream: HTTP2StreamID) async throws -> Answer {
        let seen = try await until {
            $0.answers[stream]?.isEnded == true || $0.answers[stream]?.reset != nil
        }
        return seen.answers[stream] ?? Answer()
    }
}
