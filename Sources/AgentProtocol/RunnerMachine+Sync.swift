import KubernetesCore

/// The conversation with the gateway.
extension RunnerMachine {
    /// The shortest time between two requests.
    private static var spacing: Duration { .milliseconds(10) }

    /// How long a request may stay without an answer before another is sent.
    var patience: Duration { .seconds(configuration.pollSeconds + 25) }

    /// Makes a request due at `instant` at the latest.
    mutating func requestSync(at instant: Instant) {
        syncAt = min(syncAt ?? instant, instant)
    }

    mutating func syncIfDue(at now: Moment, _ commands: inout [RunnerCommand]) {
        if let waitingSince, now.instant >= waitingSince + patience { requestSync(at: now.instant) }
        guard let due = syncAt, now.instant >= max(due, notBefore ?? due) else { return }
        sequence += 1
        syncAt = nil
        waitingSince = now.instant
        notBefore = now.instant + Self.spacing
        commands.append(
            .sync(
                SyncRequest(
                    namespace: configuration.namespace, pod: configuration.pod,
                    instance: configuration.instance, sequence: sequence,
                    slots: configuration.slots, draining: isDraining,
                    waitSeconds: isDraining && attempts.isEmpty ? 0 : configuration.pollSeconds,
                    usage: usage, reports: reports)))
    }

    mutating func fail(_ failed: Int, retryAfter: Duration?, at now: Moment) {
        guard failed == sequence, waitingSince != nil else { return }
        waitingSince = nil
        failures = min(failures + 1, 30)
        let ceiling = min(Duration.milliseconds(200 << Int64(min(failures - 1, 6))), .seconds(10))
        let half = ceiling.nanoseconds / 2
        let jitter = Int64(next() % UInt64(max(half, 1)))
        var delay = Duration.nanoseconds(half + jitter)
        if let retryAfter { delay += min(max(retryAfter, .zero), .seconds(30)) }
        notBefore = now.instant + delay
        requestSync(at: now.instant + delay)
        if isDraining && attempts.isEmpty { toldDraining = true }
    }

    mutating func accept(_ reply: SyncReply, at now: Moment, _ commands: inout [RunnerCommand]) {
        guard reply.instance == configuration.instance, reply.sequence == sequence,
            let asked = waitingSince
        else { return }
        waitingSince = nil
        failures = 0
        let before = attempts
        settle(reply, at: now, &commands)
        // A gateway that keeps answering at once without anything to say is asked more slowly.
        let isIdle = before == attempts && now.instant - asked < .seconds(1)
        idleReplies = isIdle && reply.nextSyncSeconds == 0 ? min(idleReplies + 1, 8) : 0
        let pause = max(
            Duration.seconds(min(reply.nextSyncSeconds, 60)),
            idleReplies > 1 ? .milliseconds(10 << Int64(idleReplies)) : .zero)
        requestSync(at: now.instant + max(pause, Self.spacing))
        if isDraining && attempts.isEmpty { toldDraining = true }
    }

    private mutating func settle(
        _ reply: SyncReply, at now: Moment, _ commands: inout [RunnerCommand]
    ) {
        var wanted: Set<LeaseID> = []
        for order in reply.leases where wanted.insert(order.id).inserted {
            hold(order, at: now, &commands)
        }
        for id in attempts.keys.sorted() where !wanted.contains(id) {
            drop(id, at: now, &commands)
        }
        for refusal in reply.refused where wanted.contains(refusal.id) {
            drop(refusal.id, at: now, &commands)
        }
    }

    private mutating func hold(
        _ order: SyncReply.Order, at now: Moment, _ commands: inout [RunnerCommand]
    ) {
        if attempts[order.id] == nil {
            if let report = past[order.id] {
                attempts[order.id] = RunnerAttempt(finished: report)
            } else if let spec = order.spec, attempts.count < ProtocolLimits.leasesMax {
                attempts[order.id] = RunnerAttempt(order, spec: spec)
                if isDraining { requestStop(order.id, .drained, at: now, &commands) }
            } else {
                return
            }
        }
        guard attempts[order.id]?.isOurs == true else { return }
        attempts[order.id]?.desired = order.desired
        switch order.desired {
        case .run: break
        case .cancel: requestStop(order.id, .cancelled, at: now, &commands)
        case .checkpointAndStop: requestStop(order.id, .checkpointed, at: now, &commands)
        }
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
