import KubernetesCore

/// What the server says about itself.
public enum MCPServer {
    /// The extension that tells of tasks, by its name.
    public static let tasksExtension = "io.modelcontextprotocol/tasks"

    /// What the server is called.
    static let implementation: JSONValue = ["name": "swiftlet-gateway", "version": "0.1.0"]

    /// A word to the model.
    static let instructions = """
        Background tasks run on pools of agents in a Kubernetes cluster. Submit one with \
        submit_task, and give an idempotencyKey so that a repeated call does no work twice. Then \
        call wait_task until `done` is true. A task that has failed says why in `failure`.
        """

    /// The answer to `server/discover`.
    static var discovery: JSONValue {
        [
            "supportedVersions": .strings(MCPVersion.modern),
            "capabilities": ["tools": [:], "extensions": [tasksExtension: [:]]],
            "instructions": .string(instructions), "ttlMs": 3_600_000, "cacheScope": "public",
        ]
    }

    /// The answer to `initialize`.
    static func handshake(_ requested: String) -> JSONValue {
        let version = MCPVersion.agreed(on: requested)
        var capabilities: JSONValue = ["tools": ["listChanged": false]]
        if version == "2025-11-25" {
            capabilities["tasks"] = [
                "list": [:], "cancel": [:], "requests": ["tools": ["call": [:]]],
            ]
        }
        return [
            "protocolVersion": .string(version), "capabilities": capabilities,
            "serverInfo": implementation, "instructions": .string(instructions),
        ]
    }

    /// The answer to what no tool and no task is needed for; nil for everything else.
    public static func reply(to request: MCPRequest, tools: [ToolDefinition]) -> MCPReply? {
        switch request.call {
        case .discover: return request.reply(discovery)
        case .initialize(let requested): return request.reply(handshake(requested))
        case .ping: return request.reply([:])
        case .listTools:
            var result: JSONValue = ["tools": .array(tools.map { $0.json(for: request.era) })]
            if request.era.isModern {
                result["ttlMs"] = 300_000
                // Agents see more tools than others: what one was told is not for another.
                result["cacheScope"] = "private"
            }
            return request.reply(result)
        case .callTool, .getTask, .updateTask, .cancelTask, .taskResult, .listTasks, .listen:
            return nil
        }
    }
}
