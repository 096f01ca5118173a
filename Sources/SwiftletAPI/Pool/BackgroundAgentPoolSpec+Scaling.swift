public import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// Sizing by load, inside bounds.
    public struct Autoscaling: Hashable, Sendable {
        /// Whether the pool is sized by load; where not, `spec.replicas` alone counts.
        public var enabled = true
        /// Fewest agents.
        public var minReplicas = 2
        /// Most agents.
        public var maxReplicas = 20
        /// Percent of slots that should be in use.
        public var targetUtilization = 80
        /// Seconds in which the backlog should be worked off.
        public var queueDrainSeconds = 60
        /// Seconds for which fewer agents must have been enough before some are taken away.
        public var scaleDownStabilizationSeconds = 300
        /// Agents that should stay free.
        public var minIdle = 0
        /// Times at which more agents than `minReplicas` are kept.
        public var floors: [Floor] = []

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            enabled = try node.flag("enabled", enabled)
            minReplicas = try node.integer(
                "minReplicas", minReplicas, in: Bounds.replicas, &faults)
            maxReplicas = try node.integer(
                "maxReplicas", maxReplicas, in: Bounds.replicas, &faults)
            targetUtilization = try node.integer(
                "targetUtilization", targetUtilization, in: Bounds.percent, &faults)
            queueDrainSeconds = try node.integer(
                "queueDrainSeconds", queueDrainSeconds, in: Bounds.positiveSeconds, &faults)
            scaleDownStabilizationSeconds = try node.integer(
                "scaleDownStabilizationSeconds", scaleDownStabilizationSeconds,
                in: Bounds.seconds, &faults)
            minIdle = try node.integer("minIdle", minIdle, in: Bounds.replicas, &faults)
            for floor in try node.list("floors") {
                floors.append(try Floor(reading: floor, &faults))
            }
        }
    }

    /// A lower bound that holds for a while from certain times on.
    public struct Floor: Hashable, Sendable {
        /// When it begins: a cron expression of five fields, or a macro such as `@daily`.
        public var cron: String
        /// The IANA time zone in which `cron` is read.
        public var timeZone: String
        /// Seconds for which it holds.
        public var durationSeconds: Int
        /// Fewest agents while it holds.
        public var minReplicas: Int

        /// A floor by all its fields.
        public init(cron: String, timeZone: String, durationSeconds: Int, minReplicas: Int) {
            self.cron = cron
            self.timeZone = timeZone
            self.durationSeconds = durationSeconds
            self.minReplicas = minReplicas
        }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            cron = try node.required("cron").string()
            timeZone = try Optional(node).text("timeZone") ?? "UTC"
            durationSeconds = try Optional(node).integer(
                "durationSeconds", 3_600, in: Bounds.positiveSeconds, &faults)
            minReplicas = try Optional(node).integer(
                "minReplicas", 1, in: Bounds.replicas, &faults)
        }
    }

    /// How a changed template reaches the agents.
    public struct Update: Hashable, Sendable {
        /// Agents that may be missing meanwhile.
        public var maxUnavailable = IntOrPercent.percent(25)
        /// Agents that may be there in addition meanwhile.
        public var maxSurge = IntOrPercent.count(1)
        /// Seconds that a busy agent is given before it is ended.
        public var drainSeconds = 600
        /// Seconds without progress after which the update counts as stuck.
        public var progressDeadlineSeconds = 600

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            maxUnavailable = try Update.share(node, "maxUnavailable", maxUnavailable, &faults)
            maxSurge = try Update.share(node, "maxSurge", maxSurge, &faults)
            drainSeconds = try node.integer(
                "drainSeconds", drainSeconds, in: Bounds.seconds, &faults)
            progressDeadlineSeconds = try node.integer(
                "progressDeadlineSeconds", progressDeadlineSeconds,
                in: Bounds.positiveSeconds, &faults)
        }

        private static func share(
            _ node: JSONNode?, _ key: StaticString, _ fallback: IntOrPercent,
            _ faults: inout [ValidationFault]
        ) throws(JSONError) -> IntOrPercent {
            guard let given = node[key] else { return fallback }
            if let share = IntOrPercent(reading: given.value()), isSensible(share) { return share }
            faults.append(
                ValidationFault(
                    field: given.path, message: "expected a number such as 2 or a share such as 25%"
                ))
            return fallback
        }

        private static func isSensible(_ share: IntOrPercent) -> Bool {
            switch share {
            case .count(let count): Bounds.replicas.contains(count)
            case .percent(let percent): (0...100).contains(percent)
            }
        }
    }

    /// Weights of agent selection; only their proportions count.
    public struct Scoring: Hashable, Sendable {
        /// Weight of free slots and resources.
        public var capacity = 0.3
        /// Weight of how much the agent's pool is made for the task's type.
        public var specialization = 0.3
        /// Weight of how the agent did so far.
        public var performance = 0.2
        /// Weight of how little the agent has to do.
        public var workload = 0.2

        /// The defaults.
        public init() {}

        init(reading node: JSONNode?, _ faults: inout [ValidationFault]) throws(JSONError) {
            capacity = try node.number("capacity", capacity, in: 0...1, &faults)
            specialization = try node.number("specialization", specialization, in: 0...1, &faults)
            performance = try node.number("performance", performance, in: 0...1, &faults)
            workload = try node.number("workload", workload, in: 0...1, &faults)
        }
    }
}
