public import CurlTransport
public import KubernetesCore

/// The events of one watch, in batches: one for each piece that came over the network. Dropping the
/// stream closes the connection.
public struct WatchStream<Object: KubeObject>: AsyncSequence, Sendable {
    /// The events of one piece; never empty.
    public typealias Element = [WatchEvent<Object>]
    /// Why the watch broke off.
    public typealias Failure = APIError

    private let body: ByteStream
    private let request: RequestSummary

    /// The events that `body`, the answer to `request`, holds.
    public init(_ body: ByteStream, of request: RequestSummary) {
        self.body = body
        self.request = request
    }

    /// Starts to read; once.
    public func makeAsyncIterator() -> Iterator { Iterator(body, request) }

    /// Reads a watch batch by batch.
    public struct Iterator: AsyncIteratorProtocol {
        private let request: RequestSummary
        private var bytes: ByteStream.Iterator?
        private var decoder: WatchDecoder<Object>

        init(_ body: ByteStream, _ request: RequestSummary) {
            self.request = request
            bytes = body.makeAsyncIterator()
            decoder = WatchDecoder(of: request)
        }

        /// The next events; `nil` when the server has ended the watch without saying why, as it
        /// does after its time limit. After an event `.failed` nothing follows.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(APIError) -> [WatchEvent<Object>]? {
            while bytes != nil {
                let chunk: [UInt8]?
                do throws(TransportError) {
                    chunk = try await bytes?.next(isolation: actor)
                } catch {
                    bytes = nil
                    throw APIError(request, error)
                }
                var events = chunk.map { decoder.append($0) } ?? decoder.finish()
                if chunk == nil { bytes = nil }
                if let last = events.firstIndex(where: \.isFailure) {
                    events.removeSubrange((last + 1)...)
                    bytes = nil
                }
                if !events.isEmpty { return events }
            }
            return nil
        }

        /// The next events.
        public mutating func next() async throws(APIError) -> [WatchEvent<Object>]? {
            try await next(isolation: nil)
        }
    }
}

extension WatchEvent {
    /// Whether the server has ended the watch with this event.
    fileprivate var isFailure: Bool {
        if case .failed = self { true } else { false }
    }
}
