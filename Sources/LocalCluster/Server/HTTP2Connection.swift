import APIServerModel
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A connection of HTTP/2, whose streams are handled where their frames come in: a stream has no
/// channel and no task of its own.
///
/// Used on the connection's event loop alone. Order, sizes and windows of frames, and how many
/// streams there may be, are the affair of `NIOHTTP2Handler`, behind which this stands.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Most streams at once.
    static let streamsMax = 100
    /// How much a client may send on a stream, or on all together, before it is told to go on.
    static let windowBytes = 1 << 20

    private let place: ConnectionPlace
    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    /// Streams that began, or whose answer was written, since what came in was looked at.
    private var touched: [HTTP2Stream] = []
    private var resets = ResetRate()
    private var isEnding = false

    init(_ place: ConnectionPlace) { self.place = place }

    /// The handler of frames that belongs before this one.
    static func frames(_ limits: ConnectionLimits) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streamsMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headBytesMax),
            HTTP2Setting(parameter: .initialWindowSize, value: windowBytes),
        ]
        var stream = NIOHTTP2Handler.StreamConfiguration()
        // It counts resets of streams that have ended as well; `ResetRate` counts the others.
        stream.streamResetFrameRateLimit.windowLength = .nanoseconds(1)
        return NIOHTTP2Handler(
            mode: .server, connectionConfiguration: connection, streamConfiguration: stream)
    }

    func handlerAdded(context: ChannelHandlerContext) { place.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        place.context = nil
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        let open = streams
        streams = [:]
        for stream in open.values {
            stream.exchange?.gone()
            stream.closed()
        }
    }

    // MARK: - Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        place.readingBegan()
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let payload):
            if streams[frame.streamID] == nil { begin(frame.streamID, payload.headers) }
            if payload.endStream { streams[frame.streamID]?.exchange?.receivedEnd() }
        case .data(let payload):
            guard let exchange = streams[frame.streamID]?.exchange else { return }
            if case .byteBuffer(let bytes) = payload.data { exchange.received(bytes) }
            if payload.endStream { exchange.receivedEnd() }
        case .rstStream:
            guard resets.take(at: .now()) else { break }
            // As those of an attack are: the work of a request, and no answer that must be read.
            place.service.faults.note(.resets)
            leave(.enhanceYourCalm)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        place.readingEnded()
        guard !touched.isEmpty else { return }
        let streams = touched
        touched.removeAll(keepingCapacity: true)
        for stream in streams where self.streams[stream.id] === stream { stream.pauseBegan() }
    }

    private func begin(_ id: HTTP2StreamID, _ headers: HPACKHeaders) {
        if streams.isEmpty { place.watch.requestBegan() }
        var request = ServerRequest(method: "", path: "", clientIdentity: place.identity)
        request.headers.reserveCapacity(headers.count)
        for (name, value, _) in headers {
            switch name {
            case ":method": request.method = value
            case ":path": request.path = value
            case ":authority": request.headers.append(("host", value))
            case ":scheme": break
            default: request.headers.append((name, value))
            }
        }
        let stream = HTTP2Stream(id, self, isHead: request.method == "HEAD")
        let exchange = Exchange(request, stream, place.service)
        stream.exchange = exchange
        streams[id] = stream
        touched.append(stream)
        exchange.begin()
    }

    // MARK: - Events

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as StreamClosedEvent: closed(event.streamID)
        case let event as NIOHTTP2WindowUpdatedEvent: widen(event)
        case is ChannelShouldQuiesceEvent:
            isEnding = true
            if streams.isEmpty { leave(.noError) } else { sayFarewell(.noError) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func closed(_ id: HTTP2StreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.exchange?.gone()
        stream.closed()
        guard streams.isEmpty else { return }
        place.watch.requestEnded()
        if isEnding { leave(.noError) }
    }

    /// Lets the client go on where its window has become small and more is wanted.
    private func widen(_ event: NIOHTTP2WindowUpdatedEvent) {
        guard let left = event.inboundWindowSize, left < Self.windowBytes / 2 else { return }
        if event.streamID != .rootStream {
            guard streams[event.streamID]?.exchange?.wantsBody == true else { return }
        }
        write(event.streamID, .windowUpdate(windowSizeIncrement: Self.windowBytes - left))
        flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: - Answers

    var eventLoop: any EventLoop { place.eventLoop }
    var isWritable: Bool { place.isWritable }

    /// The head of an answer. It states no length: a client that knows it may reset the stream as
    /// soon as it has so many bytes, before the frame that ends the stream.
    func head(_ status: Int, _ fields: [(String, String)]) -> HTTP2Frame.FramePayload {
        var headers = HPACKHeaders()
        headers.reserveCapacity(fields.count + 2)
        headers.add(name: ":status", value: String(status))
        for (name, value) in fields { headers.add(name: name, value: value) }
        headers.add(name: "date", value: place.service.date.text)
        return .headers(.init(headers: headers))
    }

    func write(
        _ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload,
        _ written: EventLoopPromise<Void>? = nil
    ) {
        guard let context = place.context else {
            written?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let frame = HTTP2Frame(streamID: id, payload: payload)
        context.write(wrapOutboundOut(frame), promise: written)
    }

    func flush() { place.flush() }

    /// The answer on a stream is written; it ends when the client has taken it.
    func answered(_ stream: HTTP2Stream) {
        if place.isReading {
            touched.append(stream)
        } else if streams[stream.id] === stream {
            stream.pauseBegan()
        }
    }

    /// Ends a stream, if it has not ended.
    func reset(_ id: HTTP2StreamID) {
        guard streams[id] != nil else { return }
        write(id, .rstStream(.cancel))
        flush()
    }

    func timeLimit(_ stream: HTTP2Stream) -> Scheduled<Void> {
        let time = TimeAmount(place.service.limits.writeTime)
        return eventLoop.assumeIsolated().scheduleTask(in: time) {
            [weak stream, service = place.service] in
            guard let stream else { return }
            service.faults.note(.slowReader)
            stream.cutOff()
        }
    }

    private func sayFarewell(_ code: HTTP2ErrorCode, _ sent: EventLoopPromise<Void>? = nil) {
        write(
            .rootStream, .goAway(lastStreamID: .maxID, errorCode: code, opaqueData: nil), sent)
        place.context?.flush()
    }

    private func leave(_ code: HTTP2ErrorCode) {
        guard let sent = place.closing() else { return }
        sayFarewell(code, sent)
    }
}
