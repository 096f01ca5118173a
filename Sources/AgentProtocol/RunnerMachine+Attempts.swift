import KubernetesCore

/// The life of one attempt.
extension RunnerMachine {
    /// How long something that is not this agent's any more may take to end.
    private static var dropGrace: Duration { .seconds(2) }
    /// How long after SIGKILL it is sent again.
    private static var killAgain: Duration { .seconds(5) }
    /// How long the last commit of an attempt may take.
    private static var lastCommitLimit: Duration { .seconds(15) }
    /// Most reports that are remembered after they were stored.
    private static var pastMax: Int { 256 }

    private static var neverStarted: AttemptExit {
        AttemptExit(.notStarted("it was asked to stop before it started"))
    }

    /// Gives free slots to waiting attempts, oldest lease first.
    mutating func fillSlots(_ commands: inout [RunnerCommand]) {
        var free = configuration.slots - attempts.values.count(where: \.takesSlot)
        guard free > 0 else { return }
        for id in attempts.keys.sorted() where free > 0 {
            guard let attempt = attempts[id], attempt.phase == .waiting else { continue }
            free -= 1
            attempts[id]?.phase = .preparing
            let restores =
                attempt.spec.checkpointEnabled && (attempt.spec.restore != nil || id.attempt > 1)
            commands.append(.prepare(id, attempt.spec, restores: restores))
        }
    }

    mutating func prepared(
        _ id: LeaseID, _ restored: CheckpointRef?, _ note: String?, at now: Moment,
        _ commands: inout [RunnerCommand]
    ) {
        guard var attempt = attempts[id], attempt.phase == .preparing else { return }
        attempt.sequence = max(attempt.sequence, restored?.sequence ?? 0)
        if let note { attempt.say(note) }
        attempts[id] = attempt
        if attempt.stop != nil || !attempt.isOurs {
            finish(id, Self.neverStarted, at: now, &commands)
        } else {
            attempts[id]?.phase = .starting
            commands.append(.start(id, attempt.spec))
        }
    }

    mutating func started(_ id: LeaseID, at now: Moment, _ commands: inout [RunnerCommand]) {
        guard var attempt = attempts[id], attempt.phase == .starting else { return }
        attempt.phase = .running
        attempt.startedAt = now.time
        attempt.deadline = now.instant + .seconds(attempt.spec.timeoutSeconds)
        if attempt.spec.checkpointEnabled {
            attempt.commitAt = now.instant + configuration.checkpointInterval
        }
        attempts[id] = attempt
        if attempt.stop != nil || !attempt.isOurs {
            terminate(id, at: now, &commands)
        }
        requestSync(at: now.instant)
    }

    mutating func note(_ progress: TaskProgress, of id: LeaseID, at now: Moment) {
        guard let attempt = attempts[id], attempt.progress != progress, attempt.isOurs else {
            return
        }
        if case .finished = attempt.phase { return }
        attempts[id]?.progress = progress
        requestSync(at: now.instant + .seconds(1))
    }

    mutating func exited(
        _ id: LeaseID, _ exit: AttemptExit, at now: Moment, _ commands: inout [RunnerCommand]
    ) {
        guard let attempt = attempts[id],
            attempt.phase == .starting || attempt.phase == .running
        else { return }
        let outcome = AttemptOutcome(exit.end, stop: attempt.stop)
        let goesOn = !outcome.isSuccess && attempt.stop != .cancelled
        guard goesOn, attempt.phase == .running, attempt.spec.checkpointEnabled, attempt.isOurs
        else { return finish(id, exit, at: now, &commands) }
        attempts[id]?.phase = .committing(exit, until: now.instant + Self.lastCommitLimit)
        attempts[id]?.commitAt = now.instant
    }

    mutating func committed(
        _ id: LeaseID, _ answer: Result<CheckpointRef?, RunnerInput.CommitFailure>, at now: Moment,
        _ commands: inout [RunnerCommand]
    ) {
        guard var attempt = attempts[id], attempt.isCommitting else { return }
        attempt.isCommitting = false
        var isSettled = true
        switch answer {
        case .success(let ref):
            attempt.commitFailures = 0
            attempt.commitAt = now.instant + configuration.checkpointInterval
            if let ref {
                attempt.sequence = max(attempt.sequence, ref.sequence)
                attempt.checkpoint = CheckpointCommit(ref, time: now.time)
                requestSync(at: now.instant + .milliseconds(500))
            }
        case .failure(.overtaken(let other)):
            attempt.sequence = max(attempt.sequence, min(other, ProtocolLimits.sequenceMax - 1))
            attempt.commitFailures += 1
            attempt.commitAt = now.instant + attempt.pause(.milliseconds(50))
            isSettled = attempt.commitFailures > 3
        case .failure(.refused(let reason)):
            attempt.commitFailures += 1
            attempt.commitAt = now.instant + .seconds(60)
            attempt.say("checkpoint refused: \(reason)")
            requestSync(at: now.instant + .seconds(1))
        case .failure(.unavailable(let reason)):
            attempt.commitFailures += 1
            attempt.commitAt = now.instant + attempt.pause(.milliseconds(250))
            isSettled = false
            if attempt.commitFailures == 3 { attempt.say("checkpoint not committed: \(reason)") }
        }
        attempts[id] = attempt
        guard case .committing(let exit, let until) = attempt.phase else { return }
        // The commit that was under way when the process ended is not yet the last one.
        if attempt.commitAt != nil, attempt.isLastCommit, isSettled || now.instant >= until {
            finish(id, exit, at: now, &commands)
        } else if !attempt.isLastCommit {
            attempts[id]?.commitAt = now.instant
        }
    }

