import AgentProtocol
public import ControlLoop
public import KubernetesCore
import SwiftletAPI

/// What stands in a picture of the cluster: tasks by phase, agents by state, slots, tenants.
public enum ClusterGauges {
    /// The families that `read` speaks of; what it does not name has gone.
    public static let families: [MetricFamily] = [
        ProductMetrics.tasks, ProductMetrics.agents, ProductMetrics.desired, ProductMetrics.ready,
        ProductMetrics.slots, ProductMetrics.oldest, ProductMetrics.conditions,
        ProductMetrics.tenantSlots, ProductMetrics.tenantQueue, ProductMetrics.usedProcessors,
        ProductMetrics.usedMemory, ProductMetrics.usedDisk,
        ProductMetrics.grantedProcessors, ProductMetrics.grantedMemory,
        ProductMetrics.grantedDisk,
    ]

    /// The conditions of pools that are told.
    static let conditions = ["Ready", "Degraded", "PolicyCompliant", "QuotaExceeded"]

    /// Everything, in a fixed order.
    public static func read(_ view: ClusterView, at now: Timestamp) -> [Measurement] {
        var counts: [[String]: Int] = [:]
        var used: [[String]: Int] = [:]
        var queued: [String: Int] = [:]
        var held: [String: Int] = [:]
        var oldest: [[String]: Timestamp] = [:]
        let tenants = tenants(view)
        for task in view.all(BackgroundTask.self) {
            let pool = TaskMeasures.labels(of: task)
            counts[pool + [task.status.phase.rawValue], default: 0] += 1
            guard !task.spec.fansOut else { continue }
            let namespace = task.metadata.namespace
            let tenant = tenants[namespace] ?? "namespace/" + namespace
            if task.lease != nil {
                used[pool, default: 0] += 1
                held[tenant, default: 0] += 1
            }
            if task.status.phase == .queued {
                queued[tenant, default: 0] += 1
                let since = task.status.lastQueuedTime ?? task.metadata.creationTime
                oldest[pool] = min(oldest[pool] ?? since, since)
            }
        }
        var result: [Measurement] = []
        for pool in view.all(BackgroundAgentPool.self) {
            let labels = [pool.metadata.namespace, pool.metadata.name]
            for phase in TaskPhase.allCases where counts[labels + [phase.rawValue]] == nil {
                counts[labels + [phase.rawValue]] = 0
            }
            let wait = oldest[labels].map { max(0, (now - $0).inSeconds) } ?? 0
            result.append(Measurement(ProductMetrics.oldest, labels, wait))
            result += gauges(of: pool, labels, used: used[labels] ?? 0)
            result += usage(of: pool, labels, in: view)
        }
        for tenant in Set(tenants.values).union(held.keys).union(queued.keys).sorted() {
            result.append(
                Measurement(ProductMetrics.tenantSlots, [tenant], Double(held[tenant] ?? 0)))
            result.append(
                Measurement(ProductMetrics.tenantQueue, [tenant], Double(queued[tenant] ?? 0)))
        }
        let phases = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return result + phases.map { Measurement(ProductMetrics.tasks, $0.key, Double($0.value)) }
    }

    private static func gauges(
        of pool: BackgroundAgentPool, _ labels: [String], used: Int
    ) -> [Measurement] {
        let status = pool.status
        let slots = Double(max(0, status.readyReplicas)) * Double(pool.spec.slotsPerAgent)
        var result = [
            Measurement(ProductMetrics.desired, labels, Double(status.desiredReplicas)),
            Measurement(ProductMetrics.ready, labels, Double(status.readyReplicas)),
            Measurement(ProductMetrics.slots, labels + ["used"], Double(used)),
            Measurement(ProductMetrics.slots, labels + ["free"], max(0, slots - Double(used))),
        ]
        for state in BackgroundAgentPoolStatus.Agent.State.allCases {
            let count =
                switch state {
                case .idle: status.idleAgents
                case .busy: status.busyAgents
                default: status.agents.filter { $0.state == state }.count
                }
            result.append(
                Measurement(ProductMetrics.agents, labels + [state.rawValue], Double(count)))
        }
        for type in conditions {
            let holds = status.conditions.holds(type)
            result.append(
                Measurement(ProductMetrics.conditions, labels + [type], holds ? 1 : 0))
        }
        return result
    }

    /// What the pool's agents say they use, and what they may use, summed: a series for each agent
    /// would be one for every pod that there ever was. What no agent speaks of is not told.
    private static func usage(
        of pool: BackgroundAgentPool, _ labels: [String], in view: ClusterView
    ) -> [Measurement] {
        var told: [SyncRequest.Usage] = []
        for pod in view.owned(PodView.self, by: pool.metadata.uid)
        where pod.metadata.namespace == pool.metadata.namespace {
            let key = Key<AgentSession>(
                namespace: pod.metadata.namespace, name: pod.metadata.name)
            guard let session = view[key], session.metadata.uid == pod.metadata.uid,
                let usage = session.usage
            else { continue }
            told.append(usage)
        }
        guard !told.isEmpty else { return [] }
        let disks = told.compactMap(\.diskBytes)
        let limits = AgentPodTemplate.limits(of: pool.spec)
        func sum(_ numbers: [Int]) -> Double { numbers.reduce(0) { $0 + Double($1) } }
        // Of those that say what they use: what is used is a part of what is granted.
        func granted(_ resource: String, to agents: Int) -> Double? {
            guard agents > 0 else { return nil }
            return limits[resource].map { $0 * Double(agents) }
        }
        let amounts: [(MetricFamily, Double?)] = [
            (ProductMetrics.usedProcessors, sum(told.map(\.cpuMillis)) / 1_000),
            (ProductMetrics.usedMemory, sum(told.map(\.memoryBytes))),
            (ProductMetrics.usedDisk, disks.isEmpty ? nil : sum(disks)),
            (ProductMetrics.grantedProcessors, granted("cpu", to: told.count)),
            (ProductMetrics.grantedMemory, granted("memory", to: told.count)),
            (ProductMetrics.grantedDisk, granted("ephemeral-storage", to: disks.count)),
        ]
        return amounts.compactMap { family, amount in
            amount.map { Measurement(family, labels, $0) }
        }
    }

    /// The tenant of each namespace that an administrator has labelled.
    private static func tenants(_ view: ClusterView) -> [String: String] {
        var result: [String: String] = [:]
        for namespace in view.all(NamespaceView.self) {
            let tenant = namespace.metadata.labels[SwiftletNames.Label.tenant] ?? ""
            if !tenant.isEmpty { result[namespace.metadata.name] = tenant }
        }
        return result
    }
}
