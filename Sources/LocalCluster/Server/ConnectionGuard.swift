import NIOCore
import NIOTLS

/// Watches over one connection behind its TLS layer: the handshake, and each header of HTTP/1.1,
/// must come in time; without requests it is not kept for long. HTTP/2 sends headers whole.
///
/// Used on the connection's event loop alone.
final class ConnectionGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Phase {
        /// The handshake, or a header, is coming in since then.
        case head(since: NIODeadline)
        /// A request is being answered; its time is not the guard's affair.
        case request
        /// Nothing is asked since then.
        case idle(since: NIODeadline)
    }

    private let headTime: TimeAmount
    private let idleTime: TimeAmount
    private let faults: ConnectionFaults
    private var phase = Phase.head(since: .now())
    private var isHTTP2 = false
    private var isNegotiated = false

    init(_ limits: ConnectionLimits, _ faults: ConnectionFaults) {
        headTime = TimeAmount(limits.headTime)
        idleTime = TimeAmount(limits.idleTime)
        self.faults = faults
    }

    func handlerAdded(context: ChannelHandlerContext) {
        phase = .head(since: .now())
        schedule(context, at: .now() + headTime)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            isNegotiated = true
            isHTTP2 = negotiated == "h2"
            if isHTTP2 { phase = .idle(since: .now()) }
        }
        if event is ChannelShouldQuiesceEvent, !isNegotiated {
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isHTTP2, case .idle = phase { phase = .head(since: .now()) }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        faults.note(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    /// The header of a request is whole.
    func requestBegan() { phase = .request }

    /// No request is being answered any more.
    func requestEnded() { phase = .idle(since: .now()) }

    private func schedule(_ context: ChannelHandlerContext, at time: NIODeadline) {
        context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in
            self?.check(context)
        }
    }

    /// Looks at the clock, as often as a header may take: so nothing that has a limit is missed,
    /// and nothing is scheduled for a request.
    private func check(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let now = NIODeadline.now()
        var next = now + headTime
        switch phase {
        case .head(let since):
            guard since + headTime > now else {
                faults.note(.slowHead)
                context.close(promise: nil)
                return
            }
            next = since + headTime
        case .idle(let since):
            guard since + idleTime > now else {
                context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
                return
            }
            next = min(next, since + idleTime)
        case .request: break
        }
        schedule(context, at: next)
    }
}
