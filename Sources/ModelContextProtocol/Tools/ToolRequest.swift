public import KubernetesCore
public import SwiftletAPI

/// What a call of a tool comes down to.
public enum ToolRequest: Hashable, Sendable {
    /// Which tasks of a namespace are listed.
    public struct Listing: Hashable, Sendable {
        /// The namespace.
        public var namespace: String
        /// Only those in this phase; nil for all.
        public var phase: TaskPhase?
        /// Only those of this pool; nil for all.
        public var pool: Key<BackgroundAgentPool>?
        /// Only those whose names come after this one.
        public var after: String?
        /// At most this many.
        public var limit: Int

        /// A page by all its fields.
        public init(
            namespace: String, phase: TaskPhase? = nil, pool: Key<BackgroundAgentPool>? = nil,
            after: String? = nil, limit: Int
        ) {
            self.namespace = namespace
            self.phase = phase
            self.pool = pool
            self.after = after
            self.limit = limit
        }
    }

    /// To submit a task.
    case submit(TaskSubmission)
    /// To look at a task.
    case get(TaskHandle)
    /// To look at a task once it has ended, or after this many seconds.
    case wait(TaskHandle, seconds: Int)
    /// To call a task off.
    case cancel(TaskHandle)
    /// To list tasks.
    case list(Listing)
    /// To list the pools that take tasks of a namespace.
    case pools(namespace: String)
    /// To read the last lines of a task's output.
    case logs(TaskHandle, lines: Int)

    /// Reads a call. Throws a fault where there is no such tool, and answers with a refusal where
    /// the arguments are wrong: then the model can mend them.
    public static func read(
        _ name: String, _ arguments: JSONValue, from caller: MCPCaller
    ) throws(MCPFault) -> Result<ToolRequest, Refusal> {
        guard let tool = TaskTools.named(name) else {
            throw MCPFault(.invalidParams, "there is no such tool")
        }
        if let breach = tool.breach(arguments) { return .failure(Refusal(breach)) }
        do throws(Refusal) {
            return .success(try request(name, arguments, caller))
        } catch {
            return .failure(error)
        }
    }

    /// Why a call cannot be carried out, in a sentence for a model.
    public struct Refusal: Error, Hashable, Sendable {
        /// The sentence.
        public let message: String

        init(_ message: String) { self.message = message }
    }

    private static func request(
        _ name: String, _ arguments: JSONValue, _ caller: MCPCaller
    ) throws(Refusal) -> ToolRequest {
        let given = arguments["namespace"]?.string
        switch name {
        case TaskTools.submit.name:
            let namespace = try namespace(given, caller)
            return .submit(try TaskSubmission(arguments, namespace: namespace, caller: caller))
        case TaskTools.get.name: return .get(try handle(arguments, caller))
        case TaskTools.wait.name:
            let seconds = arguments["timeoutSeconds"]?.integer.map(Int.init) ?? 30
            return .wait(
                try handle(arguments, caller), seconds: min(seconds, MCPLimits.waitSecondsMax))
        case TaskTools.cancel.name: return .cancel(try handle(arguments, caller))
        case TaskTools.logs.name:
            return .logs(
                try handle(arguments, caller),
                lines: arguments["lines"]?.integer.map(Int.init) ?? 100)
        case TaskTools.pools.name: return .pools(namespace: try namespace(given, caller))
        default:
            let namespace = try namespace(given, caller)
            return .list(
                Listing(
                    namespace: namespace,
                    phase: arguments["phase"]?.string.flatMap(TaskPhase.init(rawValue:)),
                    pool: try arguments["pool"]?.string.map { text throws(Refusal) in
                        try pool(text, in: namespace)
                    },
                    after: arguments["cursor"]?.string,
                    limit: arguments["limit"]?.integer.map(Int.init) ?? 20))
        }
    }

    private static func namespace(
        _ given: String?, _ caller: MCPCaller
    ) throws(Refusal) -> String {
        guard let namespace = given ?? caller.namespace else {
            throw Refusal("namespace: say which; the caller is no ServiceAccount and has none")
        }
        guard NameRules.dnsLabelErrors(namespace).isEmpty else {
            throw Refusal("namespace: there is no namespace of such a name")
        }
        return namespace
    }

    private static func handle(
        _ arguments: JSONValue, _ caller: MCPCaller
    ) throws(Refusal) -> TaskHandle {
        let namespace = arguments["namespace"]?.string ?? caller.namespace
        guard let handle = TaskHandle(arguments["task"]?.string ?? "", in: namespace) else {
            throw Refusal("task: expected a taskId, a name, or namespace/name")
        }
        return handle
    }

    /// A pool as it is named in arguments.
    static func pool(
        _ text: String, in namespace: String
    ) throws(Refusal) -> Key<BackgroundAgentPool> {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let key: Key<BackgroundAgentPool>
        switch parts.count {
        case 1: key = Key(namespace: namespace, name: parts[0])
        case 2: key = Key(namespace: parts[0], name: parts[1])
        default: throw Refusal("pool: expected a name or namespace/name")
        }
        guard NameRules.dnsLabelErrors(key.namespace).isEmpty,
            NameRules.dnsSubdomainErrors(key.name).isEmpty
        else { throw Refusal("pool: there is no pool of such a name") }
        return key
    }
}
