import KubernetesCore

/// What happens when a plan has ended.
extension ControllerMachine {
    mutating func finish(
        _ token: PlanToken, _ outcome: Outcome, _ now: Moment
    ) -> [MachineCommand] {
        guard let flight = flights.removeValue(forKey: token) else { return [] }
        let key = flight.key
        barrier.hold(key, for: outcome.done, in: view, at: now.instant)
        switch outcome {
        case .applied(let done): applied(flight, done, now)
        case .stale where flight.isReport: pauseEnds(key, flight.wake, now)
        case .stale: conflicted(key, now)
        case .failed(let failure, _): return failed(flight, failure, now)
        // Until the leadership is renewed, or lost for good, every plan would end like this one.
        case .deposed: queue.finish(key, again: now.instant + limits.deposedPause)
        }
        return []
    }

    private mutating func applied(_ flight: Flight, _ done: [Write], _ now: Moment) {
        let key = flight.key
        if flight.isReport {
            pauseEnds(key, flight.wake, now)
            return
        }
        ledgers[key]?.failures = 0
        ledgers[key]?.conflicts = 0
        let hadFailed = ledgers[key]?.lastFailure != nil
        ledgers[key] = nil
        // After a write the key is looked at once more when the cache shows it; only an applier
        // that writes nothing (a dry run) leaves it at that.
        if done.isEmpty && !hadFailed {
            queue.finish(key)
            setWake(key, flight.wake, now, isLate: true)
        } else if let held = barrier.deadline(of: key) {
            queue.finish(key, again: held)
        } else {
            queue.finish(key, again: now.instant)
        }
    }

    private mutating func conflicted(_ key: RootKey, _ now: Moment) {
        var ledger = ledgers[key] ?? RetryLedger()
        ledger.conflicts += 1
        counts.retries += 1
        let until =
            now.instant
            + limits.conflictBackoff.delay(after: ledger.conflicts, using: &generator)
        ledger.pause = .conflict(until: until)
        ledgers[key] = ledger
        // A change that came while the plan was out is newer than what the plan was made for.
        if queue.contains(key) { ledgers[key]?.pause = .none }
        queue.finish(key, again: until)
    }

    private mutating func failed(
        _ flight: Flight, _ failure: WriteFailure, _ now: Moment
    ) -> [MachineCommand] {
        let key = flight.key
        var ledger = ledgers[key] ?? RetryLedger()
        if !flight.isReport { ledger.lastFailure = failure }
        ledger.failures += 1
        counts.retries += 1
        var wait = limits.failureBackoff.delay(after: ledger.failures, using: &generator)
        switch failure.disposition {
        case .retry(let after):
            wait = max(wait, after ?? .zero)
            ledger.pause = .failure(until: now.instant + wait)
        case .terminal: ledger.pause = .parked(until: now.instant + wait)
        }
        ledgers[key] = ledger
        if !flight.isReport, failure.isAnswer, let report = report(key, now) {
            return [launch(report, key, isReport: true)]
        }
        pauseEnds(key, flight.wake, now)
        return []
    }

    /// The status that tells of the last failure, without any other write; nil where it says so
    /// already.
    private func report(_ key: RootKey, _ now: Moment) -> Plan? {
        guard isLeading, barrier.deadline(of: key) == nil,
            let world = reconciler.observe(key, in: view)
        else { return nil }
        let plan = reconciler.plan(world, context(key, now))
        let report = Plan(status: plan.status, wake: plan.wake)
        return report.isIdle ? nil : report
    }

    /// Queues a key for the end of its pause; a parked one only for its wake.
    private mutating func pauseEnds(_ key: RootKey, _ wake: Timestamp?, _ now: Moment) {
        switch ledgers[key]?.pause {
        case .failure(let until): queue.finish(key, again: until)
        case .parked, .conflict, nil: queue.finish(key)
        case .some(.none): queue.finish(key, again: now.instant)
        }
        setWake(key, wake, now, isLate: true)
    }
}
