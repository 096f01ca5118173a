import AgentProtocol

/// How much callers may ask of a gateway.
public struct GatewayLimits: Hashable, Sendable {
    /// Most bytes of a sync request.
    public var syncBytesMax = ProtocolLimits.messageBytesMax
    /// How long a body may take to arrive.
    public var bodyTime = Duration.seconds(30)
    /// Most connections at one time; further ones wait to be accepted.
    public var connectionsMax = 4_096
    /// Most header fields of a request.
    public var fieldsMax = 128
    /// Most bytes of one header field.
    public var fieldBytesMax = 16 << 10
    /// Most bytes of all header fields of a request.
    public var headBytesMax = 64 << 10
    /// How long a connection may do nothing, and a head may take to arrive.
    public var idleTime = Duration.seconds(90)
    /// Longest long poll, whatever the agent is willing to wait.
    public var pollTime = Duration.seconds(20)
    /// Most calls that wait for tasks at one time; further ones are answered at once.
    public var taskWaitsMax = 512
    /// How long it is believed that a caller may do something.
    public var rightsTime = Duration.seconds(10)
    /// Most subscriptions that are open at one time; further ones are refused.
    public var subscriptionsMax = 256
    /// Most subscriptions of one caller that are open at one time.
    public var callerSubscriptionsMax = 16
    /// Longest time that a subscription stays open. Clients subscribe again.
    public var subscriptionTime = Duration.seconds(1_800)
    /// How long a subscription may say nothing: below what proxies take for dead.
    public var subscriptionBeat = Duration.seconds(15)
    /// How often it is asked whether whoever listens may still do so.
    public var subscriptionReviewTime = Duration.seconds(30)
    /// How long whoever listens may take to read one event.
    public var subscriptionWriteTime = Duration.seconds(10)

    /// The standard limits.
    public init() {}
}
