import APIServerModel
import NIOCore
import NIOHTTP1

/// A connection of HTTP/1.1: one request after the other. What a client sends before it has its
/// answer waits, and the connection is not read on meanwhile.
///
/// Used on the connection's event loop alone.
final class HTTP1Connection: ChannelDuplexHandler, AnswerOutlet {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let place: ConnectionPlace
    private var exchange: Exchange?
    /// Whether the request of the exchange is whole, and whether its answer is.
    private var isReceived = false
    private var isAnswered = false
    private var hasBegun = false
    private var isHead = false
    /// Whether the client knows HTTP/1.1, and bodies in chunks with it.
    private var takesChunks = true
    private var isChunked = false
    private var staysOpen = true
    /// Whether the connection is closed as soon as what was written is sent.
    private var isClosing = false

    /// Parts of later requests.
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var isTaking = false
    private var mustRead = false

    init(_ place: ConnectionPlace) { self.place = place }

    func handlerAdded(context: ChannelHandlerContext) { place.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        place.context = nil
        drop()
    }

    func channelInactive(context: ChannelHandlerContext) {
        drop()
        context.fireChannelInactive()
    }

    private func drop() {
        waiting.removeAll()
        exchange?.gone()
        exchange = nil
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        place.readingBegan()
        waiting.append(unwrapInboundIn(data))
        takeWaiting()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.pauseBegan()
        place.readingEnded()
    }

    func read(context: ChannelHandlerContext) {
        mustRead = true
        readOn()
    }

    private func readOn() {
        guard mustRead, !isFull else { return }
        mustRead = false
        place.context?.read()
    }

    /// Whether an answer must be sent before anything else is looked at.
    private var isFull: Bool { isReceived && !isAnswered }

    private func takeWaiting() {
        guard !isTaking else { return }
        isTaking = true
        while !isFull, !isClosing, let part = waiting.popFirst() {
            switch part {
            case .head(let head): begin(head)
            case .body(let bytes): exchange?.received(bytes)
            case .end:
                isReceived = true
                exchange?.receivedEnd()
                release()
            }
        }
        isTaking = false
        readOn()
    }

    private func begin(_ head: HTTPRequestHead) {
        place.watch.requestBegan()
        isReceived = false
        isAnswered = false
        hasBegun = false
        isHead = head.method == .HEAD
        takesChunks = head.version.major == 1 && head.version.minor >= 1
        staysOpen = staysOpen && head.isKeepAlive
        var fields: [(String, String)] = []
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers { fields.append((name.lowercased(), value)) }
        let request = ServerRequest(
            method: head.method.rawValue, path: head.uri, headers: fields,
            clientIdentity: place.identity)
        let exchange = Exchange(request, self, place.service)
        self.exchange = exchange
        exchange.begin()
    }

    /// Makes room for the next request where this one is done with.
    private func release() {
        guard isReceived, isAnswered, exchange != nil else { return }
        exchange = nil
        place.watch.requestEnded()
        guard !staysOpen, !isClosing else { return }
        // The answer went out before the request had come in.
        place.context?.flush()
        place.context?.close(promise: nil)
    }

    // MARK: - Answers

    var eventLoop: any EventLoop { place.eventLoop }
    var isWritable: Bool { place.isWritable }

    func whole(_ status: Int, _ fields: [(String, String)], _ bytes: [UInt8]) {
        var answer = head(status, fields, length: bytes.count)
        if !isHead { answer.writeBytes(bytes) }
        end(answer)
    }

    func begin(_ status: Int, _ fields: [(String, String)], length: Int?) {
        write(head(status, fields, length: length))
    }

    func piece(_ bytes: ByteBuffer, _ written: EventLoopPromise<Void>) {
        guard let context = place.context else {
            return written.fail(ChannelError.ioOnClosedChannel)
        }
        guard isChunked else {
            context.write(wrapOutboundOut(bytes), promise: written)
            return place.flush()
        }
        var chunk = context.channel.allocator.buffer(capacity: bytes.readableBytes + 16)
        chunk.writeString(String(bytes.readableBytes, radix: 16))
        chunk.writeStaticString("\r\n")
        chunk.writeImmutableBuffer(bytes)
        chunk.writeStaticString("\r\n")
        context.write(wrapOutboundOut(chunk), promise: written)
        place.flush()
    }

    func finish() {
        var rest = ByteBuffer()
        if isChunked, !isHead { rest.writeStaticString("0\r\n\r\n") }
        end(rest)
    }

    func cutOff() { place.context?.close(promise: nil) }

    /// The head of an answer, as it is sent.
    private func head(
        _ status: Int, _ fields: [(String, String)], length: Int?
    ) -> ByteBuffer {
        hasBegun = true
        isChunked = length == nil && takesChunks
        if length == nil, !takesChunks { staysOpen = false }
        let capacity = 256 + (length.map { min($0, 16 << 10) } ?? 0)
        var head = ByteBufferAllocator().buffer(capacity: capacity)
        let code = HTTPResponseStatus(statusCode: status)
        head.writeString("HTTP/1.1 \(status) \(code.reasonPhrase)\r\n")
        for (name, value) in fields { head.writeString("\(name): \(value)\r\n") }
        head.writeString("date: \(place.service.date.text)\r\n")
        if let length { head.writeString("content-length: \(length)\r\n") }
        if isChunked { head.writeStaticString("transfer-encoding: chunked\r\n") }
        if !staysOpen { head.writeStaticString("connection: close\r\n") }
        head.writeStaticString("\r\n")
        return head
    }

    private func write(_ bytes: ByteBuffer) {
        place.context?.write(wrapOutboundOut(bytes), promise: nil)
        place.flush()
    }

    /// Writes the end of an answer; of the last one, closes the connection behind it.
    private func end(_ bytes: ByteBuffer) {
        isAnswered = true
        if staysOpen || !isReceived {
            if bytes.readableBytes > 0 { write(bytes) }
        } else {
            leave(with: bytes)
        }
        release()
        takeWaiting()
    }

    private func leave(with bytes: ByteBuffer) {
        guard let context = place.context, let sent = place.closing() else { return }
        isClosing = true
        context.writeAndFlush(wrapOutboundOut(bytes), promise: sent)
    }

    // MARK: - The connection's end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        staysOpen = false
        if exchange == nil { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isFull, exchange == nil || !hasBegun else {
            return context.close(promise: nil)
        }
        // What is no HTTP is told so; nothing that comes behind it could be understood.
        exchange?.gone()
        staysOpen = false
        leave(with: head(400, [], length: 0))
    }
}
