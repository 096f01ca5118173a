import NIOCore
import NIOHTTP2

/// One stream of a connection of HTTP/2, as its exchange writes to it.
///
/// Used on the connection's event loop alone.
final class HTTP2Stream: AnswerOutlet {
    let id: HTTP2StreamID
    let eventLoop: any EventLoop
    /// What the stream is about; held until the stream is closed.
    var exchange: Exchange?
    private weak var connection: HTTP2Connection?
    private let isHead: Bool
    private var isAnswered = false
    /// The time limit for a client that does not take the rest of its answer.
    private var limit: Scheduled<Void>?

    init(_ id: HTTP2StreamID, _ connection: HTTP2Connection, isHead: Bool) {
        self.id = id
        self.connection = connection
        self.isHead = isHead
        eventLoop = connection.eventLoop
    }

    var isWritable: Bool { connection?.isWritable ?? false }

    func whole(_ status: Int, _ fields: [(String, String)], _ bytes: [UInt8]) {
        guard let connection else { return }
        connection.write(id, connection.head(status, fields))
        end(isHead ? ByteBuffer() : ByteBuffer(bytes: bytes))
    }

    func begin(_ status: Int, _ fields: [(String, String)], length: Int?) {
        guard let connection else { return }
        connection.write(id, connection.head(status, fields))
        connection.flush()
    }

    func piece(_ bytes: ByteBuffer, _ written: EventLoopPromise<Void>) {
        guard let connection else { return written.fail(ChannelError.ioOnClosedChannel) }
        connection.write(id, .data(.init(data: .byteBuffer(bytes))), written)
        connection.flush()
    }

    func finish() { end(ByteBuffer()) }

    private func end(_ bytes: ByteBuffer) {
        isAnswered = true
        guard let connection else { return }
        connection.write(id, .data(.init(data: .byteBuffer(bytes), endStream: true)))
        connection.flush()
        connection.answered(self)
    }

    func cutOff() { connection?.reset(id) }

    /// Nothing more happens for now: what the client still has to send or to take has its time.
    func pauseBegan() {
        exchange?.pauseBegan()
        if isAnswered, limit == nil { limit = connection?.timeLimit(self) }
    }

    /// The stream is closed.
    func closed() {
        exchange = nil
        limit?.cancel()
        limit = nil
    }
}
