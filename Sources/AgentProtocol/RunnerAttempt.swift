import KubernetesCore

/// One attempt as the runner's machine sees it.
struct RunnerAttempt: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Accepted, but no slot is free.
        case waiting
        /// Its folder is being made.
        case preparing
        /// Its process is being started.
        case starting
        /// Its process runs.
        case running
        /// Its process is gone; what it left is being committed.
        case committing(AttemptExit, until: Instant)
        /// It is over, and the gateway has not stored that yet.
        case finished(LeaseReport)
    }

    let id: LeaseID
    let spec: LeaseSpec
    var phase: Phase = .waiting
    /// What the gateway wants, as last heard.
    var desired: DesiredState = .run
    /// Why it was asked to end.
    var stop: AttemptOutcome.Stop?
    /// Whether the lease is still this agent's. One that is not is killed and never reported.
    var isOurs = true
    /// When it started.
    var startedAt: Timestamp?
    /// When its time is over.
    var deadline: Instant?
    /// When it is killed.
    var killAt: Instant?
    var progress: TaskProgress?
    /// The highest checkpoint sequence known of the task.
    var sequence: Int
    var checkpoint: CheckpointCommit?
    /// Whether a commit is under way.
    var isCommitting = false
    /// Whether that commit, or the last one, was of the folder as the ended process left it.
    var isLastCommit = false
    /// When the folder is looked at again.
    var commitAt: Instant?
    var commitFailures = 0
    /// What people should know besides how it ended.
    var notes: [String] = []

    init(_ order: SyncReply.Order, spec: LeaseSpec) {
        id = order.id
        self.spec = spec
        desired = order.desired
        sequence = spec.restore?.sequence ?? 0
    }

    /// An attempt of which only the report is left.
    init(finished report: LeaseReport) {
        id = report.id
        spec = LeaseSpec(namespace: "", name: "", command: [])
        desired = report.desired
        sequence = report.checkpoint?.sequence ?? 0
        phase = .finished(report)
    }

    /// Whether it takes a slot.
    var takesSlot: Bool {
        switch phase {
        case .waiting, .finished: false
        case .preparing, .starting, .running, .committing: true
        }
    }

    /// When something is due for it.
    var due: Instant? {
        switch phase {
        case .waiting, .preparing, .starting, .finished: nil
        case .running: [deadline, killAt, commitAt].compactMap { $0 }.min()
        case .committing(_, let until): isCommitting ? until : min(until, commitAt ?? until)
        }
    }

    /// What is said about it to the gateway.
    var report: LeaseReport {
        if case .finished(var report) = phase {
            report.desired = desired
            return report
        }
        return LeaseReport(
            id: id, desired: desired, startedAt: startedAt, progress: progress,
            message: notes.last ?? "", checkpoint: checkpoint)
    }

    /// How long to wait before the next commit: `first`, doubled with each failure up to 64-fold.
    func pause(_ first: Duration) -> Duration {
        first * (1 << min(max(commitFailures - 1, 0), 6))
    }

    /// Adds a sentence to what people should know; at most four are kept.
    mutating func say(_ note: String) {
        if notes.count == 4 { notes.removeFirst() }
        notes.append(ProtocolLimits.prefix(of: note, bytes: 200))
    }

    /// The report that it is over.
    func finishedReport(_ exit: AttemptExit, at now: Moment) -> LeaseReport {
        let end = isOurs ? exit.end : .lost("the lease was taken away while it ran")
        let outcome = AttemptOutcome(end, stop: stop)
        return LeaseReport(
            id: id, state: .finished, desired: desired, startedAt: startedAt, finishedAt: now.time,
            progress: progress, outcome: outcome, result: exit.result,
            resultError: exit.resultError,
            message: ([sentence(outcome)] + (exit.note.map { [$0] } ?? []) + notes).joined(
                separator: "; "), logTail: exit.logTail,
            checkpoint: checkpoint)
    }

    private func sentence(_ outcome: AttemptOutcome) -> String {
        let end =
            switch outcome.end {
            case .exited(let code): "exited with code \(code)"
            case .signalled(let number): "ended by signal \(number)"
            case .notStarted(let reason): "not started: \(reason)"
            case .lost(let reason): "lost: \(reason)"
            }
        return switch outcome.stop {
        case nil: end
        case .timedOut: "ran longer than \(spec.timeoutSeconds) s and was stopped: \(end)"
        case .cancelled: "cancelled: \(end)"
        case .checkpointed: "stopped to go on elsewhere: \(end)"
        case .drained: "stopped because its agent ends: \(end)"
        }
    }
}
