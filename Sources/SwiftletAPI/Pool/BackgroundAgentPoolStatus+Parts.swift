public import KubernetesCore

extension BackgroundAgentPoolStatus {
    /// The tasks of a pool that have not ended.
    public struct Queue: Hashable, Sendable {
        /// Tasks that could run at once.
        public var queued = 0
        /// Tasks that wait for others or for a time.
        public var blocked = 0
        /// Tasks that run.
        public var running = 0
        /// For how many seconds the oldest queued task has waited.
        public var oldestQueuedSeconds = 0

        /// An empty queue.
        public init() {}

        init(reading node: JSONNode?) throws(JSONError) {
            queued = try node.count("queued")
            blocked = try node.count("blocked")
            running = try node.count("running")
            oldestQueuedSeconds = try node.count("oldestQueuedSeconds")
        }

        var json: JSONValue {
            [
                "queued": .int(queued), "blocked": .int(blocked), "running": .int(running),
                "oldestQueuedSeconds": .int(oldestQueuedSeconds),
            ]
        }
    }

    /// Tasks that have ended.
    public struct Totals: Hashable, Sendable {
        /// Tasks that succeeded.
        public var succeeded = 0
        /// Tasks that failed.
        public var failed = 0
        /// Attempts beyond the first.
        public var retried = 0

        /// Nothing has ended.
        public init() {}

        init(reading node: JSONNode?) throws(JSONError) {
            succeeded = try node.count("succeeded")
            failed = try node.count("failed")
            retried = try node.count("retried")
        }

        var json: JSONValue {
            ["succeeded": .int(succeeded), "failed": .int(failed), "retried": .int(retried)]
        }
    }

    /// How well it goes; what nothing is known about is nil.
    public struct Performance: Hashable, Sendable {
        /// Mean seconds of an attempt.
        public var averageDurationSeconds: Double?
        /// Seconds that 95 of 100 attempts stay under.
        public var p95DurationSeconds: Double?
        /// Median milliseconds from queued to running.
        public var schedulingP50Milliseconds: Double?
        /// Milliseconds from queued to running that 99 of 100 tasks stay under.
        public var schedulingP99Milliseconds: Double?
        /// Tasks that ended, a minute.
        public var tasksPerMinute: Double?

        /// Nothing is known.
        public init() {}

        init(reading node: JSONNode) throws(JSONError) {
            averageDurationSeconds = try node["averageDurationSeconds"]?.double()
            p95DurationSeconds = try node["p95DurationSeconds"]?.double()
            schedulingP50Milliseconds = try node["schedulingP50Milliseconds"]?.double()
            schedulingP99Milliseconds = try node["schedulingP99Milliseconds"]?.double()
            tasksPerMinute = try node["tasksPerMinute"]?.double()
        }

        var json: JSONValue {
            var result = JSONObject()
            result.put("averageDurationSeconds", averageDurationSeconds)
            result.put("p95DurationSeconds", p95DurationSeconds)
            result.put("schedulingP50Milliseconds", schedulingP50Milliseconds)
            result.put("schedulingP99Milliseconds", schedulingP99Milliseconds)
            result.put("tasksPerMinute", tasksPerMinute)
            return .object(result)
        }
    }

    /// What agents ask for and use, by resource name.
    public struct Resources: Hashable, Sendable {
        /// The sum of the agents' requests.
        public var requested: [String: String] = [:]
        /// The sum of what the agents say they use.
        public var used: [String: String] = [:]

        /// Nothing is known.
        public init() {}

        init(reading node: JSONNode?) throws(JSONError) {
            requested = try node.quantities("requested")
            used = try node.quantities("used")
        }

        var json: JSONValue? {
            var result = JSONObject()
            result.put("requested", quantities: requested)
            result.put("used", quantities: used)
            return result.isEmpty ? nil : .object(result)
        }
    }

    /// One agent, for people.
    public struct Agent: Hashable, Sendable {
        /// What an agent is at.
        public enum State: String, Hashable, Sendable, CaseIterable {
            case starting = "Starting"
            case idle = "Idle"
            case busy = "Busy"
            case draining = "Draining"
            case unhealthy = "Unhealthy"
            case failed = "Failed"
        }

        /// The pod's name.
        public var name: String
        /// What it is at.
        public var state: State
        /// Why it is well or not: `Healthy`, or one CamelCase word.
        public var health: String
        /// Tasks that it works on.
        public var tasks: Int
        /// When it last called.
        public var lastHeartbeatTime: Timestamp?
        /// How often its container was started anew.
        public var restarts: Int
        /// Processor time that it uses, as a quantity.
        public var cpu: String?
        /// Memory that it uses, as a quantity.
        public var memory: String?

