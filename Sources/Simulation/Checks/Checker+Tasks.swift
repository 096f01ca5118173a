import AgentProtocol
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What must hold of tasks.
extension Checker {
    mutating func observe(
        _ task: BackgroundTask, isGone: Bool, _ history: History, _ now: SimulatedTime
    ) -> Violation? {
        let subject = "BackgroundTask \(task.key)"
        func broken(_ invariant: String, _ sentence: String) -> Violation {
            Violation(invariant, subject, sentence, at: now)
        }
        let known = history.task(task.key)
        let old = known?.metadata.uid == task.metadata.uid ? known : nil
        if isGone { return gone(task, subject, now) }
        let before = old?.status ?? BackgroundTaskStatus()
        let status = task.status
        if let ended = past[task.metadata.uid]?.terminal {
            guard status.phase == ended.phase, status.result == ended.result,
                status.completionTime == ended.completionTime, status.attempt == ended.attempt
            else {
                return broken(
                    "one completion",
                    "it had ended as \(ended.phase.rawValue) and became \(status.phase.rawValue)")
            }
            return nil
        }
        guard status.attempt == before.attempt || status.attempt == before.attempt + 1 else {
            return broken(
                "attempts", "its attempt went from \(before.attempt) to \(status.attempt)")
        }
        if status.attempt > before.attempt {
            if status.phase != .running || before.phase == .running {
                return broken(
                    "exclusive",
                    "attempt \(status.attempt) began out of \(before.phase.rawValue) and ended "
                        + "in \(status.phase.rawValue)")
            }
            if let violation = begun(task, before, history, now) { return violation }
        } else if let lease = old?.lease, let new = task.lease, new != lease {
            return broken("exclusive", "attempt \(lease.attempt) was given to another agent")
        }
        if before.phase == .running, status.phase != .running {
            if let violation = closed(task, before, history, now) { return violation }
        } else if let violation = yields(task, before, history, now) {
            return violation
        }
        noteStop(of: task, now)
        if status.retries < before.retries
            || status.infrastructureLosses < before.infrastructureLosses
        {
            return broken("retries", "what it has used up was given back")
        }
        if status.phase == .scheduled, status.reason == "RetryScheduled", status.notBefore == nil {
            return broken("backoff", "it waits for a time that is not written down")
        }
        if status.phase.isTerminal {
            past[task.metadata.uid, default: TaskPast()].terminal = status
            finishedTasks += 1
        }
        return nil
    }

    private mutating func noteStop(of task: BackgroundTask, _ now: SimulatedTime) {
        if task.status.stopRequestedTime == nil {
            past[task.metadata.uid]?.stopAskedAt = nil
        } else if past[task.metadata.uid]?.stopAskedAt == nil {
            past[task.metadata.uid, default: TaskPast()].stopAskedAt = now
        }
    }

    private func gone(
        _ task: BackgroundTask, _ subject: String, _ now: SimulatedTime
    ) -> Violation? {
        let reference = ObjectRef(
            type: .backgroundTask, namespace: task.metadata.namespace, name: task.metadata.name)
        guard !deletedByUser.contains(reference) else { return nil }
        return Violation(
            "no loss", subject, "it was deleted by somebody who is not its user", at: now)
    }

    /// An attempt begins.
    private func begun(
        _ task: BackgroundTask, _ before: BackgroundTaskStatus, _ history: History,
        _ now: SimulatedTime
    ) -> Violation? {
        func broken(_ invariant: String, _ sentence: String) -> Violation {
            Violation(invariant, "BackgroundTask \(task.key)", sentence, at: now)
        }
        for dependency in task.spec.dependsOn {
            let key = Key<BackgroundTask>(
                namespace: task.metadata.namespace, name: dependency.name)
            // A task that its user deleted may be gone by now.
            guard let other = history.task(key) else { continue }
            let isMet =
                dependency.condition == .succeeded
                ? other.status.phase == .succeeded : other.isFinished
            if !isMet, past[other.metadata.uid]?.terminal == nil {
                return broken("order", "it began before \(other.key) had ended")
            }
        }
        let time = SimulatedClock.right.moment(at: now).time
        if let due = before.notBefore, time + wallSlack < due {
            return broken("backoff", "it began long before \(due)")
        }
        guard let agent = task.status.agent, let pod = history.pod(agent.uid) else { return nil }
        let pool = pod.metadata.controller.flatMap { history.pool($0.uid) }
        let takesGuests = pool.map { $0.spec.allowedNamespaces.from == .all } ?? true
        guard takesGuests || pod.metadata.namespace == task.metadata.namespace else {
            return broken(
                "isolation",
                "it was given to \(pod.key), of a pool that takes no tasks of its namespace")
        }
        guard let owner = pod.metadata.controller, owner.kind == BackgroundAgentPool.type.kind
        else { return broken("ownership", "it was given to \(pod.key), which is no agent") }
        if let sentence = freshness(of: agent.uid, in: pool, history) {
            return broken("one attempt an agent", sentence)
        }
        return nil
    }

