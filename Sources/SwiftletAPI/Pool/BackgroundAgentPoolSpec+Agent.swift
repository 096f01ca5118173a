import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// Liveness, recycling and restarts of agents.
    public struct Agent: Hashable, Sendable {
        /// Seconds between two calls of an agent.
        public var heartbeatSeconds = 10
        /// Seconds of silence after which an agent counts as lost.
        public var timeoutSeconds = 300
        /// Seconds that a new agent has to become ready.
        public var startupTimeoutSeconds = 120
        /// Seconds between two assessments of the pool's health when nothing changes.
        public var healthCheckIntervalSeconds = 30
        /// When an agent is replaced by a fresh one.
        public var recycle = Recycle()
        /// How many agents may be replaced before something must be wrong with all of them.
        public var restartBudget = RestartBudget()

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            heartbeatSeconds = try node.integer(
                "heartbeatSeconds", heartbeatSeconds, in: 1...3_600, &faults)
            timeoutSeconds = try node.integer(
                "timeoutSeconds", timeoutSeconds, in: Bounds.positiveSeconds, &faults)
            startupTimeoutSeconds = try node.integer(
                "startupTimeoutSeconds", startupTimeoutSeconds, in: Bounds.positiveSeconds,
                &faults)
            healthCheckIntervalSeconds = try node.integer(
                "healthCheckIntervalSeconds", healthCheckIntervalSeconds, in: 1...3_600, &faults)
            recycle = try Recycle(reading: try node.nested("recycle"), &faults)
            restartBudget = try RestartBudget(reading: try node.nested("restartBudget"), &faults)
        }
    }

    /// When an agent is replaced by a fresh one.
    public struct Recycle: Hashable, Sendable {
        /// Whether an agent takes one attempt after another.
        public enum Mode: String, Hashable, Sendable, CaseIterable {
            /// An agent serves until something else ends it.
            case reuse = "Reuse"
            /// Every attempt gets a fresh agent, started ahead.
            case ephemeral = "Ephemeral"
        }

        /// Attempts after which an agent is replaced.
        public var afterTasks: Int?
        /// Seconds of age after which an agent is replaced.
        public var afterSeconds: Int?
        /// Whether an agent takes one attempt after another.
        public var mode = Mode.reuse

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            afterTasks = try node.optionalInteger("afterTasks", in: 1...1_000_000, &faults)
            afterSeconds = try node.optionalInteger(
                "afterSeconds", in: 60...31_536_000, &faults)
            mode = try node.word("mode", .reuse, &faults)
        }
    }

    /// How many agents may be replaced in a while.
    public struct RestartBudget: Hashable, Sendable {
        /// So many replacements.
        public var restarts = 5
        /// In so many seconds.
        public var windowSeconds = 600

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            restarts = try node.integer("restarts", restarts, in: 1...100, &faults)
            windowSeconds = try node.integer(
                "windowSeconds", windowSeconds, in: Bounds.positiveSeconds, &faults)
        }
    }

    /// A type of task that the pool takes.
    public struct TaskType: Hashable, Sendable {
        /// The type's name.
        public var name: String
        /// How much the pool is made for it; only proportions between pools and types count.
        public var weight: Double
        /// The JSON schema that a task's `input` must satisfy.
        public var inputSchema: TaskContract?
        /// The JSON schema that a result must satisfy.
        public var outputSchema: TaskContract?

        /// A type without contracts.
        public init(name: String, weight: Double = 1) {
            self.name = name
            self.weight = weight
        }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            name = try node.required("name").string()
            weight = try Optional(node).number("weight", 1, in: 0...100, &faults)
            inputSchema = try TaskContract(reading: try Optional(node).nested("inputSchema"))
            outputSchema = try TaskContract(reading: try Optional(node).nested("outputSchema"))
        }
    }

    /// What the pool says about tasks of `type`; nil where it names no types, or not this one.
    public func taskType(_ type: String) -> TaskType? { taskTypes.first { $0.name == type } }
}

extension TaskContract {
    fileprivate init?(reading node: JSONNode?) throws(JSONError) {
        guard let node else { return nil }
        self.init(node.value())
    }
}
