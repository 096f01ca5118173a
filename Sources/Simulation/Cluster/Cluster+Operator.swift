import AgentProtocol
import ControlLoop
import KubernetesCore

/// The processes of the operator: they are told what happens, and what they want is done.
extension Cluster {
    /// When the process goes on, if it stands still now.
    func pauseEnd(_ id: ProcessID) -> SimulatedTime? {
        let until = replicas[id.replica].pausedUntil
        return replicas[id.replica].runs(id) && until > now ? until : nil
    }

    /// Something happens to a process.
    mutating func operate(_ happening: Happening) {
        let id: ProcessID
        switch happening {
        case .start(let replica): return start(replica)
        case .turn(let process, _), .informerTimer(let process, _), .electorTimer(let process),
            .presence(let process), .pollEnds(let process, _, _):
            id = process
        default: return
        }
        guard replicas[id.replica].runs(id) else { return }
        if let later = pauseEnd(id) {
            // Threads that stood still go on in any order: the election's may be late.
            var wakes = later
            if case .electorTimer = happening { wakes = later + network.milliseconds(0...300) }
            events.add(happening, at: wakes)
            return
        }
        let moment = replicas[id.replica].clock.moment(at: now)
        switch happening {
        case .turn(_, let machine):
            run(processes[id.replica]?.turn(machine: machine, at: moment), of: id)
        case .informerTimer(_, let informer):
            run(processes[id.replica]?.informerTimer(informer, at: moment), of: id)
        case .electorTimer:
            run(processes[id.replica]?.electorTimer(at: moment), of: id)
        case .presence:
            run(processes[id.replica]?.watchPresence(at: moment), of: id)
        case .pollEnds(_, let agent, let sequence):
            let poll = processes[id.replica]?.polls[agent]
            guard poll?.call.request.sequence == sequence else { return }
            run(processes[id.replica]?.lookAgain(agent, at: moment), of: id)
        default: return
        }
    }

    private mutating func start(_ index: Int) {
        guard replicas[index].running == nil, stage != .over else { return }
        replicas[index].starts += 1
        let start = replicas[index].starts
        let id = ProcessID(replica: index, start: start)
        var settings = OperatorProcess.Settings(
            identity: id.identity, seed: world.word(), defects: defects)
        settings.watchLimits.usesWatchList = !faults.usesPages
        if faults.usesPages { settings.watchLimits.pageItems = 3 }
        let moment = replicas[index].clock.moment(at: now)
        checker.operatorStarts(replicas[index].clock)
        trace.note(now, "starts", "r\(index)", "start \(start)")
        replicas[index].streams = [:]
        replicas[index].running = id
        processes[index] = OperatorProcess(id, settings, at: moment)
        run(processes[index]?.begin(at: moment), of: id)
    }

    /// Ends a process at once; what it sent is still on its way.
    mutating func end(_ id: ProcessID, _ why: String, restartsAfter pause: Duration) {
        guard replicas[id.replica].runs(id), let process = processes[id.replica] else {
            return
        }
        trace.note(now, "ends", "r\(id.replica)", why)
        replicas[id.replica].running = nil
        processes[id.replica] = nil
        replicas[id.replica].pausedUntil = .zero
        for stream in streams.keys.sorted() {
            guard case .informer(id, _, _)? = streams[stream]?.reader else { continue }
            hangUp(stream)
        }
        for agent in process.polls.keys.sorted() {
            guard let poll = process.polls[agent] else { continue }
            finish(poll.call, .failed(retryAfter: nil))
        }
        events.add(.start(replica: id.replica), at: now + pause)
    }

    /// After a write, the process may crash before it hears of it.
    mutating func crashPerhaps(_ id: ProcessID) {
        guard stage == .faulty, chance.happens(faults.crashAfterWrite) else { return }
        counts.count("crash after a write")
        end(id, "crashed after a write", restartsAfter: chance.milliseconds(500...4_000))
    }

    /// After a write, the process may reach nobody any more, so that its lease runs out between
    /// two writes of a plan.
    mutating func cutOffPerhaps(_ id: ProcessID) {
        guard stage == .faulty, chance.happens(faults.cutOffAfterWrite) else { return }
        counts.count("cut off after a write")
        replicas[id.replica].cutOff(from: now, for: chance.seconds(10...35))
    }

    /// Does what a process wants.
    mutating func run(_ effects: [OperatorEffect]?, of id: ProcessID) {
        for effect in effects ?? [] {
            guard replicas[id.replica].runs(id) else { return }
            let clock = replicas[id.replica].clock
            switch effect {
            case .send(let request, let limit, let errand):
                send(request, within: limit, errand, from: id)
            case .hangUp(let informer):
                if let stream = replicas[id.replica].streams.removeValue(forKey: informer) {
                    hangUp(stream)
                }
            case .turnSoon(let machine):
                events.add(
                    .turn(id, machine: machine), at: now + network.milliseconds(0...2))
            case .turn(let machine, let at): plan(.turn(id, machine: machine), at, clock)
            case .wakeInformer(let informer, let at):
                plan(.informerTimer(id, informer: informer), at, clock)
            case .wakeElector(let at): plan(.electorTimer(id), at, clock)
            case .answer(let call, let end): finish(call, end)
            case .endPoll(let agent, let sequence, let at):
                plan(.pollEnds(id, agent: agent, sequence: sequence), at, clock)
            case .watchPresence:
                events.add(.presence(id), at: now + network.milliseconds(0...200))
            case .exit(let why):
                end(id, why, restartsAfter: world.milliseconds(1_000...4_000))
            case .heard(let agent): checker.heard(agent, at: now)
            case .planned(let record):
                trace.note(now, "plans", "\(record.machine) \(record.root)", record.text)
                fail(checker.planned(record, replicas[id.replica], history, at: now))
            }
        }
    }

    private mutating func plan(_ happening: Happening, _ at: Instant, _ clock: SimulatedClock) {
        events.add(happening, at: max(now, clock.time(at: at)))
    }
}

extension PlanRecord {
    /// The plan in words, for traces.
    var text: String {
        var words = plan.actions.map { action in
            "\(action.permission.verb.rawValue) \(action.target)"
        }
        if let difference = plan.status?.difference { words.append("status \(difference.text)") }
        return words.joined(separator: "; ")
    }
}