    /// An attempt is over.
    private mutating func closed(
        _ task: BackgroundTask, _ before: BackgroundTaskStatus, _ history: History,
        _ now: SimulatedTime
    ) -> Violation? {
        let uid = task.metadata.uid
        func broken(_ invariant: String, _ sentence: String) -> Violation {
            Violation(invariant, "BackgroundTask \(task.key)", sentence, at: now)
        }
        let entry = task.status.attempts.last
        guard let entry, entry.number == before.attempt else {
            return broken("attempts", "attempt \(before.attempt) ended and is not listed")
        }
        switch entry.outcome {
        case .failed: past[uid, default: TaskPast()].failed += 1
        case .lost: past[uid, default: TaskPast()].lost += 1
        case .preempted:
            if let sentence = yielded(task, before) { return broken("preemption", sentence) }
        case .succeeded, .cancelled: break
        }
        let most = 1 + task.spec.retry.maxRetries
        if let failed = past[uid]?.failed, failed > most {
            return broken("retries", "it has failed \(failed) times, and may only \(most)")
        }
        if let lost = past[uid]?.lost, lost > 3 {
            return broken("retries", "it has taken down \(lost) agents")
        }
        if let sentence = takenAway(task, before, entry.outcome, history, now) {
            return broken("busy is sacred", sentence)
        }
        guard entry.outcome == .succeeded else { return nil }
        let agent = before.agent?.uid ?? UID("")
        let result = task.status.result
        let wanted: JSONValue = [
            "task": .string(uid.text), "attempt": .int(before.attempt),
            "agent": .string(agent.text),
        ]
        guard result == wanted else {
            return broken(
                "fencing",
                "attempt \(before.attempt) of agent \(agent) succeeded with the result "
                    + (result?.text ?? "of nobody"))
        }
        let truth = truths[LeaseID(taskUID: uid, attempt: before.attempt)]
        guard truth?.agent == agent, truth?.end == .exited(0) else {
            return broken("fencing", "attempt \(before.attempt) did not succeed in truth")
        }
        return nil
    }

    /// How an attempt was ended that still runs on an agent which calls; nil where it was not, or
    /// where it had its time.
    private func takenAway(
        _ task: BackgroundTask, _ before: BackgroundTaskStatus,
        _ outcome: BackgroundTaskStatus.Attempt.Outcome, _ history: History,
        _ now: SimulatedTime
    ) -> String? {
        let truth = truths[LeaseID(taskUID: task.metadata.uid, attempt: before.attempt)]
        guard let truth, truth.end == nil, let agent = truth.agent, agent == before.agent?.uid,
            let pod = history.pod(agent), !pod.phase.isTerminal, !pod.isDeleting,
            spokeLately(agent, timeout: .seconds(30), at: now)
        else { return nil }
        switch outcome {
        case .succeeded: return nil
        case .lost: return "its agent counts as lost, and has just called"
        case .failed:
            let seconds = before.strategy?.timeoutSeconds ?? task.spec.timeoutSeconds
            let limit = Duration.seconds(seconds)
            guard now - truth.begunAt < limit + Self.stopTime - clockSlack else { return nil }
            return "it counts as overdue after \(now - truth.begunAt) of \(limit)"
        case .cancelled, .preempted:
            guard let pool = pod.metadata.controller?.uid, stops[pool] == nil,
                let asked = past[task.metadata.uid]?.stopAskedAt,
                now - asked < Self.stopTime - clockSlack
            else { return nil }
            return "it counts as stopped \(now - asked) after it was asked to"
        }
    }

    /// How long an attempt may take to stop, and how long the operator waits beyond that.
    private static let stopTime = Duration.seconds(TaskTiming.graceSeconds) + TaskTiming.slack

    /// No agent holds more leases than it has slots.
    func slots(of task: BackgroundTask, _ history: History, _ now: SimulatedTime) -> Violation? {
        guard let lease = task.lease, let pod = history.pod(lease.agent),
            let pool = pod.metadata.controller.flatMap({ history.pool($0.uid) })
        else { return nil }
        let held = history.tasks.count { $0.lease?.agent == lease.agent }
        guard held > pool.spec.slotsPerAgent else { return nil }
        return Violation(
            "exclusive", "Pod \(pod.key)",
            "it holds \(held) leases and has \(pool.spec.slotsPerAgent) slots", at: now)
    }
}
