import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// One decision about a task on its way to becoming a plan: the status as it should be.
struct TaskEdit {
    let task: BackgroundTask
    let now: Timestamp
    var status: BackgroundTaskStatus
    /// Whether the last write was refused because the object is too large.
    let isTooLarge: Bool

    init(_ task: BackgroundTask, at now: Timestamp, after failure: WriteFailure?) {
        self.task = task
        self.now = now
        status = task.status
        status.observedGeneration = task.metadata.generation
        isTooLarge =
            failure.map { $0.code == 413 || $0.message.contains("too large") } ?? false
    }

    /// The plan that writes the status, if it differs.
    func plan(wake: Timestamp? = nil, notes: [Note] = []) -> Plan {
        var desired = status
        if isTooLarge { desired.shrink() }
        return Plan(
            status: StatusIntent(
                desired: desired.json, observed: task.status.json,
                resourceVersion: task.metadata.resourceVersion),
            wake: wake, notes: notes)
    }

    func note(_ kind: Note.Kind, _ reason: String, _ message: String) -> Note {
        Note(
            kind, reason: reason, message: message, about: task.reference,
            annotations: task.eventAnnotations)
    }
}

extension BackgroundTaskStatus {
    /// Leaves out what is only for reading, so that a task in an object that has grown to the
    /// server's limit still comes to its end.
    fileprivate mutating func shrink() {
        failure?.logTail = nil
        attempts = Array(attempts.suffix(1))
        message = message.map { ProtocolLimits.prefix(of: $0, bytes: 128) }
        if let size = result?.text.utf8.count, size > 1_024 { result = nil }
    }
}

// MARK: - Waiting

extension TaskEdit {
    mutating func callOff() -> Plan {
        if task.metadata.isDeleting, task.status.phase == .pending { return .idle }
        status.finish(
            .cancelled, reason: "Cancelled", message: "The task was cancelled before it ran.",
            at: now)
        return plan(notes: [note(.normal, "Cancelled", "Cancelled before it ran.")])
    }

    mutating func giveUp(reason: String, message: String) -> Plan {
        status.failure = .init(class: .application, reason: reason, message: message.cut)
        status.finish(.failed, reason: reason, message: message, at: now)
        return plan(notes: [note(.warning, "Failed", message)])
    }

    mutating func timeOutQueue(seconds: Int) -> Plan {
        let message = "No agent was free within \(seconds) seconds (spec.queueTimeoutSeconds)."
        status.failure = .init(class: .timeout, reason: "QueueTimeout", message: message)
        status.finish(.failed, reason: "QueueTimeout", message: message, at: now)
        return plan(notes: [note(.warning, "QueueTimeout", message)])
    }

    mutating func block(
        _ scene: TaskWorld.Scene, reason: String, message: String, by: [String]
    ) -> Plan {
        guard case .waiting(let surroundings, _) = scene else { return .idle }
        let isKnown = status.phase == .blocked && status.reason == reason
        // What is short by a moment is not worth a write: a task that has just been created, or one
        // of whose many dependencies has just ended.
        let settled =
            isKnown
            ? (surroundings.dependenciesEnded ?? task.metadata.creationTime)
                + TaskTiming.progressInterval
            : quiet(since: task.metadata.creationTime, surroundings)
        if settled > now, status.phase == .pending || isKnown { return .waiting(until: settled) }
        status.wait(
            .blocked, reason: reason, message: message,
            queue: by.isEmpty ? nil : .init(blockedBy: by))
        status.lastQueuedTime = nil
        let kind: Note.Kind =
            reason == "Suspended" || reason == "WaitingForDependencies" ? .normal : .warning
        return plan(notes: isKnown ? [] : [note(kind, reason, message)])
    }

