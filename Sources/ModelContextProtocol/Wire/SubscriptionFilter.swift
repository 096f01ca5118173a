import KubernetesCore

/// What a client of `subscriptions/listen` asks to be told of, as far as it can be: tasks. Lists of
/// tools do not change here, and there are no prompts and no resources; who asks for those is told
/// in the acknowledgement that they will hear nothing of them.
public struct SubscriptionFilter: Hashable, Sendable {
    /// The handles of tasks, each once, in the client's order. They are anything so far.
    public var tasks: [String]

    /// A filter for these tasks.
    public init(tasks: [String]) { self.tasks = tasks }

    private static let lists = ["toolsListChanged", "promptsListChanged", "resourcesListChanged"]

    /// Reads a filter. What it does not know is nothing to it; what it knows has to be right.
    /// - Parameter declaresTasks: whether the client says that it knows tasks.
    init(reading value: JSONValue?, declaresTasks: Bool) throws(MCPFault) {
        guard let value, value.object != nil else { throw Self.wrong("must be an object") }
        for key in Self.lists {
            guard let flag = value[key], flag != .null else { continue }
            guard flag.bool != nil else { throw Self.wrong("\(key) must be true or false") }
        }
        _ = try Self.texts("resourceSubscriptions", in: value)
        let tasks = try Self.texts("taskIds", in: value)
        guard tasks == nil || declaresTasks else { throw MCPFault.needsTasks }
        var seen: Set<String> = []
        self.tasks = (tasks ?? []).filter { seen.insert($0).inserted }
        guard self.tasks.count <= MCPLimits.subscribedTasksMax else {
            throw Self.wrong("taskIds has at most \(MCPLimits.subscribedTasksMax) tasks")
        }
        guard self.tasks.allSatisfy({ $0.utf8.count <= MCPLimits.handleBytesMax }) else {
            throw Self.wrong("taskIds must be handles of tasks")
        }
    }

    private static func texts(_ key: String, in value: JSONValue) throws(MCPFault) -> [String]? {
        guard let list = value[key], list != .null else { return nil }
        guard let items = list.array else { throw wrong("\(key) must be a list of strings") }
        let texts = items.compactMap(\.string)
        guard texts.count == items.count else { throw wrong("\(key) must be a list of strings") }
        return texts
    }

    private static func wrong(_ message: String) -> MCPFault {
        MCPFault(.invalidParams, "notifications: " + message, status: 400)
    }
}
