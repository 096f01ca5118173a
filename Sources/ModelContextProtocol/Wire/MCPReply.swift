public import KubernetesCore

/// An answer to a message: a status, and a body where there is one.
public struct MCPReply: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The body; nil for none.
    public var body: JSONValue?
    /// More headers, by name in lower case.
    public var fields: [String: String] = [:]

    /// An answer by its status and body.
    public init(status: Int, body: JSONValue? = nil) {
        self.status = status
        self.body = body
    }

    /// The answer to what wants none.
    public static let accepted = MCPReply(status: 202)

    /// An error about a message whose id is not known.
    public static func refused(_ status: Int, _ code: MCPFault.Code, _ message: String) -> MCPReply
    {
        MCPReply(id: .null, fault: MCPFault(code, message, status: status))
    }

    /// An error about the message `id`.
    public init(id: JSONValue, fault: MCPFault) {
        self.init(
            status: fault.status, body: ["jsonrpc": "2.0", "id": id, "error": fault.json])
    }
}
