import ControlLoop
import KubernetesCore
import SwiftletAPI

/// Objects for the tests of what people see.
enum Samples {
    static let now = Timestamp(seconds: 1_790_000_000)

    static func pool(
        _ name: String = "qa", namespace: String = "default", desired: Int = 2, ready: Int = 2,
        busy: Int = 1, agents: Int = 2, _ change: (inout BackgroundAgentPool) -> Void = { _ in }
    ) -> BackgroundAgentPool {
        var pool = BackgroundAgentPool(
            metadata: ObjectMeta(
                name: name, namespace: namespace, uid: UID("pool-" + namespace + name),
                creationTime: now - .seconds(3_600)),
            spec: BackgroundAgentPoolSpec(template: ["spec": ["containers": []]]))
        pool.status.desiredReplicas = desired
        pool.status.replicas = agents
        pool.status.readyReplicas = ready
        pool.status.busyAgents = busy
        pool.status.idleAgents = max(0, ready - busy)
        pool.status.agents = (0..<agents).map { index in
            BackgroundAgentPoolStatus.Agent(
                name: "\(name)-\(index)", state: .idle, health: "Healthy", tasks: 0)
        }
        pool.status.conditions.set(
            "Ready", .yes, reason: "AgentsReady", message: "All agents are ready.", at: now,
            generation: 1)
        change(&pool)
        return pool
    }

    static func task(
        _ name: String, namespace: String = "default", pool: String? = "qa",
        _ phase: TaskPhase = .queued, _ change: (inout BackgroundTask) -> Void = { _ in }
    ) -> BackgroundTask {
        var task = BackgroundTask(
            metadata: ObjectMeta(
                name: name, namespace: namespace, uid: UID("task-" + namespace + name),
                creationTime: now - .seconds(600)))
        task.spec.command = ["true"]
        task.status.phase = phase
        task.status.reason = phase == .running ? "Assigned" : phase.rawValue
        if let pool { task.status.pool = BackgroundTaskSpec.PoolReference(name: pool) }
        switch phase {
        case .queued: task.status.lastQueuedTime = now - .seconds(60)
        case .running:
            task.status.attempt = 1
            task.status.startTime = now - .seconds(42)
            task.status.agent = BackgroundTaskStatus.Agent(name: "qa-0", uid: UID("agent-0"))
        case .succeeded, .failed, .cancelled:
            task.status.attempt = 1
            task.status.startTime = now - .seconds(90)
            task.status.completionTime = now - .seconds(30)
        case .pending, .blocked, .scheduled: break
        }
        change(&task)
        return task
    }

    /// A picture in which all of these are.
    static func view(_ objects: [any ClusterObject]) -> ClusterView { .of(objects) }

    /// A picture of many tasks, made as the operator's is.
    static func view(_ pools: [BackgroundAgentPool], tasks: [BackgroundTask]) -> ClusterView {
        var view = ClusterView()
        _ = view.apply(.replace(pools, keeping: [], at: ResourceVersion("1")))
        _ = view.apply(.replace(tasks, keeping: [], at: ResourceVersion("1")))
        return view
    }
}
