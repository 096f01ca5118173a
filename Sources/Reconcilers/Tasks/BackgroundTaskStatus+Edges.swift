import AgentProtocol
import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// The edges of a task's life, each as a change of its whole status.
extension BackgroundTaskStatus {
    /// How many agents and nodes that failed a task are remembered.
    static let avoidedMax = 3

    /// The task waits, in one of the phases that do.
    mutating func wait(
        _ phase: TaskPhase, reason: String, message: String, queue: Queue? = nil
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message.cut
        self.queue = queue
    }

    /// An attempt begins: the lease.
    mutating func assign(
        to agent: Agent, pool: BackgroundTaskSpec.PoolReference, message: String,
        since queued: Timestamp, at now: Timestamp
    ) {
        phase = .running
        reason = "Assigned"
        self.message = message.cut
        self.pool = pool
        self.agent = agent
        queue = nil
        attempt += 1
        queuedTime = queuedTime ?? queued
        lastQueuedTime = lastQueuedTime ?? queued
        startTime = now
        notBefore = nil
        progress = nil
        stopRequestedTime = nil
        withdrawnTime = nil
        preemptedBy = nil
    }

    /// The attempt is over, however: it goes onto the list, and what belonged to it is cleared.
    mutating func closeAttempt(
        _ outcome: Attempt.Outcome, failure: Failure? = nil, at now: Timestamp
    ) {
        var brief = failure
        brief?.logTail = nil
        attempts.append(
            Attempt(
                number: attempt, agent: agent, startTime: startTime, completionTime: now,
                outcome: outcome, failure: brief))
        attempts.removeFirst(max(0, attempts.count - Bounds.listedAttempts))
        stopRequestedTime = nil
        withdrawnTime = nil
        preemptedBy = nil
        lastQueuedTime = nil
        queue = nil
    }

    /// The task has ended for good.
    mutating func finish(
        _ phase: TaskPhase, reason: String, message: String, at now: Timestamp
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message.cut
        queue = nil
        notBefore = nil
        stopRequestedTime = nil
        withdrawnTime = nil
        completionTime = now
        let isComplete = phase == .succeeded
        conditions.set(
            "Complete", .init(isComplete), reason: reason, message: message, at: now,
            generation: observedGeneration)
        if phase == .failed {
            conditions.set(
                "Failed", .yes, reason: reason, message: message, at: now,
                generation: observedGeneration)
        }
    }

    /// The attempt has failed, or was lost: what was decided about it.
    mutating func settle(
        _ failure: Failure, outcome: Attempt.Outcome, _ decision: RetryDecision, at now: Timestamp
    ) {
        let number = attempt
        var stated = failure
        stated.class = TaskFailureClass(decision.kind)
        closeAttempt(outcome, failure: stated, at: now)
        self.failure = stated
        let story = "Attempt \(number) failed: \(stated.message ?? stated.reason)"
        switch decision.outcome {
        case .fail:
            let isPoison = decision.kind == .poison
            finish(
                .failed, reason: isPoison ? "Poison" : stated.reason,
                message: story.asSentence + " " + decision.message, at: now)
            if decision.isEscalated {
                conditions.set(
                    "Escalated", .yes,
                    reason: isPoison
                        ? "Poison" : decision.action == .fail ? "RetriesUsedUp" : stated.reason,
                    message: decision.message, at: now, generation: observedGeneration)
            }
        case .retry(let delay):
            if decision.usesRetry { retries += 1 } else { infrastructureLosses += 1 }
            plan(after: stated, decision)
            progress = nil
            if delay > .zero {
                notBefore = now + delay
                wait(
                    .scheduled, reason: "RetryScheduled",
                    message: story.asSentence + " " + decision.message)
            } else {
                notBefore = nil
                lastQueuedTime = now
                wait(
                    .queued, reason: "Requeued",
                    message: story.asSentence + " " + decision.message)
            }
        }
    }

    /// The attempt has stopped because it was asked to; the task waits again and loses nothing.
    mutating func resumeLater(why: String, at now: Timestamp) {
        let number = attempt
        let by = preemptedBy
        closeAttempt(by == nil ? .cancelled : .preempted, at: now)
        progress = nil
        notBefore = nil
        lastQueuedTime = now
        guard let by else {
            wait(
                .queued, reason: "Requeued", message: "Attempt \(number) stopped because \(why).")
            return
        }
        preemptions += 1
        wait(
            .queued, reason: "Preempted",
            message: "Attempt \(number) gave way to task \(by), which has more priority.")
    }

    /// Takes over what an attempt says about itself while it goes on.
    mutating func take(progressOf report: LeaseReport) {
        if let progress = report.progress {
            self.progress = Progress(
                percent: progress.percent,
                message: progress.message.isEmpty ? nil : progress.message)
        }
        // Sequences rise over all attempts: an older commit never replaces a newer one.
        if let commit = report.checkpoint, commit.sequence > checkpoint?.sequence ?? 0 {
            checkpoint = Checkpoint(
                sequence: commit.sequence, bytes: commit.bytes, digest: commit.digest,
                time: Timestamp(nanoseconds: commit.time.nanoseconds / 1_000_000 * 1_000_000))
        }
    }

    /// How the next attempt is run, given how the last one failed.
    private mutating func plan(after failure: Failure, _ decision: RetryDecision) {
        var next = strategy ?? Strategy()
        next.action = .init(decision.action)
        next.reason = decision.message
        if let agent {
            next.avoidAgents = Self.adding(agent.uid.text, to: next.avoidAgents)
            if let node = agent.node, failure.class == .environment {
                next.avoidNodes = Self.adding(node, to: next.avoidNodes)
            }
        }
        strategy = next
    }

    /// Remembers an agent that the task should not go back to, as long as there are others.
    mutating func avoid(_ agent: UID) {
        var next = strategy ?? Strategy()
        next.avoidAgents = Self.adding(agent.text, to: next.avoidAgents)
        strategy = next
    }

    private static func adding(_ one: String, to list: [String]) -> [String] {
        (list.filter { $0 != one } + [one]).suffix(avoidedMax)
    }
}

extension String {
    /// This text inside the bound of messages in statuses.
    var cut: String { ProtocolLimits.prefix(of: self, bytes: Bounds.message) }

    /// This text with a full stop at its end.
    var asSentence: String {
        guard let last, !last.isPunctuation else { return self }
        return self + "."
    }
}
