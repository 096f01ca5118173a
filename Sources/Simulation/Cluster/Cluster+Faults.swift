import APIServerModel
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// Faults that last.
extension Cluster {
    /// Draws when the faults that last happen.
    mutating func planLastingFaults() {
        let length = Int(scenario.length.components.seconds)
        func at() -> SimulatedTime { SimulatedTime.zero + chance.seconds(2...max(3, length - 5)) }
        for _ in 0..<faults.crashes {
            let replica = chance.below(2)
            events.add(.fault(.crash(replica: replica)), at: at())
        }
        for _ in 0..<faults.shutdowns {
            let replica = chance.below(2)
            events.add(.fault(.shutdown(replica: replica)), at: at())
        }
        for _ in 0..<faults.pauses {
            let (replica, pause) = (chance.below(2), chance.seconds(1...40))
            events.add(.fault(.pause(replica: replica, pause)), at: at())
        }
        let kinds: [ResourceType] = [
            .pod, .backgroundTask, .backgroundTask, .pod, .backgroundAgentPool,
        ]
        for _ in 0..<faults.lags {
            let kind = chance.pick(kinds) ?? .pod
            let (replica, delay) = (chance.below(2), chance.milliseconds(500...20_000))
            events.add(.fault(.lag(replica: replica, kind, delay)), at: at())
        }
        for _ in 0..<faults.partitions {
            let (replica, length) = (chance.below(2), chance.seconds(2...40))
            events.add(.fault(.partition(replica: replica, length)), at: at())
        }
        for _ in 0..<faults.failovers {
            let kind = chance.pick(kinds) ?? .pod
            let (crashes, delay) = (chance.happens(400), chance.seconds(3...25))
            events.add(.fault(.failover(kind, delay, crashes: crashes)), at: at())
        }
        for _ in 0..<faults.gatewayOutages {
            let length = chance.seconds(2...50)
            events.add(.fault(.gatewayOutage(length)), at: at())
        }
        for _ in 0..<faults.serverOutages {
            let length = chance.seconds(1...25)
            events.add(.fault(.serverOutage(length)), at: at())
        }
        for _ in 0..<faults.clockSteps {
            let size = chance.happens(500) ? 25 : 600
            let (replica, step) = (chance.below(2), chance.number(-size...size))
            events.add(.fault(.clockStep(replica: replica, .seconds(step))), at: at())
        }
        for _ in 0..<faults.nodeLosses {
            let node = chance.below(scenario.nodes)
            events.add(.node(node, .goes), at: at())
        }
    }

    /// A fault that lasts begins, or all end.
    mutating func happen(_ fault: LastingFault) {
        if case .heal = fault { return heal() }
        guard stage == .faulty else { return }
        trace.note(now, "fault", "\(fault)")
        switch fault {
        case .crash(let index):
            counts.count("crash")
            guard let id = replicas[index].running else { return }
            end(id, "crashed", restartsAfter: chance.milliseconds(500...10_000))
        case .shutdown(let index):
            counts.count("shutdown")
            shutDown(index)
        case .pause(let index, let length):
            // What waits for the end of a pause waits in its order, so that no other begins in it.
            guard replicas[index].pausedUntil <= now else { return }
            counts.count("pause")
            replicas[index].pausedUntil = now + length
        case .lag(let index, let kind, let delay):
            counts.count("lag of one kind")
            replicas[index].lags[kind] = (delay, now + .seconds(30))
        case .cut(let index): hangUpAll(index)
        case .partition(let index, let length):
            counts.count("partition")
            replicas[index].cutOff(from: now, for: length)
        case .failover(let kind, let delay, let crashes):
            beginFailover(kind, delay, crashes: crashes)
        case .leaderGoes(let index, let crashes):
            guard crashes else { return shutDown(index) }
            guard let id = replicas[index].running else { return }
            end(id, "crashed", restartsAfter: chance.milliseconds(500...10_000))
        case .gatewayOutage(let length):
            counts.count("gateway unavailable")
            gatewayDownUntil = now + length
        case .serverOutage(let length):
            counts.count("server unavailable")
            serverDownUntil = now + length
        case .clockStep(let index, let step):
            counts.count("clock set")
            replicas[index].clock.wallOffset += step
            setClock(of: index)
        case .heal: return
        }
    }

    /// The replica that does not lead falls behind; then the other one goes, so that decisions are
    /// made from a picture that is older than the last ones.
    private mutating func beginFailover(
        _ kind: ResourceType, _ delay: Duration, crashes: Bool
    ) {
        guard let leader = replicas.firstIndex(where: { $0.running?.identity == history.leader })
        else {
            return
        }
        counts.count("change to a leader that is behind")
        replicas[1 - leader].lags[kind] = (delay, now + delay)
        let lead = crashes ? Duration.zero : chance.milliseconds(100...5_000)
        events.add(
            .fault(.leaderGoes(replica: leader, crashes: crashes)), at: now + lead)
    }

    /// An agent ends. The leader may go once it has made another of its name, while the other
    /// replica knows only the first.
    mutating func failOverPerhaps() {
        guard stage == .faulty, chance.happens(faults.failoverOnLoss) else { return }
        beginFailover(.pod, chance.seconds(8...25), crashes: false)
    }

    private mutating func setClock(of index: Int) {
        checker.clockWasSet(
            replicas[index].clock, isKnown: replicas[index].running != nil)
    }

    private mutating func shutDown(_ index: Int) {
        guard let id = replicas[index].running else { return }
        processes[index]?.isStopping = true
        let moment = replicas[index].clock.moment(at: now)
        run(processes[index]?.watchPresence(at: moment), of: id)
        if processes[index]?.flights.isEmpty == true {
            run(processes[index]?.elect(.stop, at: moment), of: id)
        }
    }

    private mutating func hangUpAll(_ index: Int) {
        for stream in streams.keys.sorted() {
            guard case .informer(let id, _, _)? = streams[stream]?.reader, id.replica == index
            else { continue }
            events.add(.frames(stream: stream, [], ends: true), at: now)
        }
    }

    /// Everything that goes wrong ends; what users have stopped goes on.
    private mutating func heal() {
        trace.note(now, "heal", "")
        stage = .healing
        checker.healed(at: now)
        faults = .none
        serverDownUntil = .zero
        gatewayDownUntil = .zero
        for index in replicas.indices {
            replicas[index].cutOffUntil = min(replicas[index].cutOffUntil, now)
            replicas[index].lags = [:]
            replicas[index].clock.wallOffset = min(
                max(replicas[index].clock.wallOffset, .seconds(-5)), .seconds(5))
            setClock(of: index)
        }
        for index in nodes.indices where !nodes[index].isUp { happen(.comesBack, to: index) }
        for request in scenario.amends(history) { serve(request, as: .administrator) }
    }
}
