public import ControlLoop
public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// The tasks that ended last. Fed with what changes, so that nobody has to search all tasks for
/// them.
public struct EndedTasks: Sendable {
    private let max: Int
    /// Latest first; by key where they ended together.
    private var tasks: [BackgroundTask] = []

    /// Keeps the last `max`.
    public init(max: Int = 30) { self.max = max }

    /// Takes in what has changed.
    public mutating func take(_ changes: [Change<BackgroundTask>]) {
        for change in changes { take(change) }
    }

    /// The tasks that ended last and still exist, latest first.
    /// - Parameter pool: the pool whose tasks are wanted; nil for all.
    public func latest(of pool: Key<BackgroundAgentPool>? = nil) -> [BackgroundTask] {
        guard let pool else { return tasks }
        return tasks.filter { $0.poolKey == pool }
    }

    private mutating func take(_ change: Change<BackgroundTask>) {
        guard let task = change.new, task.isFinished else {
            if change.old?.isFinished == true { tasks.removeAll { $0.key == change.key } }
            return
        }
        // Most of what changes is not new here; and where many are listed at once, most are older
        // than what is kept.
        if let last = tasks.last, tasks.count >= max, EndedTasks.goesFirst(last, task) { return }
        if change.old?.isFinished == true { tasks.removeAll { $0.key == change.key } }
        let place = tasks.firstIndex { EndedTasks.goesFirst(task, $0) } ?? tasks.count
        tasks.insert(EndedTasks.slim(task), at: place)
        if tasks.count > max { tasks.removeLast(tasks.count - max) }
    }

    /// A task without what may be large and is not shown.
    private static func slim(_ task: BackgroundTask) -> BackgroundTask {
        var task = task
        task.spec.input = nil
        task.spec.env = []
        task.status.result = nil
        task.status.failure?.logTail = nil
        return task
    }

    private static func goesFirst(_ left: BackgroundTask, _ right: BackgroundTask) -> Bool {
        let (leftEnd, rightEnd) = (end(left), end(right))
        return leftEnd == rightEnd ? left.key < right.key : leftEnd > rightEnd
    }

    private static func end(_ task: BackgroundTask) -> Timestamp {
        task.status.completionTime ?? task.metadata.creationTime
    }
}
