import NIOCore
import NIOTLS

/// Keeps resets of streams that have ended from the HTTP/2 code of SwiftNIO; see `StreamEnds`.
/// Does nothing on a connection of HTTP/1.1.
final class LateResets: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var streams: StreamEnds?

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent, negotiated == "h2" {
            streams = StreamEnds()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let rest = streams?.received(unwrapInboundIn(data)) else {
            context.fireChannelRead(data)
            return
        }
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        streams?.sent(unwrapOutboundIn(data))
        context.write(data, promise: promise)
    }
}
