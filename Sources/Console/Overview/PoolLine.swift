public import KubernetesCore
public import SwiftletAPI

/// What a list shows of a pool.
public struct PoolLine: Hashable, Sendable {
    /// How a pool is, in one word and a colour.
    public enum Health: String, Hashable, Sendable, CaseIterable {
        /// It does what it should.
        case ready = "Ready"
        /// It is on its way there.
        case progressing = "Progressing"
        /// Someone has stopped it.
        case paused = "Paused"
        /// Something is wrong.
        case degraded = "Degraded"
        /// Nobody has looked at it yet.
        case unknown = "Unknown"
    }

    /// The pool.
    public var key: Key<BackgroundAgentPool>
    /// How it is.
    public var health: Health
    /// Why, in one word; empty where nothing is said.
    public var reason: String
    /// Why, in a sentence; empty where nothing is said.
    public var message: String
    /// Agents that it is being brought to.
    public var desired: Int
    /// Agents that can take tasks or work on some.
    public var ready: Int
    /// Ready agents without a task.
    public var idle: Int
    /// Agents with a task.
    public var busy: Int
    /// Agents that there are.
    public var replicas: Int
    /// Agents of the current template.
    public var updated: Int
    /// The fewest and the most agents that the autoscaler may choose; nil without one.
    public var scaling: ClosedRange<Int>?
    /// Slots of its ready agents.
    public var slots: Int
    /// Its tasks by phase, those in parts apart.
    public var tasks: [TaskPhase: Int]
    /// For how long its oldest queued task has waited, as of its status.
    public var oldestQueued: Duration
    /// Tasks that ever succeeded and failed, deleted ones included.
    public var succeeded: Int
    /// Tasks that ever failed, deleted ones included.
    public var failed: Int
    /// How well it goes; nil where nothing is known.
    public var performance: BackgroundAgentPoolStatus.Performance?
    /// The tenant that it belongs to.
    public var tenant: String?
    /// When it was made.
    public var created: Timestamp

    /// A line about `pool`, whose tasks were counted.
    /// - Parameter working: how many of its agents have a lease, where that was counted: leases are
    ///   newer than the pool's status.
    init(_ pool: BackgroundAgentPool, tasks: [TaskPhase: Int], working: Int? = nil) {
        let (spec, status) = (pool.spec, pool.status)
        key = pool.key
        desired = status.desiredReplicas
        ready = status.readyReplicas
        idle = status.idleAgents
        busy = status.busyAgents
        if let working {
            busy = working
            idle = max(0, status.readyReplicas - working)
        }
        replicas = status.replicas
        updated = status.updatedReplicas
        if spec.autoscaling.enabled {
            let low = spec.autoscaling.minReplicas
            scaling = low...max(low, spec.autoscaling.maxReplicas)
        }
        slots = max(0, status.readyReplicas) * spec.slotsPerAgent
        self.tasks = tasks
        oldestQueued = .seconds(max(0, status.queue.oldestQueuedSeconds))
        succeeded = status.totals.succeeded
        failed = status.totals.failed
        performance = status.performance
        tenant = status.tenant.map { PlainText.of($0, max: 63) }
        created = pool.metadata.creationTime
        (health, reason, message) = PoolLine.health(of: pool)
        reason = PlainText.of(reason, max: 60)
        message = PlainText.of(message)
    }

    private static func health(
        of pool: BackgroundAgentPool
    ) -> (Health, String, String) {
        let conditions = pool.status.conditions
        if pool.spec.emergencyStop {
            return (.degraded, "EmergencyStop", "Every agent is stopped: spec.emergencyStop.")
        }
        for type in ["Degraded", "QuotaExceeded"] {
            if let found = conditions[type], found.status == .yes {
                return (.degraded, found.reason, found.message)
            }
        }
        if let policies = conditions["PolicyCompliant"], policies.status == .no {
            return (.degraded, policies.reason, policies.message)
        }
        if pool.metadata.isDeleting {
            return (.progressing, "Deleting", "Busy agents finish what they run.")
        }
        if pool.spec.paused { return (.paused, "Paused", "No task is handed out: spec.paused.") }
        guard let found = conditions["Ready"] else { return (.unknown, "", "") }
        guard found.status == .yes else { return (.progressing, found.reason, found.message) }
        return (.ready, "", "")
    }

    /// How many of its tasks are in `phase`.
    public func count(_ phase: TaskPhase) -> Int { tasks[phase] ?? 0 }

    /// Tasks that wait for something other than an agent.
    public var held: Int { count(.blocked) + count(.scheduled) + count(.pending) }
}
