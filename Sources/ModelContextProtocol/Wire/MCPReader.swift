public import KubernetesCore

/// Reads a message of either generation, and refuses what is none. Total: whatever the bytes are,
/// the answer is a message or an error that says what is wrong.
public struct MCPReader: Sendable {
    private static let meta = "io.modelcontextprotocol/"

    private let head: MCPHead

    /// A reader of the message that came with these headers.
    public init(head: MCPHead) { self.head = head }

    /// Reads the body.
    public func read(_ body: [UInt8]) -> Result<MCPMessage, MCPRefusal> {
        let value: JSONValue
        do throws(JSONError) {
            var limits = JSONDocument.Limits()
            limits.bytesMax = MCPLimits.requestBytesMax
            limits.depthMax = MCPLimits.depthMax
            limits.refusesDuplicateKeys = true
            value = try JSONDocument(parsing: body, limits: limits).root.value()
        } catch {
            return .failure(MCPRefusal(.null, MCPFault(.parse, "no JSON: \(error)", status: 400)))
        }
        let id = Self.id(of: value) ?? .null
        do throws(MCPFault) {
            return .success(try message(value))
        } catch {
            return .failure(MCPRefusal(id, error))
        }
    }

    // MARK: - The envelope

    private static func id(of value: JSONValue) -> JSONValue? {
        switch value["id"] {
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        case .string(let text) where text.utf8.count <= MCPLimits.wordBytesMax: .string(text)
        default: nil
        }
    }

    private func message(_ value: JSONValue) throws(MCPFault) -> MCPMessage {
        guard value.array == nil else { throw Self.invalid("batches are not taken") }
        guard value.object != nil, value["jsonrpc"] == "2.0" else {
            throw Self.invalid("expected a JSON-RPC 2.0 object")
        }
        let params = value["params"]
        guard params == nil || params?.object != nil else {
            throw MCPFault(.invalidParams, "params must be an object", status: 400)
        }
        let era = try era(of: value, params)
        guard let method = value["method"] else { return try response(value, era) }
        guard let method = method.string, method.utf8.count <= MCPLimits.wordBytesMax else {
            throw Self.invalid("method must be a short string")
        }
        guard value["id"] != nil else { return .unanswered }
        guard let id = Self.id(of: value) else {
            throw Self.invalid("id must be a number or a short string")
        }
        if era.isModern { try compare(method, params) }
        let call = try MCPCallReader(era: era, params: params ?? [:]).call(method)
        if case .listen = call, !head.takesEvents {
            throw MCPFault(.invalidRequest, "answers are text/event-stream", status: 406)
        }
        return .request(MCPRequest(id: id, era: era, call: call))
    }

    /// A response to a request that nobody made. Older clients may send one; newer ones may not.
    private func response(_ value: JSONValue, _ era: MCPEra) throws(MCPFault) -> MCPMessage {
        guard !era.isModern, value["result"] != nil || value["error"] != nil else {
            throw Self.invalid("method is missing")
        }
        return .unanswered
    }

    private func era(of value: JSONValue, _ params: JSONValue?) throws(MCPFault) -> MCPEra {
        let named = params?["_meta"]?[Self.meta + "protocolVersion"]
        if value["method"] == "initialize", !MCPVersion.modern.contains(named?.string ?? "") {
            return .legacy(version: head.version ?? "")
        }
        if let named {
            guard let version = named.string else {
                throw Self.wrongMeta("protocolVersion must be a string")
            }
            guard MCPVersion.modern.contains(version) else {
                if let header = head.version, MCPHead.unwrapped(header) != version {
                    throw Self.mismatch("MCP-Protocol-Version")
                }
                // The older versions are not spoken in this way.
                throw Self.unsupported(version, supported: MCPVersion.modern)
            }
            // Notifications carry no more than that.
            if value["id"] != nil,
                params?["_meta"]?[Self.meta + "clientCapabilities"]?.object == nil
            {
                throw Self.wrongMeta("clientCapabilities must be an object")
            }
            return .modern
        }
        guard let version = head.version else { return .legacy(version: MCPVersion.assumed) }
        if MCPVersion.modern.contains(version) {
            if value["id"] == nil, value["method"] != nil { return .modern }
            throw Self.wrongMeta("protocolVersion is missing")
        }
        guard MCPVersion.legacy.contains(version) else { throw Self.unsupported(version) }
        return .legacy(version: version)
    }

    /// The headers have to say what the body says: a proxy may have decided by them.
    private func compare(_ method: String, _ params: JSONValue?) throws(MCPFault) {
        func check(_ header: String?, _ name: String, is expected: String) throws(MCPFault) {
            guard let header, MCPHead.unwrapped(header) == expected else {
                throw Self.mismatch(name)
            }
        }
        let version = params?["_meta"]?[Self.meta + "protocolVersion"]?.string ?? ""
        try check(head.version, "MCP-Protocol-Version", is: version)
        try check(head.named, "Mcp-Method", is: method)
        switch method {
        case "tools/call":
            try check(head.subject, "Mcp-Name", is: params?["name"]?.string ?? "")
        case "tasks/get", "tasks/update", "tasks/cancel":
            // Clients in the field leave it out although they should not.
            guard let subject = head.subject else { return }
            try check(subject, "Mcp-Name", is: params?["taskId"]?.string ?? "")
        default: return
        }
    }

    private static func invalid(_ message: String) -> MCPFault {
        MCPFault(.invalidRequest, message, status: 400)
    }

    private static func wrongMeta(_ message: String) -> MCPFault {
        MCPFault(.invalidParams, "_meta: \(meta)\(message)", status: 400)
    }

    private static func mismatch(_ name: String) -> MCPFault {
        MCPFault(
            .headerMismatch, "the header \(name) must say what the body says", status: 400)
    }

    private static func unsupported(
        _ version: String, supported: [String] = MCPVersion.all
    ) -> MCPFault {
        MCPFault(
            .unsupportedVersion, "this version is not spoken here",
            data: [
                "supported": .strings(supported),
                "requested": .string(String(version.prefix(64))),
            ], status: 400)
    }
}

/// A message that was not understood, with its id as far as that could be read.
public struct MCPRefusal: Error, Hashable, Sendable {
    /// The message's id; null where there was none.
    public var id: JSONValue
    /// What is wrong.
    public var fault: MCPFault

    init(_ id: JSONValue, _ fault: MCPFault) {
        self.id = id
        self.fault = fault
    }

    /// The answer to it.
    public var reply: MCPReply { MCPReply(id: id, fault: fault) }
}
