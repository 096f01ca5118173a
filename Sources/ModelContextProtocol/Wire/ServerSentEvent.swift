public import KubernetesCore

/// What an answer that stays open is made of, as bytes.
public enum ServerSentEvent: Hashable, Sendable {
    /// A message of the protocol.
    case message(JSONValue)
    /// A word for proxies alone, so that nobody takes the connection for dead.
    case beat

    /// The event as it is sent. JSON has no line breaks of its own, so one line is enough.
    public var bytes: [UInt8] {
        switch self {
        case .message(let value):
            Array("event: message\ndata: ".utf8) + value.encoded() + Array("\n\n".utf8)
        case .beat: Array(":\n\n".utf8)
        }
    }
}
