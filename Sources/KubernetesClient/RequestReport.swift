public import KubernetesCore

/// What became of one request: for metrics and logs.
public struct RequestReport: Sendable {
    /// The request.
    public let request: RequestSummary
    /// The server, as `host:port`.
    public let endpoint: String
    /// The status of the answer; 0 where there was none.
    public let status: Int
    /// From the start until the head of the answer was in, or until it was clear that none comes.
    public let duration: Duration
}
