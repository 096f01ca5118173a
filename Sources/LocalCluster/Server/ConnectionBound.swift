import NIOCore

/// Takes no more connections than may be; the others wait with the system until one closes.
///
/// Stands on the listening channel, which takes one connection at a time.
final class ConnectionBound: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let connectionsMax: Int
    private var count = 0
    private var isHeld = false

    init(_ connectionsMax: Int) { self.connectionsMax = connectionsMax }

    func read(context: ChannelHandlerContext) {
        isHeld = count >= connectionsMax
        if !isHeld { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += 1
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (own, context) = bound.value
            own.count -= 1
            if own.isHeld { own.read(context: context) }
        }
        context.fireChannelRead(data)
    }
}
