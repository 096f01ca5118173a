public import KubernetesCore

extension BackgroundTaskStatus {
    /// A task's place among those that wait.
    public struct Queue: Hashable, Sendable {
        /// How many go first, plus one; nil where it was not counted.
        public var position: Int?
        /// What it waits for, for people: names of tasks, or what is short.
        public var blockedBy: [String]

        /// A place by both fields.
        public init(position: Int? = nil, blockedBy: [String] = []) {
            self.position = position
            self.blockedBy = blockedBy
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            position = try node["position"]?.integer()
            blockedBy = try Optional(node).texts("blockedBy")
        }

        var json: JSONValue {
            var result = JSONObject()
            result.put("position", position)
            result.put("blockedBy", blockedBy.map(JSONValue.string))
            return .object(result)
        }
    }

    /// Who has an attempt.
    public struct Agent: Hashable, Sendable {
        /// The pod's name.
        public var name: String
        /// The pod's UID, which is the agent's identity.
        public var uid: UID
        /// The node that the pod was on.
        public var node: String?
        /// The pod's namespace, where it is not the task's.
        public var namespace: String?

        /// An agent by all its fields.
        public init(name: String, uid: UID, node: String? = nil, namespace: String? = nil) {
            self.name = name
            self.uid = uid
            self.node = node
            self.namespace = namespace
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            name = try node.required("name").string()
            uid = UID(try node.required("uid").string())
            self.node = try Optional(node).text("node")
            namespace = try Optional(node).text("namespace")
        }

        /// This agent as statuses carry it.
        public var json: JSONValue {
            var result: JSONObject = ["name": .string(name), "uid": .string(uid.text)]
            result.put("node", node)
            result.put("namespace", namespace)
            return .object(result)
        }
    }

    /// How far an attempt is.
    public struct Progress: Hashable, Sendable {
        /// Of a hundred; nil where the task does not say.
        public var percent: Int?
        /// What it is at.
        public var message: String?

        /// A progress by both fields.
        public init(percent: Int?, message: String? = nil) {
            self.percent = percent
            self.message = message
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            percent = try node["percent"]?.integer()
            message = try Optional(node).text("message")
        }

        var json: JSONValue {
            var result = JSONObject()
            result.put("percent", percent)
            result.put("message", message)
            return .object(result)
        }
    }

    /// A committed checkpoint.
    public struct Checkpoint: Hashable, Sendable {
        /// Counts the task's checkpoints, from 1.
        public var sequence: Int
        /// Its size.
        public var bytes: Int
        /// The SHA-256 of its content, as `sha256:…`.
        public var digest: String
        /// When it was committed.
        public var time: Timestamp?

        /// A checkpoint by all its fields.
        public init(sequence: Int, bytes: Int, digest: String, time: Timestamp? = nil) {
            self.sequence = sequence
            self.bytes = bytes
            self.digest = digest
            self.time = time
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            sequence = try node.required("sequence").integer()
            bytes = try node["bytes"]?.integer() ?? 0
            digest = try Optional(node).text("digest") ?? ""
            time = try Optional(node).time("time")
        }

        var json: JSONValue {
            var result: JSONObject = [
                "sequence": .int(sequence), "bytes": .int(bytes), "digest": .string(digest),
            ]
            result.put("time", time)
            return .object(result)
        }
    }

    /// Why an attempt failed.
    public struct Failure: Hashable, Sendable {
        /// What kind of failure it is.
        public var `class`: TaskFailureClass
        /// Why, in one CamelCase word.
        public var reason: String
        /// The exit code of the program, where it had one.
        public var exitCode: Int?
        /// Why, in a sentence.
        public var message: String?
        /// The end of the program's log.
        public var logTail: String?

        /// A failure by all its fields.
        public init(
            class: TaskFailureClass, reason: String, exitCode: Int? = nil,
            message: String? = nil, logTail: String? = nil
        ) {
            self.class = `class`
            self.reason = reason
            self.exitCode = exitCode
            self.message = message
            self.logTail = logTail
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            `class` = try Optional(node).statusWord("class") ?? .application
            reason = try Optional(node).text("reason") ?? ""
            exitCode = try node["exitCode"]?.integer()
            message = try Optional(node).text("message")
            logTail = try Optional(node).text("logTail")
        }

