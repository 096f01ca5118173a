import APIServerModel
import NIOCore

/// One request and its answer, from the header's arrival to the answer's last byte.
///
/// Used on the event loop of its connection alone. What the model answers at once, and that is
/// nearly everything, is written in the same turn of the loop in which the request came; only
/// watches, logs, large answers and writes that wait for the disk take more.
final class Exchange {
    private enum Phase {
        /// The body is coming in.
        case receiving
        /// The answer is not known yet.
        case asking
        /// The answer is being written piece by piece.
        case answering
        /// The answer is written, or nobody waits for it any more.
        case over
    }

    /// Where the pieces of an answer come from.
    private enum Source {
        case bytes([UInt8], from: Int)
        case frames(FrameChannel, WatchID?)
    }

    /// Longest answer that goes out in one piece with its head.
    private static let shortBytes = 16 << 10

    private let service: APIService
    private let outlet: any AnswerOutlet
    private var request: ServerRequest
    private var phase = Phase.receiving
    private var isCounted = false
    private var source: Source?
    /// Whether a piece is being written, or a frame is awaited.
    private var isBusy = false
    private var isPumping = false
    /// The time limit of what the client has to do next.
    private var limit: Scheduled<Void>?

    init(_ request: ServerRequest, _ outlet: any AnswerOutlet, _ service: APIService) {
        self.request = request
        self.outlet = outlet
        self.service = service
    }

    // MARK: - The request

    /// Whether more of the body is wanted.
    var wantsBody: Bool { phase == .receiving }

    /// The header is there.
    func begin() {
        guard service.load.enter(most: service.limits.requestsMax) else {
            service.faults.note(.overload)
            return refuse(.tooMany)
        }
        isCounted = true
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        if length > service.limits.bodyBytesMax { refuseBody() }
    }

    /// A part of the body.
    func received(_ bytes: ByteBuffer) {
        guard phase == .receiving else { return }
        guard request.body.count + bytes.readableBytes <= service.limits.bodyBytesMax else {
            return refuseBody()
        }
        request.body.append(contentsOf: bytes.readableBytesView)
    }

    /// The request is whole.
    func receivedEnd() {
        guard phase == .receiving else { return }
        clearLimit()
        phase = .asking
        let bound = NIOLoopBound(self, eventLoop: outlet.eventLoop)
        let eventLoop = outlet.eventLoop
        let answer = service.host.answer(request) { answer in
            eventLoop.execute { bound.value.take(answer) }
        }
        request.body = []
        if let answer { take(answer) }
    }

    /// Nothing more has come for now: what is still to come has its time.
    func pauseBegan() {
        guard phase == .receiving, limit == nil else { return }
        setLimit(service.limits.bodyTime, .slowBody)
    }

    /// The client is gone.
    func gone() {
        guard phase != .over else { return }
        close()
    }

    private func refuseBody() { refuse(.tooLarge(service.limits.bodyBytesMax)) }

