import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers

/// Agents: runners, their attempts, and their way to the gateway.
extension Cluster {
    /// Starts a runner in a pod.
    mutating func startRunner(in pod: Key<PodView>, _ uid: UID, start: Int, slots: Int) {
        let id = RunnerID(pod: uid, start: start)
        var configuration = RunnerMachine.Configuration(
            namespace: pod.namespace, pod: pod.name, instance: "\(uid.text)-\(start)",
            slots: slots, seed: world.word())
        configuration.checkpointInterval = .seconds(4)
        let clock = self.clock(&world)
        agents[uid] = ModelAgent(
            id: id, pod: pod, machine: RunnerMachine(configuration), clock: clock,
            replica: world.below(2))
        let left = disks[uid]?.leftBehind(at: clock.moment(at: now).time) ?? []
        if defects.contains(.runnerForgets) {
            disks[uid] = ModelDisk()
            events.add(.runner(id, .recovered([])), at: now)
        } else {
            events.add(.runner(id, .recovered(left)), at: now)
        }
    }

    /// Something happens to an agent.
    mutating func work(_ happening: Happening) {
        switch happening {
        case .call(let call, let replica): arrive(call, at: replica)
        case .callEnds(let call, let end):
            let sequence = call.request.sequence
            switch end {
            case .reply(let reply): tell(call.runner, .reply(reply))
            case .failed(let after):
                if agents[call.runner.pod]?.id == call.runner {
                    agents[call.runner.pod]?.replica = world.below(2)
                }
                tell(call.runner, .syncFailed(sequence: sequence, retryAfter: after))
            }
        case .checkpoint(let runner, let lease, let ref, let replica):
            keep(ref, of: lease, runner, at: replica)
        case .runner(let id, let input): tell(id, input)
        case .runnerTimer(let id):
            guard agents[id.pod]?.id == id, let due = agents[id.pod]?.timerAt, due <= now else {
                return
            }
            agents[id.pod]?.timerAt = nil
            tell(id, .timer)
        case .work(let id, let lease, let run): workEnds(id, lease, run)
        default: return
        }
    }

    /// Tells a runner something and does what it says.
    mutating func tell(_ id: RunnerID, _ input: RunnerInput) {
        guard let agent = agents[id.pod], agent.id == id else { return }
        if agent.frozenUntil > now {
            events.add(.runner(id, input), at: agent.frozenUntil)
            return
        }
        let moment = agent.clock.moment(at: now)
        let commands = agents[id.pod]?.machine.handle(input, at: moment) ?? []
        if case .reply = input { checkDropped(id, agent.machine.reports) }
        for command in commands { perform(command, by: id) }
        guard let deadline = agents[id.pod]?.machine.deadline else { return }
        let at = max(now, agent.clock.time(at: deadline))
        if let planned = agents[id.pod]?.timerAt, planned <= at { return }
        agents[id.pod]?.timerAt = at
        events.add(.runnerTimer(id), at: at)
    }

    private mutating func perform(_ command: RunnerCommand, by id: RunnerID) {
        switch command {
        case .sync(let request): call(AgentCall(runner: id, request: request))
        case .prepare(let lease, let spec, let restores):
            disks[id.pod, default: ModelDisk()].folders[lease] = .some(nil)
            let found = restores ? checkpoints[lease.taskUID] : nil
            let isGood = found.map { $0.ref.sequence >= spec.restore?.sequence ?? 0 } ?? false
            events.add(
                .runner(
                    id, .prepared(lease, restored: isGood ? found?.ref : nil, note: nil)),
                at: now + world.milliseconds(2...40))
        case .start(let lease, let spec): start(lease, spec, by: id)
        case .signal(let lease, let signal): self.signal(lease, signal, by: id)
        case .commit(let lease, let sequence): commit(lease, sequence, by: id)
        case .save(let report): disks[id.pod, default: ModelDisk()].folders[report.id] = report
        case .clean(let lease):
            disks[id.pod]?.folders[lease] = nil
            agents[id.pod]?.works[lease] = nil
        case .exit: runnerExits(id)
        }
    }