        /// An agent by all its fields.
        public init(
            name: String, state: State, health: String, tasks: Int,
            lastHeartbeatTime: Timestamp? = nil, restarts: Int = 0, cpu: String? = nil,
            memory: String? = nil
        ) {
            self.name = name
            self.state = state
            self.health = health
            self.tasks = tasks
            self.lastHeartbeatTime = lastHeartbeatTime
            self.restarts = restarts
            self.cpu = cpu
            self.memory = memory
        }

        init(reading node: JSONNode) throws(JSONError) {
            let optional = Optional(node)
            name = try node.required("name").string()
            state = try optional.statusWord("state") ?? .starting
            health = try optional.text("health") ?? ""
            tasks = try optional.count("tasks")
            lastHeartbeatTime = try optional.time("lastHeartbeatTime")
            restarts = try optional.count("restarts")
            cpu = try optional.text("cpu")
            memory = try optional.text("memory")
        }

        var json: JSONValue {
            var result: JSONObject = [
                "name": .string(name), "state": .string(state.rawValue),
                "health": .string(health), "tasks": .int(tasks), "restarts": .int(restarts),
            ]
            result.put("lastHeartbeatTime", lastHeartbeatTime)
            result.put("cpu", cpu)
            result.put("memory", memory)
            return .object(result)
        }
    }

    /// What the autoscaler has to remember between two looks, also across restarts.
    public struct Autoscaling: Hashable, Sendable {
        /// The `spec.replicas` that it last took over.
        public var observedReplicas: Int
        /// When it last changed the size.
        public var lastScaleTime: Timestamp?
        /// Since when fewer agents have been enough.
        public var belowSince: Timestamp?
        /// The most agents that were asked for since `belowSince`.
        public var belowPeak: Int?
        /// Why the size is what it is, in one word.
        public var reason: String

        /// A memory by all its fields.
        public init(
            observedReplicas: Int, lastScaleTime: Timestamp? = nil,
            belowSince: Timestamp? = nil, belowPeak: Int? = nil, reason: String = ""
        ) {
            self.observedReplicas = observedReplicas
            self.lastScaleTime = lastScaleTime
            self.belowSince = belowSince
            self.belowPeak = belowPeak
            self.reason = reason
        }

        init(reading node: JSONNode) throws(JSONError) {
            let optional = Optional(node)
            observedReplicas = try optional.count("observedReplicas")
            lastScaleTime = try optional.time("lastScaleTime")
            belowSince = try optional.time("belowSince")
            belowPeak = try node["belowPeak"]?.integer()
            reason = try optional.text("reason") ?? ""
        }

        var json: JSONValue {
            var result: JSONObject = [
                "observedReplicas": .int(observedReplicas), "reason": .string(reason),
            ]
            result.put("lastScaleTime", lastScaleTime)
            result.put("belowSince", belowSince)
            result.put("belowPeak", belowPeak)
            return .object(result)
        }
    }

    /// How far a changed template has reached.
    public struct Rollout: Hashable, Sendable {
        /// The template that agents are brought to.
        public var templateRevision: String
        /// Agents of older templates that remain: the fewest so far.
        public var outdated: Int
        /// When there was last one less of them.
        public var progressTime: Timestamp

        /// A rollout by all its fields.
        public init(templateRevision: String, outdated: Int, progressTime: Timestamp) {
            self.templateRevision = templateRevision
            self.outdated = outdated
            self.progressTime = progressTime
        }

        init(reading node: JSONNode) throws(JSONError) {
            templateRevision = try Optional(node).text("templateRevision") ?? ""
            outdated = try Optional(node).count("outdated")
            progressTime = try Optional(node).time("progressTime") ?? Timestamp(seconds: 0)
        }

        var json: JSONValue {
            [
                "templateRevision": .string(templateRevision), "outdated": .int(outdated),
                "progressTime": .string(progressTime.milliText),
            ]
        }
    }

    /// What the restart budget has to remember between two looks, also across restarts.
    public struct Restarts: Hashable, Sendable {
        /// When agents were replaced because they failed, oldest first, inside the window.
        public var times: [Timestamp] = []
        /// Since when the pool has replaced agents one at a time, to probe; nil while it is well.
        public var probingSince: Timestamp?

        /// No agent was replaced.
        public init() {}

        init(reading node: JSONNode?) throws(JSONError) {
            for time in try node.list("times").prefix(101) { times.append(try time.timestamp()) }
            probingSince = try node.time("probingSince")
        }

        var json: JSONValue? {
            guard !times.isEmpty || probingSince != nil else { return nil }
            var result = JSONObject()
            result.put("times", times.map { .string($0.milliText) })
            result.put("probingSince", probingSince)
            return .object(result)
        }
    }
}
