public import KubernetesCore

/// Sends requests with libcurl, each kind of traffic on a thread of its own: calls share
/// connections over HTTP/2, streams have one each over HTTP/1.1.
///
/// A transport is meant to be made once and shared. When the last reference goes, transfers under
/// way are aborted and the threads end.
public final class CurlTransport: HTTPTransport {
    private let calls: CurlLoop
    private let streams: CurlLoop

    /// Starts the threads. Fails where libcurl or the system refuses them.
    public init() throws(TransportError) {
        calls = try CurlLoop(name: "curl-calls", connectionsPerHostMax: 32)
        streams = try CurlLoop(name: "curl-streams", connectionsPerHostMax: 0)
    }

    deinit {
        calls.stop()
        streams.stop()
    }

    /// Sends `request` and returns once the head of the answer is in.
    public func send(
        _ request: HTTPRequest, to server: HTTPServer, _ options: TransferOptions
    ) async throws(TransportError) -> HTTPResponse {
        let loop = options.lane == .calls ? calls : streams
        let lease = TransferLease(Transfer(request, to: server, options), on: loop)
        let head = try await lease.start()
        return HTTPResponse(head: head, body: ByteStream(lease))
    }
}
