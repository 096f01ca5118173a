public import KubernetesCore

/// Sends HTTP requests. `CurlTransport` is the one that does; tests and fault injectors are others.
public protocol HTTPTransport: Sendable {
    /// Sends `request` and returns once the head of the answer is in; the body follows as a stream.
    ///
    /// Cancelling the calling task aborts the transfer and throws `.cancelled`.
    func send(
        _ request: HTTPRequest, to server: HTTPServer, _ options: TransferOptions
    ) async throws(TransportError) -> HTTPResponse
}

/// The answer to a request.
public struct HTTPResponse: Sendable {
    /// Status and header fields.
    public let head: HTTPResponseHead
    /// The body, to be read once.
    public let body: ByteStream

    /// An answer by its parts.
    public init(head: HTTPResponseHead, body: ByteStream) {
        self.head = head
        self.body = body
    }
}
