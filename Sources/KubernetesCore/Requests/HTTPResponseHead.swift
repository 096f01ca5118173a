/// What a server says before the body: status and header fields.
public struct HTTPResponseHead: Hashable, Sendable {
    /// The status code.
    public let status: Int
    /// The header fields.
    public let fields: HTTPFields

    /// A head by its parts.
    public init(status: Int, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }

    /// Whether the status is one of success.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// Longest time for which a server is left alone, whatever it asks.
    static let retryAfterMax = Duration.seconds(3_600)

    /// How long the server asks to be left alone, at most an hour; nil where it does not ask, or
    /// says no time that lies ahead.
    ///
    /// A date is read against the answer's own `Date`, so that no clock but the server's matters;
    /// where the answer carries none, against `now`.
    public func retryAfter(at now: Timestamp? = nil) -> Duration? {
        guard let text = fields["retry-after"] else { return nil }
        let wait: Duration
        if let seconds = Int(text) {
            wait = .seconds(seconds)
        } else {
            guard let until = HTTPDate.read(text),
                let reference = fields["date"].flatMap(HTTPDate.read) ?? now
            else { return nil }
            wait = until - reference
        }
        return wait > .zero ? min(wait, HTTPResponseHead.retryAfterMax) : nil
    }
}
