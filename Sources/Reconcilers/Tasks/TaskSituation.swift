public import AgentProtocol
import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// What has to be decided about a task now. Every task is in exactly one situation.
public enum TaskSituation: Hashable, Sendable {
    /// It has ended, and is deleted at this time.
    case finished(until: Timestamp)
    /// It has ended and its time is up, but others still have to see how it ended, or it is going.
    case kept
    /// It has ended and its time is up.
    case expired

    /// It was called off before it ran.
    case calledOff
    /// It can never run.
    case hopeless(reason: String, message: String)
    /// Something keeps it from being queued.
    case blocked(reason: String, message: String, by: [String])
    /// It waits for a time.
    case scheduled(until: Timestamp)
    /// It has waited for longer than it may.
    case waitedTooLong(seconds: Int)
    /// It waits for an agent.
    case queued(Key<BackgroundAgentPool>)

    /// It is cut into several tasks, which are to be made now.
    case dividable
    /// It is cut into several tasks, which are under way.
    case divided

    /// Its attempt is over, says the agent that has the lease.
    case ended(LeaseReport)
    /// Its agent is gone or silent: the pod's reason, and a sentence.
    case lost(reason: String, message: String)
    /// Its attempt has run for longer than it may, and the agent has not stopped it.
    case overdue
    /// It should stop, and nobody has written down when that began.
    case stopWanted
    /// It should stop for a task of more priority, and nobody has written that down.
    case yieldWanted(to: String)
    /// Its agent cannot have begun it, has much to do and does not call, while another is free: the
    /// attempt is withdrawn.
    case unbegun
    /// The attempt was withdrawn, and its agent still cannot have begun it.
    case withdrawn
    /// It should have stopped by now, and the agent has not said that it did.
    case stopOverdue
    /// It runs, or is stopping; look again at this time even if nothing happens.
    case working(until: Timestamp)
}

extension TaskSituation {
    /// The situation of a task.
    public static func of(
        _ world: TaskWorld, at now: Timestamp, startedAt: Timestamp
    ) -> TaskSituation {
        switch world.scene {
        case .finished(let hasDependents):
            ofFinished(world.task, hasDependents: hasDependents, at: now)
        case .waiting(let surroundings, _):
            ofWaiting(world.task, surroundings, at: now)
        case .divided: .divided
        case .running(let sighting):
            ofRunning(world.task, sighting, at: now, startedAt: startedAt)
        }
    }

    private static func ofFinished(
        _ task: BackgroundTask, hasDependents: Bool, at now: Timestamp
    ) -> TaskSituation {
        // A child goes with its parent: made anew it would run again.
        if task.parent != nil { return .kept }
        let ended = task.status.completionTime ?? task.metadata.creationTime
        let until = ended + .seconds(task.spec.ttlSecondsAfterFinished)
        if until > now { return .finished(until: until) }
        return hasDependents || task.metadata.isDeleting ? .kept : .expired
    }

    private static func ofWaiting(
        _ task: BackgroundTask, _ surroundings: TaskSurroundings, at now: Timestamp
    ) -> TaskSituation {
        switch TaskStanding.of(task, surroundings, at: now) {
        // No world shows a task as waiting that runs or has ended; should one, it is left alone.
        case .running, .finished: return .kept
        case .calledOff: return .calledOff
        case .hopeless(let reason, let message):
            return .hopeless(reason: reason, message: message)
        case .blocked(let reason, let message, let by):
            return .blocked(reason: reason, message: message, by: by)
        case .scheduled(let until): return .scheduled(until: until)
        case .dividable: return .dividable
        case .eligible(let pool):
            guard let deadline = task.queueDeadline(surroundings), deadline <= now else {
                return .queued(pool)
            }
            return .waitedTooLong(seconds: task.spec.queueTimeoutSeconds ?? 0)
        }
    }

