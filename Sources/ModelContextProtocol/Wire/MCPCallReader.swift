import KubernetesCore

/// Reads what a request asks, from its method and parameters.
struct MCPCallReader {
    let era: MCPEra
    let params: JSONValue

    func call(_ method: String) throws(MCPFault) -> MCPRequest.Call {
        if method == "tools/list" { return .listTools }
        if method == "tools/call" { return try toolCall() }
        if method.hasPrefix("tasks/") { return try taskCall(method) }
        switch (method, era.isModern) {
        case ("server/discover", true): return .discover
        case ("subscriptions/listen", true):
            return .listen(
                try SubscriptionFilter(
                    reading: params["notifications"], declaresTasks: declaresTasks))
        case ("initialize", false):
            return .initialize(requested: try word("protocolVersion"))
        case ("ping", false): return .ping
        default: throw noSuchMethod(method)
        }
    }

    private func toolCall() throws(MCPFault) -> MCPRequest.Call {
        let name = try word("name")
        let arguments = params["arguments"] ?? [:]
        guard arguments.object != nil else { throw wrong("arguments must be an object") }
        let asTask = era.isModern ? declaresTasks : params["task"]?.object != nil
        return .callTool(name: name, arguments: arguments, asTask: asTask)
    }

    private func taskCall(_ method: String) throws(MCPFault) -> MCPRequest.Call {
        switch (method, era.isModern) {
        case ("tasks/get", _): return .getTask(try handle())
        case ("tasks/cancel", _): return .cancelTask(try handle())
        case ("tasks/update", true):
            let handle = try handle()
            guard let responses = params["inputResponses"]?.object else {
                throw wrong("inputResponses must be an object")
            }
            return .updateTask(handle, responses: responses)
        case ("tasks/result", false): return .taskResult(try handle())
        case ("tasks/list", false):
            let cursor = params["cursor"]
            guard cursor == nil || cursor?.string != nil else {
                throw wrong("cursor must be a string")
            }
            return .listTasks(cursor: cursor?.string)
        default: throw noSuchMethod(method)
        }
    }

    /// Whether the client says in this request that it can be answered with a task.
    private var declaresTasks: Bool {
        params["_meta"]?["io.modelcontextprotocol/clientCapabilities"]?["extensions"]?[
            MCPServer.tasksExtension]?.object != nil
    }

    private func handle() throws(MCPFault) -> String {
        guard !era.isModern || declaresTasks else { throw MCPFault.needsTasks }
        guard let text = params["taskId"]?.string, text.utf8.count <= MCPLimits.handleBytesMax
        else { throw wrong("taskId must be a string") }
        return text
    }

    private func word(_ key: String) throws(MCPFault) -> String {
        guard let text = params[key]?.string, text.utf8.count <= MCPLimits.wordBytesMax else {
            throw wrong("\(key) must be a short string")
        }
        return text
    }

    private func wrong(_ message: String) -> MCPFault {
        MCPFault(.invalidParams, message, status: era.isModern ? 400 : 200)
    }

    private func noSuchMethod(_ method: String) -> MCPFault {
        MCPFault(
            .methodNotFound, "there is no such method", status: era.isModern ? 404 : 200)
    }
}
