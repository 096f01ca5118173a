public import KubernetesCore

/// What a call of an agent's tool comes down to.
public struct AgentRequest: Hashable, Sendable {
    /// What is asked for.
    public enum Call: Hashable, Sendable {
        /// To say how far the work is.
        case progress(percent: Int, message: String)
        /// To keep a state.
        case save(state: String)
        /// To get the state that was kept.
        case load
        /// To end the attempt with a result, nil for none.
        case complete(result: JSONValue?)
        /// To end the attempt with a failure.
        case fail(message: String)
        /// To ask for a permission, and wait for it.
        case permission(PermissionRequest, seconds: Int)
        /// To keep a memory.
        case remember(text: String, key: String?)
        /// To look for memories.
        case recall(query: String, limit: Int)
    }

    /// Most bytes of a result as compact JSON.
    static let resultBytesMax = 32 << 10

    /// The attempt that the caller says it is, as `uid/attempt`; nil where it does not say.
    public var lease: String?
    /// What is asked for.
    public var call: Call

    /// Reads a call; nil where the tool is none of an agent's.
    public static func read(
        _ name: String, _ arguments: JSONValue
    ) -> Result<AgentRequest, ToolRequest.Refusal>? {
        guard let tool = AgentTools.named(name) else { return nil }
        if let breach = tool.breach(arguments) { return .failure(.init(breach)) }
        do throws(ToolRequest.Refusal) {
            let call = try call(name, arguments)
            return .success(AgentRequest(lease: arguments["lease"]?.string, call: call))
        } catch {
            return .failure(error)
        }
    }

    private static func call(
        _ name: String, _ arguments: JSONValue
    ) throws(ToolRequest.Refusal) -> Call {
        func text(_ key: String) -> String { arguments[key]?.string ?? "" }
        func number(_ key: String, _ standard: Int) -> Int {
            arguments[key]?.integer.map(Int.init) ?? standard
        }
        switch name {
        case AgentTools.progress.name:
            return .progress(percent: number("percent", 0), message: text("message"))
        case AgentTools.save.name:
            guard text("state").utf8.count <= AgentTools.checkpointBytesMax else {
                throw .init("state: at most \(AgentTools.checkpointBytesMax) bytes are kept")
            }
            return .save(state: text("state"))
        case AgentTools.load.name: return .load
        case AgentTools.complete.name:
            let result = arguments["result"]
            if let failure = arguments["failure"]?.string {
                guard result == nil else {
                    throw .init("failure: a task that failed has no result")
                }
                return .fail(message: failure)
            }
            guard (result?.encoded().count ?? 0) <= resultBytesMax else {
                throw .init("result: at most \(resultBytesMax) bytes of JSON")
            }
            return .complete(result: result)
        case AgentTools.permission.name:
            return .permission(
                PermissionRequest(action: text("action"), reason: text("reason")),
                seconds: number("timeoutSeconds", 30))
        case AgentTools.remember.name:
            guard text("text").utf8.count <= AgentTools.memoryBytesMax else {
                throw .init("text: at most \(AgentTools.memoryBytesMax) bytes are kept")
            }
            return .remember(text: text("text"), key: arguments["key"]?.string)
        default: return .recall(query: text("query"), limit: number("limit", 5))
        }
    }
}
