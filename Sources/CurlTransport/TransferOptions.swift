/// How one request is sent, and how long each phase of it may take.
public struct TransferOptions: Hashable, Sendable {
    /// Which connections a request shares.
    public enum Lane: Hashable, Sendable {
        /// Short calls: HTTP/2 where the server has it, many over one connection.
        case calls
        /// Answers that last: HTTP/1.1, a connection of its own, so that no stream holds up a call
        /// and back-pressure is TCP's.
        case streams
    }

    /// Which connections the request shares.
    public var lane: Lane
    /// From the start until the server can be spoken to: name, TCP, proxy and TLS.
    public var connect: Duration
    /// From the start until the head of the answer is in.
    public var head: Duration?
    /// From the start until the whole answer is in.
    public var total: Duration?
    /// Between two pieces of the answer, while somebody is ready to read them.
    public var idle: Duration?
    /// How much of the body is kept while nobody reads; then the sender is made to wait.
    public var bufferBytesMax: Int
    /// Whether the server may compress the answer.
    public var acceptsCompression: Bool

    /// Options by all their parts.
    public init(
        lane: Lane, connect: Duration, head: Duration?, total: Duration?, idle: Duration?,
        bufferBytesMax: Int = 4 << 20, acceptsCompression: Bool = true
    ) {
        self.lane = lane
        self.connect = connect
        self.head = head
        self.total = total
        self.idle = idle
        self.bufferBytesMax = bufferBytesMax
        self.acceptsCompression = acceptsCompression
    }

    /// A short call: 10 s to connect, 60 s in all.
    public static let call = TransferOptions(
        lane: .calls, connect: .seconds(10), head: .seconds(60), total: .seconds(60), idle: nil)

    /// A stream that lasts: 10 s to connect, 60 s to begin, no end, and never silent for two
    /// minutes (bookmarks come about once a minute).
    public static let stream = TransferOptions(
        lane: .streams, connect: .seconds(10), head: .seconds(60), total: nil,
        idle: .seconds(120), acceptsCompression: false)
}
