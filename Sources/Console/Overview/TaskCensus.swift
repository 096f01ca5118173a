import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// How many tasks each pool has in each phase, from the index that the store keeps, and which ones
/// are to be looked at.
struct TaskCensus {
    /// A pool and a phase, as the index spells them.
    private struct Group {
        let value: String
        let pool: String
        let phase: TaskPhase
        let count: Int
    }

    private let groups: [Group]
    private let isWhole: Bool

    /// The tasks of one pool, or of all.
    init(_ view: ClusterView, pool: Key<BackgroundAgentPool>?) {
        isWhole = pool == nil
        let store = view.store(BackgroundTask.self)
        let wanted = pool?.description
        groups = store.values(of: .byPoolPhase).compactMap { value in
            guard let bar = value.lastIndex(of: "|"),
                let phase = TaskPhase(rawValue: String(value[value.index(after: bar)...]))
            else { return nil }
            let pool = String(value[..<bar])
            guard wanted == nil || pool == wanted else { return nil }
            return Group(
                value: value, pool: pool, phase: phase,
                count: store.count(.byPoolPhase, value))
        }
    }

    /// All tasks by phase.
    var counts: [TaskPhase: Int] {
        groups.reduce(into: [:]) { $0[$1.phase, default: 0] += $1.count }
    }

    /// All tasks.
    var total: Int { groups.reduce(0) { $0 + $1.count } }

    /// The tasks of one pool by phase.
    func counts(of pool: Key<BackgroundAgentPool>) -> [TaskPhase: Int] {
        let name = pool.description
        return groups.reduce(into: [:]) { result, group in
            if group.pool == name { result[group.phase] = group.count }
        }
    }

    private func select(_ phase: TaskPhase, _ view: ClusterView) -> [BackgroundTask] {
        groups.filter { $0.phase == phase }.flatMap { view.select(Index.byPoolPhase, $0.value) }
    }

    /// The tasks that each agent has, by the agent's namespace and name.
    func leases(_ view: ClusterView) -> [String: [Key<BackgroundTask>]] {
        var result: [String: [Key<BackgroundTask>]] = [:]
        for task in select(.running, view) {
            guard let agent = task.status.agent else { continue }
            let namespace =
                agent.namespace ?? task.metadata.namespace
            result[namespace + "/" + agent.name, default: []].append(task.key)
        }
        return result
    }

    /// What runs, the longest first.
    func running(_ view: ClusterView, max: Int, at now: Timestamp) -> Listed<TaskLine> {
        let lines = select(.running, view).map { TaskLine($0, at: now) }
        return Listed(
            lines.sorted { $0.since == $1.since ? $0.key < $1.key : $0.since < $1.since },
            max: max)
    }

    /// What waits, in the order in which it is shown. The scheduler's own order is taken where it
    /// tells one; else the order is by priority, then by the time in the queue.
    func waiting(_ view: ClusterView, max: Int, at now: Timestamp) -> Listed<TaskLine> {
        var lines: [TaskLine] = []
        var total = 0
        for group in groups where group.phase == .queued {
            total += group.count
            lines += queued(group, view, at: now)
        }
        lines.sort(by: TaskCensus.goesFirst)
        let unplaced = unplaced(view)
        total += unplaced.count
        for phase in [TaskPhase.pending, .blocked, .scheduled] {
            for group in groups where group.phase == phase {
                total += group.count
                guard lines.count < max else { continue }
                let tasks = view.select(Index.byPoolPhase, group.value).prefix(max)
                lines += tasks.map { TaskLine($0, at: now) }
            }
        }
        lines += unplaced.prefix(max).map { TaskLine($0, at: now) }
        return Listed(shown: Array(lines.prefix(max)), total: total)
    }

    /// Most tasks without a pool that are looked through.
    private static let unplacedMax = 2_000

    /// Tasks that no pool was found for yet. Where there is a flood of tasks that name none, it is
    /// not searched for them.
    private func unplaced(_ view: ClusterView) -> [BackgroundTask] {
        guard isWhole else { return [] }
        let store = view.store(BackgroundTask.self)
        guard store.count(.byPlacement, Index.routed) <= TaskCensus.unplacedMax else { return [] }
        return store.select(.byPlacement, Index.routed).filter { task in
            task.status.pool == nil && !task.spec.fansOut
        }
    }

    private func queued(
        _ group: Group, _ view: ClusterView, at now: Timestamp
    ) -> [TaskLine] {
        if let key = TaskCensus.key(group.pool), let queue = view[key], !queue.places.isEmpty {
            return queue.places.compactMap { entry in
                // What was handed out in the meantime does not wait any more.
                guard let task = view[entry.task], task.status.phase == .queued else { return nil }
                return TaskLine(task, place: entry.place.position, at: now)
            }
        }
        return view.select(Index.byPoolPhase, group.value).map { TaskLine($0, at: now) }
    }

    private static func key(_ pool: String) -> Key<PoolQueue>? {
        let parts = pool.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? Key(namespace: parts[0], name: parts[1]) : nil
    }

    private static func goesFirst(_ left: TaskLine, _ right: TaskLine) -> Bool {
        let (leftPlace, rightPlace) = (left.position ?? .max, right.position ?? .max)
        if leftPlace != rightPlace { return leftPlace < rightPlace }
        if left.priority != right.priority { return left.priority > right.priority }
        return left.since == right.since ? left.key < right.key : left.since < right.since
    }
}
