import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension TaskDemand {
    /// What `task` asks of the queue of `pool` for `tenant`. Depends on nothing that a restart
    /// forgets, so that a queue built anew has the same order inside each tenant.
    init(
        _ task: BackgroundTask, pool: Key<BackgroundAgentPool>, tenant: String,
        expectedSeconds: Int?, learned: ResourceAmounts = .none
    ) {
        let strategy = task.status.strategy
        self.init(
            id: task.key.description, pool: pool.description,
            tenant: tenant, type: task.spec.type, priority: task.spec.priority,
            queuedAt: (task.status.queuedTime ?? task.metadata.creationTime).nanoseconds,
            requests: ResourceAmounts(task.spec.resources.requests, orElse: learned),
            estimatedSeconds: task.spec.estimatedDurationSeconds ?? expectedSeconds ?? 0,
            avoidedAgents: strategy?.avoidAgents ?? [], avoidedNodes: strategy?.avoidNodes ?? [],
            needsFreshAgent: strategy?.action == .retryOnFreshAgent,
            startedAt: task.status.startTime?.nanoseconds ?? 0,
            isCheckpointable: task.spec.checkpoint.enabled, isStopping: task.shouldStop,
            preemptions: task.status.preemptions)
    }
}

extension ResourceAmounts {
    /// The amounts of a map from resource names to quantities; what is not in it, or cannot be
    /// read, is as in `other`.
    init(_ quantities: [String: String], orElse other: ResourceAmounts = .none) {
        self.init(
            milliCPU: Self.quantity("cpu", in: quantities)?.milliValue ?? other.milliCPU,
            memory: Self.quantity("memory", in: quantities)?.value ?? other.memory,
            ephemeralStorage: Self.quantity("ephemeral-storage", in: quantities)?.value
                ?? other.ephemeralStorage)
    }

    /// What an agent has: the sum of what its containers request. What none of them requests is
    /// not accounted for, and so not limited.
    init(capacityOf containers: [[String: String]]) {
        func sum(_ name: String, _ amount: (Quantity) -> Int64) -> Int64 {
            var sum: Int64?
            for container in containers {
                guard let quantity = Self.quantity(name, in: container) else { continue }
                let (next, overflow) = (sum ?? 0).addingReportingOverflow(amount(quantity))
                sum = overflow ? .max : next
            }
            return sum ?? .max
        }
        self.init(
            milliCPU: sum("cpu", \.milliValue), memory: sum("memory", \.value),
            ephemeralStorage: sum("ephemeral-storage", \.value))
    }

    /// An amount; nil where there is none, and where the API server would not have taken it.
    private static func quantity(_ name: String, in map: [String: String]) -> Quantity? {
        map[name].flatMap { try? Quantity($0) }
    }
}
