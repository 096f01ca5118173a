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

    /// The standard limits.
    public init() {}
}
