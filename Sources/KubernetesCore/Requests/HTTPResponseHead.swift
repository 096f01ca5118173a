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

    /// How long the server asks to be left alone; only the form in seconds is read, at most an
    /// hour.
    public var retryAfter: Duration? {
        guard let text = fields["retry-after"], let seconds = Int(text), seconds > 0 else {
            return nil
        }
        return .seconds(min(seconds, 3_600))
    }
}