    /// Refuses the request; the rest of it is not waited for long.
    private func refuse(_ refusal: Refusal) {
        respond(refusal)
        let time = TimeAmount(service.limits.lingerTime)
        outlet.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak outlet] in
            outlet?.cutOff()
        }
    }

    // MARK: - The answer

    private func take(_ answer: APIServerHost.Answer) {
        guard phase == .asking else {
            if case .stream(_, let channel, let watch) = answer {
                channel.end()
                service.host.abandon(watch)
            }
            return
        }
        switch answer {
        case .whole(let status, let fields, let bytes): respond(status, fields, bytes)
        case .stream(let fields, let channel, let watch): follow(channel, watch, fields)
        case .podLogs(let request):
            guard let channel = service.logs.open(request) else {
                return respond(Refusal.noLog(request))
            }
            follow(channel, nil, [("content-type", "text/plain")])
        case .tooMany: respond(Refusal.tooMany)
        case .notStored: respond(Refusal.notStored)
        }
    }

    private func respond(_ refusal: Refusal) {
        respond(
            refusal.code, [("content-type", "application/json")] + refusal.fields, refusal.body)
    }

    private func respond(_ status: Int, _ fields: [(String, String)], _ bytes: [UInt8]) {
        let fields = Self.safe(fields)
        if bytes.count <= Self.shortBytes, outlet.isWritable {
            close()
            outlet.whole(status, fields, bytes)
            return
        }
        start(.bytes(bytes, from: 0), status, fields, length: bytes.count)
    }

    /// Answers with what a channel gives out. The head goes out at once: a client of an idle watch
    /// waits for it.
    private func follow(
        _ channel: FrameChannel, _ watch: WatchID?, _ fields: [(String, String)]
    ) {
        start(.frames(channel, watch), 200, Self.safe(fields), length: nil)
    }

    /// Fields whose values are one line each: what a client sent may stand in them, as the names of
    /// unknown fields do in warnings. Pinned by `a field of an answer is one line`.
    static func safe(_ fields: [(String, String)]) -> [(String, String)] {
        func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
        guard fields.contains(where: { $0.1.utf8.contains(where: isControl) }) else {
            return fields
        }
        return fields.map { name, value in
            let bytes = value.utf8.map { isControl($0) ? UInt8(ascii: " ") : $0 }
            return (name, String(decoding: bytes, as: UTF8.self))
        }
    }

    private func start(
        _ source: Source, _ status: Int, _ fields: [(String, String)], length: Int?
    ) {
        leave()
        phase = .answering
        self.source = source
        outlet.begin(status, fields, length: length)
        if request.method == "HEAD" {
            end()
        } else {
            pump()
        }
    }

    /// Writes as long as the client takes it and there is something to write.
    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while phase == .answering, !isBusy, let source {
            switch source {
            case .bytes(let bytes, let start):
                guard start < bytes.count else { return end() }
                let stop = min(bytes.count, start + FrameChannel.chunkBytes)
                self.source = .bytes(bytes, from: stop)
                write(ByteBuffer(bytes: bytes[start..<stop]))
            case .frames(let channel, _): awaitFrames(of: channel)
            }
        }
    }

    private func awaitFrames(of channel: FrameChannel) {
        isBusy = true
        let bound = NIOLoopBound(self, eventLoop: outlet.eventLoop)
        let eventLoop = outlet.eventLoop
        channel.read { bytes in eventLoop.execute { bound.value.framesCame(bytes) } }
    }

    private func framesCame(_ bytes: [UInt8]?) {
        isBusy = false
        guard phase == .answering else { return }
        guard let bytes else { return end() }
        write(ByteBuffer(bytes: bytes))
        pump()
    }

    /// Writes a piece; a client that does not take it in time is cut off.
    private func write(_ bytes: ByteBuffer) {
        isBusy = true
        let written = outlet.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in self.wrote(result) }
        outlet.piece(bytes, written)
        if isBusy, phase == .answering { setLimit(service.limits.writeTime, .slowReader) }
    }

    private func wrote(_ result: Result<Void, any Error>) {
        isBusy = false
        clearLimit()
        switch result {
        case .success: pump()
        case .failure: gone()
        }
    }

    private func end() {
        close()
        outlet.finish()
    }

    // MARK: - The end

    /// Gives back all that the exchange holds.
    private func close() {
        phase = .over
        clearLimit()
        leave()
        if case .frames(let channel, let watch) = source {
            channel.end()
            if let watch { service.host.abandon(watch) }
        }
        source = nil
    }

    private func leave() {
        guard isCounted else { return }
        isCounted = false
        service.load.leave()
    }

    private func setLimit(_ time: Duration, _ fault: ConnectionFault) {
        let loop = outlet.eventLoop.assumeIsolated()
        limit = loop.scheduleTask(in: TimeAmount(time)) { [weak self] in
            guard let self, phase != .over else { return }
            service.faults.note(fault)
            outlet.cutOff()
        }
    }

    private func clearLimit() {
        limit?.cancel()
        limit = nil
    }
}
