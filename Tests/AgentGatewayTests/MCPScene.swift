import KubernetesCore

@testable import AgentGateway

/// Calls of the Model Context Protocol.
extension GatewayScene {
    private static let tasks = "io.modelcontextprotocol/tasks"

    /// A request of the newer generation.
    func modern(
        _ method: String, _ params: JSONValue = [:], token: String? = FakeDesk.builder,
        knowsTasks: Bool = true, headers: [(String, String)]? = nil
    ) async throws -> Answer {
        var params = params
        var meta = params["_meta"] ?? [:]
        meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28"
        meta["io.modelcontextprotocol/clientCapabilities"] =
            knowsTasks ? ["extensions": .object([Self.tasks: [:]])] : [:]
        params["_meta"] = meta
        var fields = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)]
        if method == "tools/call" {
            fields.append(("mcp-name", params["name"]?.string ?? ""))
        }
        return try await mcp(method, params, token, headers ?? fields)
    }

    /// A request of the older generation.
    func legacy(
        _ method: String, _ params: JSONValue = [:], token: String? = FakeDesk.builder
    ) async throws -> Answer {
        try await mcp(method, params, token, [("mcp-protocol-version", "2025-11-25")])
    }

    /// A tool's answer, asked for without tasks.
    func tool(
        _ name: String, _ arguments: JSONValue, token: String? = FakeDesk.builder
    ) async throws -> JSONValue {
        let answer = try await legacy(
            "tools/call", ["name": .string(name), "arguments": arguments], token: token)
        return answer.json?["result"] ?? answer.json?["error"] ?? .null
    }

    private func mcp(
        _ method: String, _ params: JSONValue, _ token: String?, _ headers: [(String, String)]
    ) async throws -> Answer {
        let body: JSONValue = [
            "jsonrpc": "2.0", "id": 7, "method": .string(method), "params": params,
        ]
        return try await post(body.encoded(), token: token, headers: headers)
    }

    /// Any body at all.
    func post(
        _ body: [UInt8], token: String? = FakeDesk.builder, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await call(
            "POST", "/mcp", body: body, token: token,
            headers: [
                ("content-type", "application/json"),
                ("accept", "application/json, text/event-stream"),
            ] + headers)
    }
}
