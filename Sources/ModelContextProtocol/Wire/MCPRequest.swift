public import KubernetesCore

/// One request that was understood: who asks is not in it, and whether they may is not decided.
public struct MCPRequest: Hashable, Sendable {
    /// What is asked.
    public enum Call: Hashable, Sendable {
        /// What the server is and can do.
        case discover
        /// A handshake, with the version that the client would like.
        case initialize(requested: String)
        /// Whether anybody is there.
        case ping
        /// Which tools there are.
        case listTools
        /// To use a tool. `asTask` says that the client can be answered with a task.
        case callTool(name: String, arguments: JSONValue, asTask: Bool)
        /// How a task stands.
        case getTask(String)
        /// Answers to what a task asks for, by key.
        case updateTask(String, responses: JSONObject)
        /// To call a task off.
        case cancelTask(String)
        /// What a task came to, as soon as that is known; legacy only.
        case taskResult(String)
        /// Which tasks there are, after the one that the cursor names; legacy only.
        case listTasks(cursor: String?)
        /// To be told of changes for as long as the client listens.
        case listen(SubscriptionFilter)
    }

    /// What the answer has to name: a string or a number.
    public var id: JSONValue
    /// Which generation the request is of.
    public var era: MCPEra
    /// What is asked.
    public var call: Call

    /// A request by all its fields.
    public init(id: JSONValue, era: MCPEra, call: Call) {
        self.id = id
        self.era = era
        self.call = call
    }

    /// The answer with this result.
    public func reply(_ result: JSONValue) -> MCPReply {
        MCPReply(
            status: 200,
            body: ["jsonrpc": "2.0", "id": id, "result": era.isModern ? stamped(result) : result])
    }

    /// The answer with this error.
    public func reply(_ fault: MCPFault) -> MCPReply { MCPReply(id: id, fault: fault) }

    /// Every result of the newer generation says what kind of result it is, and whose.
    private func stamped(_ result: JSONValue) -> JSONValue {
        var result = result
        if result["resultType"] == nil { result["resultType"] = "complete" }
        var meta = result["_meta"] ?? [:]
        meta["io.modelcontextprotocol/serverInfo"] = MCPServer.implementation
        result["_meta"] = meta
        return result
    }
}

/// What was sent: a request, or something that wants no answer.
public enum MCPMessage: Hashable, Sendable {
    /// A request.
    case request(MCPRequest)
    /// A notification, or a response to nothing that we asked: taken, and nothing comes of it.
    case unanswered
}
