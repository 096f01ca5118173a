import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// One change at the server.
struct HistoryChange: Sendable {
    enum Object: Sendable {
        case task(BackgroundTask, isGone: Bool)
        case pool(BackgroundAgentPool, isGone: Bool)
        case pod(PodView, isGone: Bool)
        case lease(LeaseRecord, isGone: Bool)
    }

    let revision: UInt64
    let object: Object

    /// Whether it is about the election.
    var isLease: Bool { if case .lease = object { true } else { false } }

    /// The pod's UID, where it is about one.
    var podUID: UID? { if case .pod(let pod, _) = object { pod.metadata.uid } else { nil } }

    /// What it is about.
    var subject: String {
        switch object {
        case .task(let task, _): "BackgroundTask \(task.key)"
        case .pool(let pool, _): "BackgroundAgentPool \(pool.key)"
        case .pod(let pod, _): "Pod \(pod.key)"
        case .lease(let lease, _): "Lease \(lease.key)"
        }
    }

    /// The change in a line, for people.
    var text: String {
        switch object {
        case .task(let task, let isGone):
            let status = task.status
            return "\(subject) \(isGone ? "gone " : "")\(status.phase.rawValue)"
                + " attempt=\(status.attempt) agent=\(status.agent?.name ?? "-")"
                + " retries=\(status.retries) losses=\(status.infrastructureLosses)"
                + " \(status.reason ?? "")"
        case .pool(let pool, let isGone):
            let status = pool.status
            return "\(subject) \(isGone ? "gone " : "")replicas=\(pool.spec.replicas)"
                + " desired=\(status.desiredReplicas) ready=\(status.readyReplicas)"
                + " idle=\(status.idleAgents) busy=\(status.busyAgents)"
        case .pod(let pod, let isGone):
            return "\(subject) \(isGone ? "gone " : "")\(pod.metadata.uid) \(pod.phase.rawValue)"
                + " ready=\(pod.isReady) restarts=\(pod.restartCount)"
                + (pod.isDeleting ? " deleting" : "") + (pod.isDraining ? " draining" : "")
        case .lease(let lease, _):
            return "\(subject) holder=\(lease.holder) term=\(lease.transitions)"
        }
    }
}

/// Everything that the server has stored, as of the last revision, and what had been before.
struct History: Sendable {
    static let kinds: [ResourceType] = [
        .backgroundTask, .backgroundAgentPool, .pod, .lease,
    ]

    private var tasksByKey: [Key<BackgroundTask>: BackgroundTask] = [:]
    private var poolsByKey: [Key<BackgroundAgentPool>: BackgroundAgentPool] = [:]
    private var podsByUID: [UID: PodView] = [:]
    /// Who holds the election's lease; empty where nobody does.
    private(set) var leader = ""
    /// Every lease of a task that was ever stored, with its agent.
    private(set) var leases: Set<TaskLease> = []

    /// Tasks in order of keys.
    var tasks: [BackgroundTask] { tasksByKey.sorted { $0.key < $1.key }.map(\.value) }
    /// Pools in order of keys.
    var pools: [BackgroundAgentPool] { poolsByKey.sorted { $0.key < $1.key }.map(\.value) }
    /// Pods in order of names.
    var pods: [PodView] { podsByUID.values.sorted { $0.key < $1.key } }

    /// Whether an attempt of any task runs.
    var hasRunningAttempt: Bool { tasksByKey.values.contains { $0.lease != nil } }

    func task(_ key: Key<BackgroundTask>) -> BackgroundTask? { tasksByKey[key] }

    func task(_ uid: UID) -> BackgroundTask? {
        tasksByKey.values.first { $0.metadata.uid == uid }
    }

    func pool(_ key: Key<BackgroundAgentPool>) -> BackgroundAgentPool? { poolsByKey[key] }

    func pool(_ uid: UID) -> BackgroundAgentPool? {
        poolsByKey.values.first { $0.metadata.uid == uid }
    }

    /// Whether there is a task or a pool of this name.
    func has(_ object: ObjectRef) -> Bool {
        let isTask = object.type == .backgroundTask
        let task = Key<BackgroundTask>(namespace: object.namespace, name: object.name)
        let pool = Key<BackgroundAgentPool>(namespace: object.namespace, name: object.name)
        return isTask ? tasksByKey[task] != nil : poolsByKey[pool] != nil
    }

    func pod(_ uid: UID?) -> PodView? { uid.flatMap { podsByUID[$0] } }

    func pod(named key: Key<PodView>) -> PodView? {
        podsByUID.values.first { $0.key == key }
    }

    /// The pods that a pool controls, in order of names.
    func agents(of pool: UID) -> [PodView] {
        pods.filter { $0.metadata.controller?.uid == pool }
    }

    /// What a frame of a watch of this kind says.
    func changes(in frame: [UInt8], of type: ResourceType) -> [HistoryChange] {
        switch type {
        case .backgroundTask: changes(frame, HistoryChange.Object.task)
        case .backgroundAgentPool: changes(frame, HistoryChange.Object.pool)
        case .pod: changes(frame, HistoryChange.Object.pod)
        default: changes(frame, HistoryChange.Object.lease)
        }
    }

    private func changes<Object: KubeObject>(
        _ frame: [UInt8], _ made: (Object, Bool) -> HistoryChange.Object
    ) -> [HistoryChange] {
        let line = frame.last == 0x0A ? Array(frame.dropLast()) : frame
        let summary = RequestSummary(.watch, Object.type.plural)
        func change(_ object: Object, _ isGone: Bool) -> [HistoryChange] {
            [
                HistoryChange(
                    revision: object.metadata.resourceVersion.number ?? 0,
                    object: made(object, isGone))
            ]
        }
        switch WatchEvent<Object>(parsing: line, of: summary) {
        case .added(let object), .modified(let object): return change(object, false)
        case .deleted(let object): return change(object, true)
        case .bookmark, .ignored: return []
        case .failed(let error):
            preconditionFailure("the model server's watch of \(Object.type.plural): \(error)")
        case .unreadable(let object):
            preconditionFailure("the model server stored what cannot be read: \(object)")
        }
    }

    /// Believes a change.
    mutating func take(_ change: HistoryChange, at now: SimulatedTime) {
        switch change.object {
        case .task(let task, let isGone):
            tasksByKey[task.key] = isGone ? nil : task
            if let lease = task.lease { leases.insert(lease) }
        case .pool(let pool, let isGone): poolsByKey[pool.key] = isGone ? nil : pool
        case .pod(let pod, let isGone): podsByUID[pod.metadata.uid] = isGone ? nil : pod
        case .lease(let lease, let isGone):
            if lease.key == ElectorShell.lease { leader = isGone ? "" : lease.holder }
        }
    }
}
