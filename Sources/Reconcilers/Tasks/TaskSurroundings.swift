public import ControlLoop
public import KubernetesCore
public import SwiftletAPI
public import TaskScheduling

/// What decides, besides the task itself, whether it may start.
public struct TaskSurroundings: Hashable, Sendable {
    /// Its dependencies as they stand.
    public var dependencies: [DependencyGraph.Edge]
    /// The cycle of dependencies that it is part of; nil where it is part of none.
    public var cycle: [String]?
    /// When the last of its dependencies ended; nil where that is not known.
    public var dependenciesEnded: Timestamp?
    /// The pool that takes it.
    public var placement: TaskPlacement
    /// How many tasks that pool has that have not ended.
    public var backlog: Int
    /// When that pool last gave out a task; nil where it has given out none for a while.
    public var lastStart: Timestamp?
    /// How many it gave out in the ten seconds before that.
    public var recentStarts = 0
    /// Whether that pool hands out nothing for now.
    public var isPoolPaused: Bool
    /// Whether that pool has been stopped altogether.
    public var isPoolStopped: Bool

    /// Surroundings in which nothing stands in the way of a task of `pool`.
    public init(pool: Key<BackgroundAgentPool>) {
        dependencies = []
        placement = .pool(pool)
        backlog = 0
        isPoolPaused = false
        isPoolStopped = false
    }

    /// Looks around a task that waits.
    public init(of task: BackgroundTask, in view: ClusterView) {
        dependencies = []
        placement = TaskPlacement.of(task, in: view)
        let pool = placement.key.flatMap { view[$0] }
        backlog =
            placement.key.map {
                view.store(BackgroundTask.self).count(.byPool, $0.description)
            } ?? 0
        let queue = placement.key.flatMap { PoolQueue.of($0, in: view) }
        lastStart = queue?.lastStart
        recentStarts = queue?.recentStarts ?? 0
        isPoolPaused = pool?.spec.paused ?? false
        isPoolStopped = pool?.spec.emergencyStop ?? false
        let namespace = task.metadata.namespace
        for dependency in task.spec.dependsOn {
            let other = view[Key<BackgroundTask>(namespace: namespace, name: dependency.name)]
            dependencies.append(
                DependencyGraph.Edge(
                    name: dependency.name, condition: dependency.condition.forScheduling,
                    state: other.map(TaskSurroundings.state) ?? .missing))
            if let ended = other?.status.completionTime {
                dependenciesEnded = dependenciesEnded.map { max($0, ended) } ?? ended
            }
        }
        let isOpen = dependencies.contains { $0.state == .unfinished }
        cycle =
            isOpen
            ? DependencyGraph.cycle(through: task.metadata.name) { name in
                let other = view[Key<BackgroundTask>(namespace: namespace, name: name)]
                guard let other, other.isWaiting else { return [] }
                return other.spec.dependsOn.map(\.name)
            } : nil
    }

    private static func state(of task: BackgroundTask) -> DependencyState {
        switch task.status.phase {
        case .pending, .blocked, .scheduled, .queued, .running: .unfinished
        case .succeeded: .succeeded
        case .failed: .failed
        case .cancelled: .cancelled
        }
    }
}

extension BackgroundTaskSpec.Dependency.Condition {
    var forScheduling: DependencyCondition {
        switch self {
        case .succeeded: .succeeded
        case .failed: .failed
        case .finished: .finished
        }
    }
}