    private static func ofRunning(
        _ task: BackgroundTask, _ sighting: TaskWorld.AgentSighting, at now: Timestamp,
        startedAt: Timestamp
    ) -> TaskSituation {
        let report = task.lease.flatMap { sighting.session?.report(on: $0) }
        if let report, report.state == .finished { return .ended(report) }
        let began = sighting.clockSteps.rebased(
            task.status.startTime ?? task.metadata.creationTime, at: now)
        // A process that has just come to lead has heard nothing through no fault of the agents:
        // silence counts from when they could call, and not at all while they cannot.
        let listening = sighting.gateway.map(\.answeringSince) ?? startedAt
        let reachable = listening.map { max($0, startedAt) }
        let silent = max(sighting.session?.lastSync ?? startedAt, reachable ?? now, began)
        let silence = silent + sighting.timeout
        if let (reason, message) = loss(of: sighting, report: report, since: began, at: now) {
            return .lost(reason: reason, message: message)
        }
        if silence <= now {
            return .lost(
                reason: "AgentSilent",
                message: "The agent has not called for"
                    + " \(Int(sighting.timeout.components.seconds)) seconds.")
        }
        var next = silence
        let settled = began + TaskTiming.podSettling
        if sighting.pod == nil, settled > now { next = min(next, settled) }
        if task.shouldStop {
            guard let noted = task.status.stopRequestedTime else { return .stopWanted }
            let asked = sighting.clockSteps.rebased(noted, at: now)
            let limit = max(
                asked + .seconds(TaskTiming.graceSeconds) + TaskTiming.slack,
                (reachable ?? now) + .seconds(TaskTiming.graceSeconds))
            return limit <= now ? .stopOverdue : .working(until: min(next, limit))
        }
        if sighting.cannotHaveHeard(of: task, at: sighting.clockSteps, now: now) {
            let patience = began + sighting.heartbeat
            if sighting.isBetterElsewhere, task.status.withdrawnTime != nil { return .withdrawn }
            if sighting.isBetterElsewhere, patience <= now { return .unbegun }
            next = min(next, max(patience, now + sighting.heartbeat))
        }
        if let preemptor = sighting.preemptor { return .yieldWanted(to: preemptor) }
        let limit =
            began
            + .seconds(task.attemptTimeoutSeconds + TaskTiming.graceSeconds) + TaskTiming.slack
        // Time that passed while nobody could call does not count against the agent's report.
        let fair = max(limit, (reachable ?? now) + .seconds(TaskTiming.graceSeconds))
        return fair <= now ? .overdue : .working(until: min(next, fair))
    }

    /// Why the attempt's agent must be gone; nil where it may well be alive.
    private static func loss(
        of sighting: TaskWorld.AgentSighting, report: LeaseReport?, since began: Timestamp,
        at now: Timestamp
    ) -> (String, String)? {
        guard let pod = sighting.pod else {
            guard sighting.arePodsSynced, began + TaskTiming.podSettling <= now else { return nil }
            return ("AgentDeleted", "The agent's pod is gone.")
        }
        if pod.phase.isTerminal {
            let end = pod.containers.lazy.compactMap(\.termination).first
            // What a node takes back under pressure is not the attempt's fault, however it ended.
            let isKill = end?.reason == "OOMKilled" && !pod.isDisruptionTarget
            return (
                isKill ? "OOMKilled" : endingReason(pod.reason ?? end?.reason),
                pod.message ?? "The agent's pod has ended (\(pod.phase.rawValue))."
            )
        }
        // A runner that was started after the attempt began, and does not know it, has lost it.
        // When it was first heard of counts as well: its start is told by the node's clock, which
        // may be ahead of the one that the attempt's beginning is told by.
        if let session = sighting.session, report == nil, session.firstSync > began,
            let container = pod.containers.first,
            case .running(let since?) = container.state, container.restartCount > 0,
            since > began
        {
            let killed = container.lastTermination?.reason == "OOMKilled"
            return (
                killed ? "OOMKilled" : "AgentRestarted",
                "The agent was started anew while the attempt ran."
            )
        }
        return nil
    }

    /// The reason of a pod's end where it says something, and a word of ours where it says no more
    /// than that it has ended.
    private static func endingReason(_ reason: String?) -> String {
        switch reason {
        case nil, "", "Completed", "Error": "AgentEnded"
        case let reason?: reason
        }
    }
}

extension PodContainerView {
    fileprivate var termination: Termination? {
        if case .terminated(let end) = state { end } else { nil }
    }
}

extension BackgroundTask {
    /// Whether its running attempt is to be stopped.
    public var shouldStop: Bool {
        spec.state != .active || metadata.isDeleting || status.preemptedBy != nil
    }

    /// Seconds that the current or next attempt may take.
    public var attemptTimeoutSeconds: Int {
        status.strategy?.timeoutSeconds ?? spec.timeoutSeconds
    }

    /// Until when it may wait in the queue; nil for ever.
    func queueDeadline(_ surroundings: TaskSurroundings) -> Timestamp? {
        guard let seconds = spec.queueTimeoutSeconds else { return nil }
        return (status.lastQueuedTime ?? queueable(surroundings)) + .seconds(seconds)
    }
}