    mutating func schedule(until: Timestamp, _ scene: TaskWorld.Scene) -> Plan {
        guard case .waiting(let surroundings, _) = scene else { return .idle }
        let settled = quiet(since: task.metadata.creationTime, surroundings)
        if status.phase == .pending, settled > now { return .waiting(until: min(settled, until)) }
        let isRetry = status.attempt > 0 && status.notBefore.map { $0 >= until } ?? false
        if isRetry, let wait = waitOfWrongClock { status.notBefore = now + wait }
        if !isRetry {
            status.wait(
                .scheduled, reason: "NotBefore",
                message: "The task starts at \(until) at the earliest (spec.notBefore).")
        } else if status.phase != .scheduled {
            status.wait(
                .scheduled, reason: "RetryScheduled", message: "The next attempt waits its time.")
        }
        status.lastQueuedTime = nil
        return plan(wake: isRetry ? status.notBefore : until)
    }

    /// How long a retry was to wait that was written down by a clock that is far ahead of this one:
    /// the attempt before it ended in the future. The wait begins anew, or the task would wait for
    /// as long as that clock was wrong.
    private var waitOfWrongClock: Duration? {
        guard let due = status.notBefore, let ended = status.attempts.last?.completionTime,
            ended > now + TaskTiming.clockSlack
        else { return nil }
        return max(.zero, due - ended)
    }

    mutating func queue(
        for pool: Key<BackgroundAgentPool>, _ scene: TaskWorld.Scene
    ) -> Plan {
        guard case .waiting(let surroundings, let place) = scene else { return .idle }
        let deadline = task.queueDeadline(surroundings)
        let since = task.queueable(surroundings)
        let former = status.phase
        var settled = now
        if former == .pending || former == .scheduled {
            settled = quiet(since: since, surroundings)
        } else if ["Requeued", "Preempted"].contains(status.reason),
            let requeued = status.lastQueuedTime
        {
            settled = requeued + TaskTiming.quietQueueing
        }
        if settled > now { return .waiting(until: min(settled, deadline ?? settled)) }
        var wake = deadline
        var queue = former == .queued ? status.queue : nil
        var isStuck = former == .queued && status.reason == "NoAgentFits"
        if let place, place.isNews(after: queue?.position, isStuck: isStuck) {
            let stands = place.since + TaskTiming.settledPosition
            if stands <= now {
                queue = .init(position: place.position)
                isStuck = place.fitsNowhere
            } else {
                wake = min(stands, wake ?? stands)
            }
        }
        if former != .queued { status.lastQueuedTime = former == .blocked ? now : since }
        status.queuedTime = status.queuedTime ?? since
        status.pool = task.reference(to: pool)
        if surroundings.isPoolPaused {
            status.wait(
                .queued, reason: "PoolPaused", message: "Pool \(pool) is paused.", queue: queue)
        } else if isStuck {
            status.wait(
                .queued, reason: "NoAgentFits",
                message: "No agent of pool \(pool) has room for it now.", queue: queue)
        } else {
            status.wait(
                .queued, reason: "WaitingForAgent",
                message: "Waiting for a free agent of pool \(pool).", queue: queue)
        }
        return plan(wake: wake)
    }

    /// Until when a task that waits since `time` is left without a word.
    private func quiet(since time: Timestamp, _ surroundings: TaskSurroundings) -> Timestamp {
        let flood = min(
            TaskTiming.quietForEach * max(0, surroundings.backlog - 1), TaskTiming.quietMost)
        let precision =
            time == task.metadata.creationTime ? TaskTiming.creationPrecision : .zero
        let due = time + TaskTiming.quietQueueing + precision + flood
        let latest = time + TaskTiming.quietQueueing + precision + TaskTiming.quietMost
        // A task that is about to start anyway needs no write that says it waits.
        guard due <= now, let last = surroundings.lastStart, surroundings.recentStarts > 0,
            now < last + TaskTiming.movingFor, now >= last
        else { return due }
        let wait = Duration.seconds(10) * surroundings.backlog / surroundings.recentStarts
        return wait <= TaskTiming.quietMost && now + wait <= latest
            ? min(latest, now + max(wait, TaskTiming.quietQueueing)) : due
    }
}

