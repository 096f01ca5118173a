public import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// Which pool takes a task, or why none does.
public enum TaskPlacement: Hashable, Sendable {
    /// This pool takes it.
    case pool(Key<BackgroundAgentPool>)
    /// No pool takes it: one CamelCase word, and a sentence.
    case none(reason: String, message: String)

    /// The pool, where there is one.
    public var key: Key<BackgroundAgentPool>? {
        if case .pool(let key) = self { key } else { nil }
    }

    /// Finds the pool of a task. The same view gives the same answer wherever it is asked.
    ///
    /// A task that names a pool goes there or nowhere. One that names none stays with the pool that
    /// it was given to, as long as that takes it; else it goes to the pool that is made for its
    /// type most, then to the one with the least work for each slot, then to the first by key.
    public static func of(_ task: BackgroundTask, in view: ClusterView) -> TaskPlacement {
        if let reference = task.spec.poolRef {
            let key = Key<BackgroundAgentPool>(
                namespace: reference.namespace ?? task.metadata.namespace, name: reference.name)
            return named(key, for: task, in: view)
        }
        if let given = task.status.pool {
            let key = Key<BackgroundAgentPool>(
                namespace: given.namespace ?? task.metadata.namespace, name: given.name)
            if let pool = view[key], refusal(of: pool, for: task, in: view) == nil {
                return .pool(key)
            }
        }
        return routed(task, in: view)
    }

    private static func named(
        _ key: Key<BackgroundAgentPool>, for task: BackgroundTask, in view: ClusterView
    ) -> TaskPlacement {
        guard let pool = view[key] else {
            return .none(reason: "PoolNotFound", message: "There is no pool \(key).")
        }
        if let (reason, message) = refusal(of: pool, for: task, in: view) {
            return .none(reason: reason, message: message)
        }
        return .pool(key)
    }

    /// Why a pool does not take a task; nil where it does.
    private static func refusal(
        of pool: BackgroundAgentPool, for task: BackgroundTask, in view: ClusterView
    ) -> (String, String)? {
        if pool.metadata.isDeleting {
            return ("PoolDeleting", "Pool \(pool.key) is being deleted.")
        }
        guard allows(pool, namespace: task.metadata.namespace, in: view) else {
            return (
                "NamespaceNotAllowed",
                "Pool \(pool.key) takes no tasks from namespace \(task.metadata.namespace)."
            )
        }
        let types = pool.spec.taskTypes
        guard types.isEmpty || types.contains(where: { $0.name == task.spec.type }) else {
            return (
                "TypeNotAccepted",
                "Pool \(pool.key) takes no tasks of type \(task.spec.type)."
            )
        }
        return nil
    }

    private static func allows(
        _ pool: BackgroundAgentPool, namespace: String, in view: ClusterView
    ) -> Bool {
        if pool.metadata.namespace == namespace { return true }
        switch pool.spec.allowedNamespaces.from {
        case .same: return false
        case .all: return true
        case .selector:
            // Labels decide about access: without them, or with a selector that is none, it is no.
            guard let json = pool.spec.allowedNamespaces.selector,
                let selector = try? LabelSelector(reading: json),
                let labels = view[Key<NamespaceView>(namespace: "", name: namespace)]?
                    .metadata.labels
            else { return false }
            return selector.matches(labels)
        }
    }

    private static func routed(
        _ task: BackgroundTask, in view: ClusterView
    ) -> TaskPlacement {
        var best: (pool: BackgroundAgentPool, weight: Double, load: Double)?
        var listed = 0
        for pool in view.all(BackgroundAgentPool.self) {
            listed += 1
            guard refusal(of: pool, for: task, in: view) == nil else { continue }
            let weight = specialization(of: pool, in: task.spec.type)
            let load = load(of: pool)
            if let best, (best.weight, -best.load) >= (weight, -load) { continue }
            best = (pool, weight, load)
        }
        if let best { return .pool(best.pool.key) }
        return .none(
            reason: "NoMatchingPool",
            message: listed == 0
                ? "There is no pool yet."
                : "None of \(listed) pools takes tasks of type \(task.spec.type)"
                    + " from namespace \(task.metadata.namespace).")
    }

    /// The share of a pool's weights that a type has; 0 in a pool that takes any type.
    private static func specialization(of pool: BackgroundAgentPool, in type: String) -> Double {
        let sum = pool.spec.taskTypes.reduce(0) { $0 + $1.weight }
        let own = pool.spec.taskTypes.filter { $0.name == type }.reduce(0) { $0 + $1.weight }
        return sum > 0 ? own / sum : 0
    }

    private static func load(of pool: BackgroundAgentPool) -> Double {
        let slots = max(1, pool.status.readyReplicas) * max(1, pool.spec.slotsPerAgent)
        return Double(pool.status.queue.queued + pool.status.queue.running) / Double(slots)
    }
}
