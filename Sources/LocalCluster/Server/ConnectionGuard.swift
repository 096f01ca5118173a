import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import NIOTLS

/// Watches over one connection behind its TLS layer: the handshake, and each header of HTTP/1.1,
/// must come in time. HTTP/2 sends headers whole and has limits of its own.
///
/// Used on the connection's event loop alone.
final class ConnectionGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let headTime: TimeAmount
    private let faults: ConnectionFaults
    private let ending: Ending
    /// When the first byte of a header, or the connection, came; nil while none is awaited.
    private var since: NIODeadline?
    private var isInRequest = false
    private var isHTTP2 = false
    private var isScheduled = false

    init(headTime: Duration, faults: ConnectionFaults, ending: Ending) {
        self.headTime = TimeAmount(headTime)
        self.ending = ending
        self.faults = faults
    }

    func handlerAdded(context: ChannelHandlerContext) {
        since = .now()
        schedule(context, in: headTime)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent, negotiated == "h2" {
            isHTTP2 = true
            since = nil
        }
        if case .inputClosed = event as? ChannelEvent {
            // A client that says nothing more does not wait for an answer either: as Go's server
            // does, what it asked for is ended.
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !ending.hasBegun else { return }
        if !isHTTP2, !isInRequest, since == nil {
            since = .now()
            schedule(context, in: headTime)
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        faults.note(error)
        context.fireErrorCaught(error)
    }

    /// A header of HTTP/1.1 is whole.
    func headArrived() {
        isInRequest = true
        since = nil
    }

    /// The answer to it has been sent.
    func responseEnded() { isInRequest = false }

    private func schedule(_ context: ChannelHandlerContext, in time: TimeAmount) {
        guard !isScheduled else { return }
        isScheduled = true
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.check(context)
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        isScheduled = false
        guard let since, context.channel.isActive else { return }
        let left = since + headTime - .now()
        if left <= .zero {
            faults.note(.slowHead)
            context.close(promise: nil)
        } else {
            schedule(context, in: left)
        }
    }
}
