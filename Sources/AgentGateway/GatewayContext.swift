import Hummingbird
import NIOCore

/// What a request came with beside its head and its body.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection: what is told on it for long has to be able to end it.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The IP address that it comes from; nil where its connection has gone already.
    var peer: String? { channel.remoteAddress?.ipAddress }
}