    // MARK: - Calls

    private mutating func call(_ call: AgentCall) {
        let replica = agents[call.runner.pod]?.replica ?? 0
        let there = network.milliseconds(1...8)
        let dice = (network.below(1_000), network.below(1_000), network.milliseconds(10...3_000))
        let isFaulty = stage == .faulty
        if isGatewayDown || (isFaulty && dice.0 < faults.callLost) {
            if !isGatewayDown { counts.count("call lost") }
            events.add(.callEnds(call, .failed(retryAfter: nil)), at: now + there)
            return
        }
        events.add(.call(call, replica: replica), at: now + there)
        if isFaulty, dice.1 < faults.callRepeated {
            counts.count("call repeated")
            events.add(.call(call, replica: replica), at: now + there + dice.2)
        }
    }

    private mutating func arrive(_ call: AgentCall, at replica: Int) {
        guard let id = replicas[replica].running else {
            return finish(call, .failed(retryAfter: nil))
        }
        if let later = pauseEnd(id) {
            events.add(.call(call, replica: replica), at: later)
            return
        }
        let moment = replicas[replica].clock.moment(at: now)
        run(processes[replica]?.take(call, at: moment), of: id)
    }

    /// An answer of a gateway, or the news that there is none, goes back to its agent.
    mutating func finish(_ call: AgentCall, _ end: CallEnd) {
        let isLost = stage == .faulty && network.happens(faults.replyLost)
        if case .reply = end, isLost {
            counts.count("reply lost")
            events.add(.callEnds(call, .failed(retryAfter: nil)), at: now + .seconds(1))
            return
        }
        events.add(.callEnds(call, end), at: now + network.milliseconds(1...8))
    }

    /// An agent that gives up an attempt on the word of a reply must not be the one that has it.
    private mutating func checkDropped(_ id: RunnerID, _ before: [LeaseReport]) {
        let held = Set((agents[id.pod]?.machine.reports ?? []).map(\.id))
        for report in before where report.state == .running && !held.contains(report.id) {
            trace.note(now, "gives up", report.id.description, "\(id.pod)")
            fail(checker.dropped(report.id, by: id.pod, history, at: now))
        }
    }

    // MARK: - Attempts

    private mutating func start(_ lease: LeaseID, _ spec: LeaseSpec, by id: RunnerID) {
        let order = WorkOrder(spec.args)
        let fails = lease.attempt <= order.failures
        let saved = checkpoints[lease.taskUID]?.seconds ?? 0
        let rest = max(1, order.seconds - (order.saves ? saved : 0))
        let dice = (chance.below(1_000), chance.below(1_000), world.milliseconds(5...60))
        var end = ModelWork.End.exit(fails ? order.code : 0)
        if fails, order.takesAgentDown { end = .outOfMemory }
        if fails, order.hangs { end = .never }
        if stage == .faulty, dice.0 < faults.agentCrash {
            end = .outOfMemory
            counts.count("agent crash")
        }
        let isHanging = stage == .faulty && dice.1 < faults.hang
        if isHanging {
            end = .never
            counts.count("attempt hangs")
        }
        let run = Int(trace.steps)
        let endsAt = now + dice.2 + .seconds(rest)
        agents[id.pod]?.works[lease] = ModelWork(
            spec: spec, run: run, endsAt: endsAt, end: end,
            isStubborn: order.isStubborn || isHanging, saved: saved, committed: saved)
        trace.note(now, "attempt starts", lease.description, "\(id.pod) \(end)")
        fail(checker.started(lease, by: id, history, at: now))
        events.add(.runner(id, .started(lease)), at: now + dice.2)
        if end != .never { events.add(.work(id, lease, run: run), at: endsAt) }
    }

