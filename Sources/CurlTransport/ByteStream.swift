public import KubernetesCore

/// The body of an answer: one reader, bounded in bytes. Dropping it aborts the transfer.
public struct ByteStream: AsyncSequence, Sendable {
    /// All bytes that have come since the reader last asked.
    public typealias Element = [UInt8]
    /// Why the body ended before its end.
    public typealias Failure = TransportError

    enum Source: Sendable {
        case fixed([[UInt8]])
        case transfer(TransferLease)
    }

    private let source: Source

    init(_ lease: TransferLease) { source = .transfer(lease) }

    /// A body that is already there, for tests and other transports.
    public init(_ chunks: [[UInt8]]) { source = .fixed(chunks) }

    /// Starts to read. A body can be read once.
    public func makeAsyncIterator() -> Iterator { Iterator(source) }

    /// Reads all of the body, at most `bytesMax` bytes.
    public func collect(bytesMax: Int) async throws(TransportError) -> [UInt8] {
        var iterator = makeAsyncIterator()
        var body: [UInt8] = []
        while let chunk = try await iterator.next(isolation: nil) {
            guard body.count + chunk.count <= bytesMax else {
                let endpoint = iterator.endpoint
                throw TransportError(
                    .tooLarge, endpoint: endpoint,
                    "the answer of \(endpoint) is larger than \(bytesMax) bytes; ask for less"
                )
            }
            if body.isEmpty { body = chunk } else { body.append(contentsOf: chunk) }
        }
        return body
    }

    /// Reads a body piece by piece.
    public struct Iterator: AsyncIteratorProtocol {
        private var source: Source

        init(_ source: Source) { self.source = source }

        /// The server that the body comes from.
        var endpoint: String {
            if case .transfer(let lease) = source { lease.transfer.server.endpoint } else { "" }
        }

        /// The next bytes; `nil` at the end. Cancelling the task aborts the transfer.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TransportError) -> [UInt8]? {
            switch source {
            case .fixed(var chunks):
                guard !chunks.isEmpty else { return nil }
                let first = chunks.removeFirst()
                source = .fixed(chunks)
                return first
            case .transfer(let lease):
                return try await lease.nextBytes().get()
            }
        }

        /// The next bytes; `nil` at the end.
        public mutating func next() async throws(TransportError) -> [UInt8]? {
            try await next(isolation: nil)
        }
    }
}
