/// One HTTP request as the shell read it from its socket.
public struct ServerRequest: Sendable {
    /// The method, in capitals.
    public var method: String
    /// The path and, behind a question mark, the query; both still percent-encoded.
    public var path: String
    /// The header fields; names in lower case.
    public var headers: [(String, String)]
    /// The whole body; empty where there is none.
    public var body: [UInt8]
    /// Who the client's certificate names. Where it is nil the model reads the bearer token from
    /// the `authorization` field; without one the request is anonymous.
    public var clientIdentity: UserIdentity?

    /// A request by all its parts.
    public init(
        method: String, path: String, headers: [(String, String)] = [], body: [UInt8] = [],
        clientIdentity: UserIdentity? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.clientIdentity = clientIdentity
    }

    /// The first value of the header field `name`, which is in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0.0 == name }?.1
    }
}