    private mutating func workEnds(_ id: RunnerID, _ lease: LeaseID, _ run: Int) {
        guard let agent = agents[id.pod], agent.id == id, let work = agent.works[lease],
            work.run == run, work.isRunning
        else { return }
        if agent.frozenUntil > now {
            events.add(.work(id, lease, run: run), at: agent.frozenUntil)
            return
        }
        switch work.end {
        case .never: return
        case .outOfMemory: containerEnds(id, reason: "OOMKilled", code: 137)
        case .exit(let code): exit(lease, AttemptOutcome.End.exited(code), by: id)
        }
    }

    private mutating func exit(
        _ lease: LeaseID, _ end: AttemptOutcome.End, by id: RunnerID
    ) {
        guard agents[id.pod]?.works[lease]?.isRunning == true else { return }
        agents[id.pod]?.works[lease]?.isRunning = false
        let result: JSONValue = [
            "task": .string(lease.taskUID.text), "attempt": .int(lease.attempt),
            "agent": .string(id.pod.text),
        ]
        trace.note(now, "attempt ends", lease.description, "\(end)")
        checker.ended(lease, end, by: id.pod)
        tell(
            id, .exited(lease, AttemptExit(end, result: end == .exited(0) ? result : nil)))
    }

    private mutating func signal(
        _ lease: LeaseID, _ signal: RunnerCommand.Signal, by id: RunnerID
    ) {
        guard let work = agents[id.pod]?.works[lease], work.isRunning else { return }
        switch signal {
        case .terminate:
            guard !work.isStubborn else { return }
            agents[id.pod]?.works[lease]?.saved += 1
            endLater(lease, .exited(143), by: id, after: world.milliseconds(20...2_000))
        case .kill: endLater(lease, .signalled(9), by: id, after: .milliseconds(5))
        }
    }

    private mutating func endLater(
        _ lease: LeaseID, _ end: AttemptOutcome.End, by id: RunnerID, after pause: Duration
    ) {
        agents[id.pod]?.works[lease]?.isRunning = false
        checker.ended(lease, end, by: id.pod)
        events.add(.runner(id, .exited(lease, AttemptExit(end))), at: now + pause)
    }

    // MARK: - Checkpoints

    private mutating func commit(_ lease: LeaseID, _ sequence: Int, by id: RunnerID) {
        guard let work = agents[id.pod]?.works[lease], WorkOrder(work.spec.args).saves else {
            events.add(.runner(id, .commitUnchanged(lease)), at: now + .milliseconds(1))
            return
        }
        agents[id.pod]?.works[lease]?.saved += 1
        let ref = CheckpointRef(
            sequence: sequence, bytes: 100 + sequence,
            digest: "sha256:\(lease.taskUID.text)-\(lease.attempt)-\(sequence)")
        let replica = agents[id.pod]?.replica ?? 0
        events.add(
            .checkpoint(id, lease, ref, replica: replica), at: now + network.milliseconds(1...20))
    }

    /// What the gateway's endpoint and store decide about a checkpoint.
    private mutating func keep(
        _ ref: CheckpointRef, of lease: LeaseID, _ id: RunnerID, at replica: Int
    ) {
        guard let agent = agents[id.pod], agent.id == id, let work = agent.works[lease] else {
            return
        }
        let moment = replicas[replica].clock.moment(at: now)
        let isReached = !isGatewayDown && replicas[replica].pausedUntil <= now
        let holds = isReached ? processes[replica]?.holds(lease, id.pod, at: moment) : nil
        let known = checkpoints[lease.taskUID]
        let input: RunnerInput
        if let holds {
            if !holds || known.map({ $0.attempt > lease.attempt }) ?? false {
                input = .commitFailed(lease, .refused("the lease is lost"))
            } else if let known, known.ref.sequence >= ref.sequence {
                input = .commitFailed(lease, .overtaken(by: known.ref.sequence))
            } else {
                checkpoints[lease.taskUID] = ModelCheckpoint(
                    attempt: lease.attempt, ref: ref, seconds: work.saved)
                agents[id.pod]?.works[lease]?.committed = work.saved
                input = .committed(lease, ref)
            }
        } else {
            input = .commitFailed(lease, .unavailable("nobody answers"))
        }
        events.add(.runner(id, input), at: now + network.milliseconds(1...10))
    }
}