        var json: JSONValue {
            var result: JSONObject = [
                "class": .string(`class`.rawValue), "reason": .string(reason),
            ]
            result.put("exitCode", exitCode)
            result.put("message", message)
            result.put("logTail", logTail)
            return .object(result)
        }
    }

    /// One attempt that has ended.
    public struct Attempt: Hashable, Sendable {
        /// How it ended.
        public enum Outcome: String, Hashable, Sendable, CaseIterable {
            case succeeded = "Succeeded"
            case failed = "Failed"
            case cancelled = "Cancelled"
            /// The agent was lost; whether the work was done is not known.
            case lost = "Lost"
            /// It was ended for one of higher priority.
            case preempted = "Preempted"
        }

        /// Its number, from 1.
        public var number: Int
        /// Who had it.
        public var agent: Agent?
        /// When it began.
        public var startTime: Timestamp?
        /// When it ended.
        public var completionTime: Timestamp?
        /// How it ended.
        public var outcome: Outcome
        /// Why it failed; without a log.
        public var failure: Failure?

        /// An attempt by all its fields.
        public init(
            number: Int, agent: Agent?, startTime: Timestamp?, completionTime: Timestamp?,
            outcome: Outcome, failure: Failure? = nil
        ) {
            self.number = number
            self.agent = agent
            self.startTime = startTime
            self.completionTime = completionTime
            self.outcome = outcome
            self.failure = failure
        }

        init(reading node: JSONNode) throws(JSONError) {
            let optional = Optional(node)
            number = try node.required("number").integer()
            agent = try Agent(reading: try optional.nested("agent"))
            startTime = try optional.time("startTime")
            completionTime = try optional.time("completionTime")
            outcome = try optional.statusWord("outcome") ?? .failed
            failure = try Failure(reading: try optional.nested("failure"))
        }

        var json: JSONValue {
            var result: JSONObject = [
                "number": .int(number), "outcome": .string(outcome.rawValue),
            ]
            result.put("agent", agent?.json)
            result.put("startTime", startTime)
            result.put("completionTime", completionTime)
            result.put("failure", failure?.json)
            return .object(result)
        }
    }

    /// What was decided about how a task is run, and why.
    public struct Strategy: Hashable, Sendable {
        /// What is done next time: a retry action, or nil before the first failure.
        public var action: BackgroundTaskSpec.Rule.Action?
        /// Seconds that the next attempt may take, where not those of the spec.
        public var timeoutSeconds: Int?
        /// UIDs of agents that the next attempt should not go to.
        public var avoidAgents: [String]
        /// Nodes that the next attempt should not go to.
        public var avoidNodes: [String]
        /// Why, in a sentence.
        public var reason: String?

        /// A strategy by all its fields.
        public init(
            action: BackgroundTaskSpec.Rule.Action? = nil, timeoutSeconds: Int? = nil,
            avoidAgents: [String] = [], avoidNodes: [String] = [], reason: String? = nil
        ) {
            self.action = action
            self.timeoutSeconds = timeoutSeconds
            self.avoidAgents = avoidAgents
            self.avoidNodes = avoidNodes
            self.reason = reason
        }

        init?(reading node: JSONNode?) throws(JSONError) {
            guard let node else { return nil }
            let optional = Optional(node)
            action = try optional.statusWord("action")
            timeoutSeconds = try node["timeoutSeconds"]?.integer()
            avoidAgents = try optional.texts("avoidAgents")
            avoidNodes = try optional.texts("avoidNodes")
            reason = try optional.text("reason")
        }

        var json: JSONValue {
            var result = JSONObject()
            result.put("action", action?.rawValue)
            result.put("timeoutSeconds", timeoutSeconds)
            result.put("avoidAgents", avoidAgents.map(JSONValue.string))
            result.put("avoidNodes", avoidNodes.map(JSONValue.string))
            result.put("reason", reason)
            return .object(result)
        }
    }
}
