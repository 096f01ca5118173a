import Hummingbird

/// What is known of a request besides what it says.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The IP address that it comes from; nil where its connection has gone already.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}