// MARK: - Running

extension TaskEdit {
    mutating func requestStop() -> Plan {
        status.stopRequestedTime = now
        let isSuspend = task.spec.state == .suspended && !task.metadata.isDeleting
        status.reason = isSuspend ? "Suspending" : "Cancelling"
        status.message =
            isSuspend
            ? "The attempt is asked to checkpoint and stop." : "The attempt is asked to stop."
        return plan(
            wake: now + .seconds(TaskTiming.graceSeconds) + TaskTiming.slack,
            notes: [note(.normal, status.reason ?? "", status.message ?? "")])
    }

    /// Asks the attempt to checkpoint and stop for a task of more priority.
    mutating func requestYield(to other: String) -> Plan {
        status.stopRequestedTime = now
        status.preemptedBy = other
        status.reason = "Preempting"
        status.message =
            "The attempt is asked to checkpoint and stop for task \(other), "
            + "which has more priority."
        return plan(
            wake: now + .seconds(TaskTiming.graceSeconds) + TaskTiming.slack,
            notes: [note(.normal, "Preempting", status.message ?? "")])
    }

    /// Withdraws the attempt from an agent that cannot have begun it: from when this is stored the
    /// agent is not told of it any more. Only then it is given to another.
    mutating func withdraw() -> Plan {
        status.withdrawnTime = now
        status.reason = "Rebalancing"
        status.message =
            "The agent has not called since it was given attempt \(status.attempt), "
            + "and another one is free."
        return plan(notes: [note(.normal, "Rebalancing", status.message ?? "")])
    }

    /// Gives the withdrawn attempt up: the task waits again, for another agent.
    mutating func moveElsewhere() -> Plan {
        let agent = status.agent
        status.resumeLater(why: "its agent had not begun it, and another one is free", at: now)
        if let agent { status.avoid(agent.uid) }
        return plan(notes: [note(.normal, "Rebalanced", status.message ?? "")])
    }

    /// Writes progress and checkpoints, at moments of a fixed beat, so that an agent which tells
    /// more often is not written more often.
    mutating func watch(_ scene: TaskWorld.Scene, until: Timestamp) -> Plan {
        if !task.shouldStop, status.stopRequestedTime != nil {
            status.stopRequestedTime = nil
            status.reason = "Assigned"
            status.message = "The attempt goes on."
        }
        if status.withdrawnTime != nil {
            status.withdrawnTime = nil
            status.reason = "Assigned"
            status.message = "The attempt stays with its agent."
        }
        guard case .running(let sighting) = scene, let lease = task.lease,
            let session = sighting.session, let report = session.report(on: lease)
        else { return plan(wake: until) }
        var told = status
        told.take(progressOf: report)
        guard told != status else { return plan(wake: until) }
        let beat = TaskTiming.progressInterval.nanoseconds
        let phase = Int64(StableHash.of(task.metadata.uid.text) % UInt64(beat))
        let (shifted, overflow) = session.lastSync.nanoseconds.subtractingReportingOverflow(phase)
        let start = overflow ? 0 : shifted / beat * beat + phase
        let due = Timestamp(nanoseconds: start) + TaskTiming.progressInterval
        if due > now { return plan(wake: min(due, until)) }
        status = told
        return plan(wake: until)
    }

    mutating func end(_ report: LeaseReport, _ scene: TaskWorld.Scene) -> Plan {
        status.take(progressOf: report)
        return end(AttemptEnd(report), scene)
    }

