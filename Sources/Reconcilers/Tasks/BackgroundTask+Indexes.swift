public import ControlLoop
public import KubernetesCore
public import SwiftletAPI

extension BackgroundTask: IndexedObject {
    /// How tasks are found.
    public static var indexes: [Index<BackgroundTask>] {
        [.byUID, .byPool, .byPoolPhase, .byAgent, .byServed, .byAwaited, .byPlacement]
    }

    /// The pool that the task was given to, or else the one that it names; nil where it is to be
    /// routed.
    public var poolKey: Key<BackgroundAgentPool>? {
        guard let reference = status.pool ?? spec.poolRef else { return nil }
        return Key(
            namespace: reference.namespace ?? metadata.namespace, name: reference.name)
    }

    /// Whether the task neither runs nor has ended.
    public var isWaiting: Bool { status.phase != .running && !isFinished }
}

extension Index<BackgroundTask> {
    /// By `metadata.uid`.
    public static let byUID = Index("uid") { [$0.metadata.uid.text] }

    /// Tasks that take a slot themselves and have not ended, by the key of their pool.
    public static let byPool = Index("pool") { task in
        task.isFinished || task.spec.fansOut ? [] : [task.poolKey].compactMap { $0?.description }
    }

    /// All tasks that take a slot themselves, by pool and phase: see `poolPhase(_:_:)`.
    public static let byPoolPhase = Index("poolPhase") { task in
        task.spec.fansOut
            ? [] : [task.poolKey].compactMap { $0 }.map { poolPhase($0, task.status.phase) }
    }

    /// Running tasks, by the UID of the pod that has them: the leases of an agent.
    public static let byAgent = Index("agent") { task in
        [task.lease].compactMap { $0?.agent.text }
    }

    /// Tasks that an agent has, or has had, by the UID of its pod.
    public static let byServed = Index("served") { task in
        guard task.status.attempt > 0 else { return [] }
        var agents: [String] = []
        for agent in [task.status.agent] + task.status.attempts.map(\.agent) {
            guard let uid = agent?.uid.text, !agents.contains(uid) else { continue }
            agents.append(uid)
        }
        return agents
    }

    /// Waiting tasks, by the key of each task that they wait for.
    public static let byAwaited = Index("awaited") { task in
        guard task.isWaiting else { return [] }
        return task.spec.dependsOn.map { task.metadata.namespace + "/" + $0.name }
    }

    /// Waiting tasks, by the key of the pool that they name, or by `routed` where they name none.
    public static let byPlacement = Index("placement") { task in
        guard task.isWaiting else { return [] }
        guard let reference = task.spec.poolRef else { return [routed] }
        return [(reference.namespace ?? task.metadata.namespace) + "/" + reference.name]
    }

    /// Where `byPlacement` has the tasks that name no pool.
    public static let routed = "*"

    /// Where `byPoolPhase` has the tasks of a pool in a phase.
    public static func poolPhase(
        _ pool: Key<BackgroundAgentPool>, _ phase: TaskPhase
    ) -> String {
        pool.description + "|" + phase.rawValue
    }
}
