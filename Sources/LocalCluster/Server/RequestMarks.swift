import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Sees where requests begin and answers end, on a connection of HTTP/1.1 or a stream of HTTP/2.
///
/// It tells the guard of a connection of HTTP/1.1; a stream has none, and its answers say no
/// length.
final class RequestMarks: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var connection: ConnectionGuard?

    func handlerAdded(context: ChannelHandlerContext) {
        connection = try? context.pipeline.syncOperations.handler(type: ConnectionGuard.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { connection?.headArrived() }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard connection == nil, head.headerFields[.contentLength] != nil else { break }
            // A client that knows the length resets an HTTP/2 stream as soon as it has so many
            // bytes, before the frame that ends the stream; many such resets look like an attack,
            // and the connection is closed.
            head.headerFields[.contentLength] = nil
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            return
        case .body: break
        case .end: connection?.responseEnded()
        }
        context.write(data, promise: promise)
    }
}
