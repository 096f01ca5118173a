import KubernetesCore
import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers the node's probes over HTTP: `/livez` and `/readyz`, nothing else, and never much.
struct HealthListener: Sendable {
    /// What one listener takes.
    struct Limits: Hashable, Sendable {
        /// Most connections at once; a node opens one or two.
        var connections = 16
        /// Most bytes of a request.
        var requestBytes = 8 << 10
        /// How long a connection lives.
        var lifetime = Duration.seconds(10)
        /// How long a probe may wait for a runner that has only just begun: less than a node does.
        var patience = Duration.seconds(2)
    }

    let signs: VitalSigns
    var limits = Limits()

    /// How often is looked while a probe waits.
    static let look = TimeAmount.milliseconds(25)

    /// Listens on `host`; returns the channel, which has to be closed. Port 0 is any.
    func listen(host: String, port: Int) async throws -> any NIOCore.Channel {
        let count = PlaceCount(most: limits.connections)
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard count.enter() else {
                        channel.close(promise: nil)
                        return
                    }
                    channel.closeFuture.whenComplete { _ in count.leave() }
                    let channel = channel
                    channel.eventLoop.scheduleTask(
                        in: .nanoseconds(limits.lifetime.nanoseconds)
                    ) { channel.close(promise: nil) }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteBound(most: limits.requestBytes))
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true)
                    try pipeline.addHandler(
                        ProbeAnswers(signs: signs, patience: limits.patience))
                }
            }
            .bind(host: host, port: port).get()
    }

    /// Listens until the task is cancelled, and tries again while the port cannot be had: the
    /// address of a pod may come a moment later.
    func run(host: String, port: Int, log: OutputLog) async {
        var pause = Duration.milliseconds(250)
        while !Task.isCancelled {
            do {
                let channel = try await listen(host: host, port: port)
                await withTaskCancellationHandler {
                    // Its end is all that is waited for, however it came.
                    _ = try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
            } catch {
                log.note(
                    "probes cannot be answered on \(host) port \(port): \(error)",
                    level: "warning")
                pause = min(pause * 4, .seconds(60))
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }
}

/// Closes a connection that sends more than a probe has to say.
private final class ByteBound: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    private var left: Int

    init(most: Int) { left = most }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        left -= unwrapInboundIn(data).readableBytes
        guard left >= 0 else {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }
}

/// Answers one request and closes the connection.
private final class ProbeAnswers: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let signs: VitalSigns
    private let patience: Duration
    private var path: String?
    private var hasAnswered = false

    init(signs: VitalSigns, patience: Duration) {
        self.signs = signs
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.method == .GET || head.method == .HEAD else {
                return answer(.init(405, "only GET is answered"), context)
            }
            path = String(head.uri.prefix { $0 != "?" })
        case .body: break
        case .end:
            answer(until: SystemClock.now.instant + patience, context)
        }
    }

    private func answer(until end: Instant, _ context: ChannelHandlerContext) {
        guard let path, !hasAnswered, context.channel.isActive else { return }
        let now = SystemClock.now.instant
        let vitals = signs.now
        if let found = vitals.answer(to: path, at: now) { return answer(found, context) }
        guard now < end else {
            return answer(.init(503, vitals.reasonNotReady(at: now) ?? "not ready"), context)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: HealthListener.look) {
            let (handler, context) = bound.value
            handler.answer(until: end, context)
        }
    }

    private func answer(_ answer: RunnerVitals.Answer, _ context: ChannelHandlerContext) {
        guard !hasAnswered else { return }
        hasAnswered = true
        let body = context.channel.allocator.buffer(string: answer.text + "\n")
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: answer.status),
            headers: [
                "content-type": "text/plain", "connection": "close",
                "content-length": String(body.readableBytes),
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
