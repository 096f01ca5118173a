/// One HTTP request as a value, without the server it goes to.
public struct HTTPRequest: Hashable, Sendable {
    /// What is done with the target.
    public var method: HTTPMethod
    /// Path and query, percent-encoded: `/api/v1/pods?limit=500`.
    public var target: String
    /// The header fields; credentials are added by who sends the request.
    public var fields: HTTPFields
    /// The body; empty for none.
    public var body: [UInt8]

    /// A request by all its parts.
    public init(
        method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }
}
