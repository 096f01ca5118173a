import KubernetesCore
import Reconcilers
import SwiftletAPI
import TaskScheduling

/// What single features of pools promise.
extension Checker {
    /// An agent of an Ephemeral pool is for one attempt, whatever was forgotten since.
    func freshness(
        of agent: UID, in pool: BackgroundAgentPool?, _ history: History
    ) -> String? {
        guard pool?.spec.agent.recycle.mode == .ephemeral,
            history.leases.contains(where: { $0.agent == agent })
        else { return nil }
        return "it was given to agent \(agent), which is for one attempt and has had one"
    }

    /// An attempt is asked to give way: only for a task of much more priority, in a pool that
    /// allows it, and only where it can go on from a checkpoint.
    func yields(
        _ task: BackgroundTask, _ before: BackgroundTaskStatus, _ history: History,
        _ now: SimulatedTime
    ) -> Violation? {
        guard let name = task.status.preemptedBy, before.preemptedBy == nil else { return nil }
        func broken(_ sentence: String) -> Violation {
            Violation("preemption", "BackgroundTask \(task.key)", sentence, at: now)
        }
        if let pool = task.poolKey.flatMap({ history.pool($0) }),
            pool.spec.preemption != .lowerPriority
        {
            return broken("it is asked to give way in pool \(pool.key), which does not allow it")
        }
        guard task.spec.checkpoint.enabled else {
            return broken("it is asked to give way and cannot go on later")
        }
        // A task that its user has deleted meanwhile is judged by nobody.
        let other = history.tasks.first {
            $0.key.description == name
                || ($0.metadata.name == name && $0.metadata.namespace == task.metadata.namespace)
        }
        guard let other, !deletedByUser.contains(reference(to: other)) else { return nil }
        guard other.spec.priority - task.spec.priority >= SchedulingEngine.preemptionGap else {
            return broken(
                "it is asked to give way to \(other.key), which has priority "
                    + "\(other.spec.priority) against \(task.spec.priority)")
        }
        return nil
    }

    private func reference(to task: BackgroundTask) -> ObjectRef {
        ObjectRef(
            type: .backgroundTask, namespace: task.metadata.namespace, name: task.metadata.name)
    }

    /// An attempt has given way: no retry is used up by it, and it does not go on for ever.
    mutating func yielded(
        _ task: BackgroundTask, _ before: BackgroundTaskStatus
    ) -> String? {
        let uid = task.metadata.uid
        past[uid, default: TaskPast()].preempted += 1
        let count = past[uid]?.preempted ?? 0
        if count > SchedulingEngine.preemptionsMax {
            return "it has given way \(count) times"
        }
        guard task.status.retries == before.retries,
            task.status.infrastructureLosses == before.infrastructureLosses
        else { return "giving way has used up a retry" }
        return nil
    }

    /// A pool's wanted size was changed: not below what a floor sets that holds for certain,
    /// whatever the clocks of processes show and however long a write was on its way.
    func floor(
        of pool: BackgroundAgentPool, _ old: BackgroundAgentPool?, _ now: SimulatedTime
    ) -> Violation? {
        guard let old, old.metadata.uid == pool.metadata.uid,
            old.status.desiredReplicas != pool.status.desiredReplicas,
            !pool.spec.emergencyStop, !pool.metadata.isDeleting,
            let least = Checker.floor(of: pool, at: now, slack: wallSlack + .seconds(30)),
            pool.status.desiredReplicas < least
        else { return nil }
        return Violation(
            "floor", "BackgroundAgentPool \(pool.key)",
            "it wants \(pool.status.desiredReplicas) agents while a floor of \(least) holds",
            at: now)
    }

    /// The floor that holds at a time and for `slack` before and after it; nil where none does.
    /// All runs begin at midnight and end within the hour, and floors begin at a minute of it.
    static func floor(
        of pool: BackgroundAgentPool, at now: SimulatedTime, slack: Duration
    ) -> Int? {
        guard pool.spec.autoscaling.enabled else { return nil }
        let second = Int64(now.nanoseconds / 1_000_000_000)
        let margin = slack.components.seconds + 1
        return pool.spec.autoscaling.floors.filter { floor in
            guard let minute = floor.cron.split(separator: " ").first.flatMap({ Int64($0) }) else {
                return false
            }
            let begin = minute * 60
            return begin + margin <= second
                && second <= begin + Int64(floor.durationSeconds) - margin
        }.map { min($0.minReplicas, pool.spec.autoscaling.maxReplicas) }.max()
    }
}
