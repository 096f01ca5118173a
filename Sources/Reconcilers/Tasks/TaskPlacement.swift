public import ControlLoop
public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

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
    /// it was given to, as long as that takes it; else it goes to one that takes it, has the labels
    /// and the persona that it asks for, and whose contract its input keeps: to the pool that is
    /// made for its type most, then to the one with the least work for each slot, then to one that
    /// the task's UID decides, so that a flood of tasks spreads over pools that are alike.
    public static func of(_ task: BackgroundTask, in view: ClusterView) -> TaskPlacement {
        if let reference = task.spec.poolRef {
            let key = Key<BackgroundAgentPool>(
                namespace: reference.namespace ?? task.metadata.namespace, name: reference.name)
            return named(key, for: task, in: view)
        }
        if let given = task.status.pool {
            let key = Key<BackgroundAgentPool>(
                namespace: given.namespace ?? task.metadata.namespace, name: given.name)
            if let pool = view[key], Refusal.of(pool, for: task, in: view) == nil {
                return .pool(key)
            }
        }
        return routed(task, in: view)
    }

    /// Whether a pool takes tasks from a namespace at all.
    public static func isOpen(
        _ pool: BackgroundAgentPool, to namespace: String, in view: ClusterView
    ) -> Bool {
        !pool.metadata.isDeleting && Refusal.allows(pool, namespace: namespace, in: view)
    }

    private static func named(
        _ key: Key<BackgroundAgentPool>, for task: BackgroundTask, in view: ClusterView
    ) -> TaskPlacement {
        guard let pool = view[key] else {
            return .none(reason: "PoolNotFound", message: "There is no pool \(key).")
        }
        if let refusal = Refusal.of(pool, for: task, in: view) {
            return .none(reason: refusal.ground.rawValue, message: refusal.message)
        }
        return .pool(key)
    }

    // MARK: - Routing

    /// What decides between pools that take a task: the greater goes first.
    private struct Suitability: Comparable {
        let handsOutWork: Bool
        let weight: Double
        let load: Double
        let tieBreak: UInt64

        static func < (left: Suitability, right: Suitability) -> Bool {
            if left.handsOutWork != right.handsOutWork { return right.handsOutWork }
            if left.weight != right.weight { return left.weight < right.weight }
            if left.load != right.load { return left.load > right.load }
            return left.tieBreak < right.tieBreak
        }
    }

    private static func routed(
        _ task: BackgroundTask, in view: ClusterView
    ) -> TaskPlacement {
        var best: (pool: BackgroundAgentPool, suitability: Suitability)?
        var refusals: [Refusal] = []
        for pool in view.all(BackgroundAgentPool.self) {
            if let refusal = Refusal.of(pool, for: task, in: view) {
                refusals.append(refusal)
                continue
            }
            let found = suitability(of: pool, for: task)
            if let best, !(best.suitability < found) { continue }
            best = (pool, found)
        }
        if let best { return .pool(best.pool.key) }
        return .none(reason: "NoMatchingPool", message: story(of: refusals, for: task))
    }

    private static func suitability(
        of pool: BackgroundAgentPool, for task: BackgroundTask
    ) -> Suitability {
        let sum = pool.spec.taskTypes.reduce(0) { $0 + $1.weight }
        let own = pool.spec.taskType(task.spec.type)?.weight ?? 0
        let slots = max(1, pool.status.readyReplicas) * max(1, pool.spec.slotsPerAgent)
        let tasks = pool.status.queue.queued + pool.status.queue.running
        return Suitability(
            handsOutWork: !pool.spec.paused && !pool.spec.emergencyStop,
            weight: sum > 0 ? own / sum : 0, load: Double(tasks) / Double(slots),
            tieBreak: StableHash.of("\(task.metadata.uid)|\(pool.key)"))
    }

    /// Why no pool takes the task. Pools that are closed to its namespace are none of its business
    /// and are not spoken of.
    private static func story(of refusals: [Refusal], for task: BackgroundTask) -> String {
        let open = refusals.filter { $0.ground != .namespaceNotAllowed }
        guard let closest = open.max(by: { $0.ground < $1.ground }) else {
            return "There is no pool that takes tasks from namespace \(task.metadata.namespace)."
        }
        var counts: [String] = []
        for ground in Refusal.Ground.allCases {
            let count = open.count { $0.ground == ground }
            if count > 0 { counts.append("\(count) \(ground.rawValue)") }
        }
        return "None of \(open.count) pools takes the task (\(counts.joined(separator: ", "))). "
            + closest.message
    }
}

/// Why a pool does not take a task.
private struct Refusal {
    /// The grounds in the order in which they are looked at: the later, the closer the pool was.
    enum Ground: String, CaseIterable, Comparable {
        case poolDeleting = "PoolDeleting"
        case namespaceNotAllowed = "NamespaceNotAllowed"
        case labelsNotMatched = "LabelsNotMatched"
        case personaNotOffered = "PersonaNotOffered"
        case typeNotAccepted = "TypeNotAccepted"
        case inputRefused = "InputRefused"

        static func < (left: Ground, right: Ground) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    let ground: Ground
    let message: String

    /// Why `pool` does not take `task`; nil where it does.
    static func of(
        _ pool: BackgroundAgentPool, for task: BackgroundTask, in view: ClusterView
    ) -> Refusal? {
        if pool.metadata.isDeleting {
            return Refusal(ground: .poolDeleting, message: "Pool \(pool.key) is being deleted.")
        }
        guard allows(pool, namespace: task.metadata.namespace, in: view) else {
            return Refusal(
                ground: .namespaceNotAllowed,
                message: "Pool \(pool.key) takes no tasks from namespace "
                    + "\(task.metadata.namespace).")
        }
        if task.spec.poolRef == nil, let refusal = ofChoice(pool, for: task) { return refusal }
        let type = task.spec.type
        guard pool.spec.taskTypes.isEmpty || pool.spec.taskType(type) != nil else {
            return Refusal(
                ground: .typeNotAccepted,
                message: "Pool \(pool.key) takes no tasks of type \(type).")
        }
        guard task.status.attempt == 0,
            let breach = pool.spec.taskType(type)?.inputSchema?
                .breach(of: task.spec.input, at: "input")
        else { return nil }
        return Refusal(
            ground: .inputRefused,
            message: "Pool \(pool.key) refuses the input of a task of type \(type): \(breach).")
    }

    /// Whether the pool is one that a task which names none asks for.
    private static func ofChoice(
        _ pool: BackgroundAgentPool, for task: BackgroundTask
    ) -> Refusal? {
        if let json = task.spec.poolSelector {
            // A selector that is none has been found out as a fault of the spec.
            let selector = try? LabelSelector(reading: json)
            guard selector?.matches(pool.metadata.labels) ?? false else {
                return Refusal(
                    ground: .labelsNotMatched,
                    message: "Pool \(pool.key) does not have the labels "
                        + "\(selector?.description ?? "") (spec.poolSelector).")
            }
        }
        if let persona = task.spec.persona {
            guard pool.personaNames.contains(persona) else {
                return Refusal(
                    ground: .personaNotOffered,
                    message: "The agents of pool \(pool.key) do not have the persona \(persona).")
            }
        }
        return nil
    }

    static func allows(
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
}
