import AgentProtocol
import KubernetesCore
import Testing

struct RunnerMachinePropertyTests {
    @Test(arguments: UInt64(1)...200)
    func `whatever the network does, each lease starts once and each end is stored`(
        seed: UInt64
    ) {
        var world = RunnerWorld(seed: seed)
        world.run(until: .seconds(300), faulty: true)
        world.run(until: .seconds(900), faulty: false)
        #expect(world.violations == [], "seed \(seed)")
        #expect(world.machine.reports == [], "seed \(seed)")
        #expect(world.open == [:], "seed \(seed)")
        #expect(world.running == [], "seed \(seed)")
        #expect(!world.started.isEmpty, "seed \(seed)")
    }
}

/// A runner, a gateway and a network that loses, delays, repeats and reorders, in one thread.
private struct RunnerWorld {
    struct Event {
        var at: Instant
        var order: Int
        var kind: Kind
    }

    enum Kind {
        case input(RunnerInput)
        case request(SyncRequest)
        case change
        case exit(LeaseID)
    }

    var machine: RunnerMachine
    var now = Instant(nanoseconds: 0)
    var events: [Event] = []
    var order = 0
    var state: UInt64
    var isFaulty = true
    /// What the gateway's tasks hold, and what is wanted of them.
    var open: [LeaseID: DesiredState] = [:]
    var nextTask = 0
    var started: Set<LeaseID> = []
    var running: Set<LeaseID> = []
    var stored: [LeaseID: LeaseReport] = [:]
    var exits: [LeaseID: AttemptOutcome.End] = [:]
    var requests = 0
    var violations: [String] = []

    init(seed: UInt64) {
        state = seed
        machine = RunnerMachine(
            RunnerMachine.Configuration(
                namespace: "n", pod: "p", instance: "i", slots: 3, seed: seed))
    }

    mutating func random(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }

    mutating func schedule(_ kind: Kind, in milliseconds: Int) {
        order += 1
        events.append(Event(at: now + .milliseconds(milliseconds), order: order, kind: kind))
    }

    mutating func run(until end: Duration, faulty: Bool) {
        isFaulty = faulty
        let last = Instant(nanoseconds: 0) + end
        if faulty { schedule(.change, in: 10) }
        give(.timer)
        for _ in 0..<200_000 {
            let event = events.indices.min {
                (events[$0].at, events[$0].order) < (events[$1].at, events[$1].order)
            }
            let deadline = machine.deadline ?? last
            guard let event, events[event].at <= deadline else {
                guard deadline < last else { break }
                now = max(now, deadline)
                give(.timer)
                continue
            }
            guard events[event].at < last else { break }
            let next = events.remove(at: event)
            now = max(now, next.at)
            handle(next.kind)
        }
        now = max(now, last)
    }

    mutating func handle(_ kind: Kind) {
        switch kind {
        case .input(let input): give(input)
        case .request(let request): answer(request)
        case .change: change()
        case .exit(let id):
            guard running.remove(id) != nil else { return }
            let end: AttemptOutcome.End = .exited(random(3))
            exits[id] = end
            give(.exited(id, AttemptExit(end)))
        }
    }

    /// The gateway's tasks change: new leases, cancellations, leases that are taken away.
    mutating func change() {
        guard isFaulty else { return }
        let held = open.keys.sorted()
        switch random(6) {
        case 0...2 where open.count < 3:
            nextTask += 1
            open[LeaseID(taskUID: UID("t\(nextTask)"), attempt: 1)] = .run
        case 3 where !held.isEmpty: open[held[random(held.count)]] = .cancel
        case 4 where !held.isEmpty: open[held[random(held.count)]] = nil
        default: break
        }
        schedule(.change, in: 1 + random(4_000))
    }

    mutating func answer(_ request: SyncRequest) {
        var news: [LeaseID] = []
        for report in request.reports where report.state == .finished {
            if let end = exits[report.id], open[report.id] != nil, report.outcome?.end != end,
                report.outcome?.startFailure == nil
            {
                if case .lost = report.outcome?.end {
                } else {
                    violations.append("\(report.id) exited with \(end), told \(report)")
                }
            }
            if open.removeValue(forKey: report.id) != nil { stored[report.id] = report }
            if stored[report.id] != nil { news.append(report.id) }
        }
        let reply = SyncReply(
            to: request,
            leases: open.sorted { $0.key < $1.key }.map { id, desired in
                .init(
                    id,
                    spec: LeaseSpec(
                        namespace: "n", name: "x", command: ["x"], timeoutSeconds: 60,
                        graceSeconds: 1),
                    desired: desired)
            }, stored: news)
        let wait = reply.isNews(for: request) ? 0 : random(2_000)
        deliver(.input(.reply(reply.withoutKnownSpecs(for: request))), after: wait)
    }

    mutating func deliver(_ kind: Kind, after wait: Int) {
        guard isFaulty else { return schedule(kind, in: wait + 1) }
        if random(4) == 0 { return }
        schedule(kind, in: wait + random(500))
        if random(4) == 0 { schedule(kind, in: wait + random(20_000)) }
    }

    mutating func give(_ input: RunnerInput) {
        let moment = Moment(instant: now, time: Timestamp(nanoseconds: now.nanoseconds))
        for command in machine.handle(input, at: moment) { perform(command) }
    }

    mutating func perform(_ command: RunnerCommand) {
        switch command {
        case .sync(let request):
            requests += 1
            deliver(.request(request), after: 0)
            if isFaulty && random(6) == 0 {
                schedule(
                    .input(.syncFailed(sequence: request.sequence, retryAfter: nil)),
                    in: random(3_000))
            }
        case .prepare(let id, _, _):
            schedule(.input(.prepared(id, restored: nil, note: nil)), in: random(200))
        case .start(let id, _):
            if !started.insert(id).inserted { violations.append("\(id) started twice") }
            running.insert(id)
            if running.count > 3 { violations.append("more attempts than slots") }
            schedule(.input(.started(id)), in: 1)
            schedule(.exit(id), in: 2 + random(30_000))
        case .signal(let id, .terminate): if random(2) == 0 { schedule(.exit(id), in: 50) }
        case .signal(let id, .kill): schedule(.exit(id), in: 2)
        case .commit(let id, let sequence):
            let ref = CheckpointRef(sequence: sequence, bytes: 1, digest: "d")
            schedule(
                .input(random(2) == 0 ? .committed(id, ref) : .commitUnchanged(id)),
                in: random(300))
        case .clean(let id):
            if running.contains(id) { violations.append("\(id) cleaned while it runs") }
        case .save: break
        case .exit: violations.append("the runner ended")
        }
    }
}