    /// Asks an attempt to end. The first reason stays, except that nothing outlives a cancellation.
    mutating func requestStop(
        _ id: LeaseID, _ reason: AttemptOutcome.Stop, at now: Moment,
        _ commands: inout [RunnerCommand]
    ) {
        guard var attempt = attempts[id], attempt.isOurs else { return }
        let isFirst = attempt.stop == nil
        guard isFirst || (reason == .cancelled && attempt.stop != .timedOut) else { return }
        switch attempt.phase {
        case .finished: return
        case .committing: if reason != .cancelled { return }
        case .waiting, .preparing, .starting, .running: break
        }
        attempt.stop = reason
        attempts[id] = attempt
        switch attempt.phase {
        case .waiting: finish(id, Self.neverStarted, at: now, &commands)
        case .running: if isFirst { terminate(id, at: now, &commands) }
        case .preparing, .starting, .committing, .finished: break
        }
    }

    /// Gives up an attempt that is not, or no longer, this agent's.
    mutating func drop(_ id: LeaseID, at now: Moment, _ commands: inout [RunnerCommand]) {
        guard let attempt = attempts[id], attempt.isOurs else { return }
        attempts[id]?.isOurs = false
        switch attempt.phase {
        case .finished(let report): forget(id, report, &commands)
        case .waiting:
            finish(id, AttemptExit(.notStarted("its lease was taken away")), at: now, &commands)
        case .committing(let exit, _): finish(id, exit, at: now, &commands)
        case .running: terminate(id, at: now, &commands)
        case .preparing, .starting: break
        }
    }

    /// Does what is due for one attempt.
    mutating func advance(_ id: LeaseID, at now: Moment, _ commands: inout [RunnerCommand]) {
        guard let attempt = attempts[id], let due = attempt.due, now.instant >= due else { return }
        switch attempt.phase {
        case .waiting, .preparing, .starting, .finished: return
        case .committing(let exit, let until):
            if now.instant >= until {
                attempts[id]?.say("the last checkpoint could not be committed in time")
                finish(id, exit, at: now, &commands)
            } else {
                commit(id, isLast: true, &commands)
            }
        case .running:
            if let killAt = attempt.killAt, now.instant >= killAt {
                commands.append(.signal(id, .kill))
                attempts[id]?.killAt = now.instant + Self.killAgain
            }
            if let deadline = attempt.deadline, now.instant >= deadline {
                attempts[id]?.deadline = nil
                if attempt.stop == nil { requestStop(id, .timedOut, at: now, &commands) }
            }
            if let commitAt = attempt.commitAt, now.instant >= commitAt {
                commit(id, isLast: false, &commands)
            }
        }
    }

    private mutating func commit(_ id: LeaseID, isLast: Bool, _ commands: inout [RunnerCommand]) {
        guard let attempt = attempts[id] else { return }
        attempts[id]?.commitAt = nil
        guard attempt.isOurs, !attempt.isCommitting else { return }
        attempts[id]?.isCommitting = true
        attempts[id]?.isLastCommit = isLast
        commands.append(.commit(id, sequence: attempt.sequence + 1))
    }

    private mutating func terminate(
        _ id: LeaseID, at now: Moment, _ commands: inout [RunnerCommand]
    ) {
        guard let attempt = attempts[id] else { return }
        let grace =
            attempt.isOurs ? Duration.seconds(attempt.spec.graceSeconds) : Self.dropGrace
        let killAt = now.instant + grace
        attempts[id]?.killAt = min(attempt.killAt ?? killAt, killAt)
        attempts[id]?.deadline = nil
        commands.append(.signal(id, .terminate))
    }

    /// Ends an attempt of which no process is left.
    mutating func finish(
        _ id: LeaseID, _ exit: AttemptExit, at now: Moment, _ commands: inout [RunnerCommand]
    ) {
        guard let attempt = attempts[id] else { return }
        let report = attempt.finishedReport(exit, at: now)
        requestSync(at: now.instant)
        guard attempt.isOurs else { return forget(id, report, &commands) }
        attempts[id]?.phase = .finished(report)
        commands.append(.save(report))
    }

    private mutating func forget(
        _ id: LeaseID, _ report: LeaseReport, _ commands: inout [RunnerCommand]
    ) {
        attempts[id] = nil
        if past.updateValue(report, forKey: id) == nil { pastOrder.append(id) }
        if pastOrder.count > Self.pastMax { past[pastOrder.removeFirst()] = nil }
        commands.append(.clean(id))
    }
}