    mutating func end(_ end: AttemptEnd, _ scene: TaskWorld.Scene) -> Plan {
        guard case .running(let sighting) = scene else { return .idle }
        switch end {
        case .succeeded(let result):
            if let breach = sighting.outputContract?.breach(of: result, at: "result") {
                return self.end(.breached(breach, type: task.spec.type), scene)
            }
            return succeed(result)
        case .stopped(let why): return stop(why: why, sighting)
        case .failed(let failure, let message, let logTail):
            if task.spec.state == .cancelled || task.metadata.isDeleting {
                return stop(why: message, sighting)
            }
            let stated = BackgroundTaskStatus.Failure(
                class: TaskFailureClass(failure.kind), reason: failure.reason,
                exitCode: failure.exitCode, message: message.cut, logTail: logTail)
            return settle(stated, outcome: .failed, failure)
        case .lost(let failure, let message):
            if task.shouldStop || sighting.isPoolStopped { return stop(why: message, sighting) }
            let stated = BackgroundTaskStatus.Failure(
                class: .infrastructure, reason: failure.reason, message: message.cut)
            return settle(stated, outcome: .lost, failure)
        }
    }

    private mutating func succeed(_ result: JSONValue?) -> Plan {
        let number = status.attempt
        status.closeAttempt(.succeeded, at: now)
        status.result = result
        status.failure = nil
        if status.progress != nil { status.progress?.percent = 100 }
        let tenths = status.startTime.map { max(0, (now - $0).nanoseconds) / 100_000_000 } ?? 0
        // Of a short run people want the tenths, of a long one only the seconds.
        let seconds = tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\(tenths / 10)"
        let message = "Attempt \(number) succeeded after \(seconds) s."
        status.finish(.succeeded, reason: "Succeeded", message: message, at: now)
        return plan(notes: [note(.normal, "Succeeded", message)])
    }

    /// The attempt stopped, and nobody is to blame for it.
    private mutating func stop(why: String, _ sighting: TaskWorld.AgentSighting) -> Plan {
        if task.spec.state == .cancelled || task.metadata.isDeleting {
            let number = status.attempt
            status.closeAttempt(.cancelled, at: now)
            let message = "The task was cancelled during attempt \(number)."
            status.finish(.cancelled, reason: "Cancelled", message: message, at: now)
            return plan(notes: [note(.normal, "Cancelled", message)])
        }
        status.resumeLater(why: why, at: now)
        if task.spec.state == .suspended {
            status.wait(
                .blocked, reason: "Suspended", message: "The task is suspended (spec.state).")
            status.lastQueuedTime = nil
            return plan(notes: [note(.normal, "Suspended", "Suspended; no retry is used up.")])
        }
        if sighting.isPoolStopped {
            status.wait(
                .blocked, reason: "EmergencyStop", message: "The task's pool is stopped.")
            status.lastQueuedTime = nil
        }
        return plan(notes: [note(.normal, status.reason ?? "Requeued", status.message ?? why)])
    }

    private mutating func settle(
        _ stated: BackgroundTaskStatus.Failure, outcome: BackgroundTaskStatus.Attempt.Outcome,
        _ failure: ClassifiedFailure
    ) -> Plan {
        let decision = RetryPolicy.decision(for: task, failure)
        let timeout = task.attemptTimeoutSeconds
        status.settle(stated, outcome: outcome, decision, at: now)
        let message = status.message ?? ""
        guard decision.outcome != .fail else {
            let reason = decision.isEscalated ? "Escalated" : "Failed"
            return plan(notes: [note(.warning, reason, message)])
        }
        if decision.action == .retryWithLongerTimeout {
            let longer = (Double(timeout) * RetryPolicy.timeoutFactor).rounded(.up)
            status.strategy?.timeoutSeconds = min(
                Int(longer), Bounds.positiveSeconds.upperBound)
        }
        let reason = outcome == .lost ? "AgentLost" : "Retrying"
        return plan(wake: status.notBefore, notes: [note(.warning, reason, message)])
    }
}

extension BackgroundTask {
    /// A pool as the task's status names it: without a namespace where that is the task's own.
    func reference(to pool: Key<BackgroundAgentPool>) -> BackgroundTaskSpec.PoolReference {
        .init(
            name: pool.name,
            namespace: pool.namespace == metadata.namespace ? nil : pool.namespace)
    }
}
