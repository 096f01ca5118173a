import ControlLoop
import KubernetesCore

/// A model of two replicas and a server that holds one Lease; time passes in tenths of a second.
struct Election {
    private struct Replica {
        var machine: LeaseMachine
        let clock: Double
        var pausedUntil = 0.0
        var wakeAt: Double?
        var pending: (command: LeaseMachine.Command, at: Double)?
        var answer: (input: LeaseMachine.Input, at: Double)?
        var isLeading: Leadership?
    }

    private var random: SeededGenerator
    private var replicas: [Replica] = []
    private var stored: LeaseRecord?
    private var version = 0
    private var births = 0
    private var now = 0.0
    var overlaps = 0
    var terms = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        replicas = [birth(), birth()]
        for index in replicas.indices { tell(index, .begin) }
    }

    mutating func step() {
        now += 0.1
        for index in replicas.indices where replicas[index].pausedUntil <= now {
            if random.chance(0.002) {
                replicas[index].pausedUntil = now + Double(random.below(40))
                continue
            }
            if let pending = replicas[index].pending, pending.at <= now { serve(index) }
            if let answer = replicas[index].answer, answer.at <= now {
                replicas[index].answer = nil
                tell(index, answer.input)
            }
            if let wake = replicas[index].wakeAt, wake <= now {
                replicas[index].wakeAt = nil
                tell(index, .timer)
            }
        }
        let acting = replicas.filter {
            guard let leadership = $0.isLeading else { return false }
            return leadership.covers(.milliseconds(500), after: .at(now + $0.clock))
        }
        if acting.count > 1 { overlaps += 1 }
    }

    private mutating func birth() -> Replica {
        births += 1
        return Replica(
            machine: LeaseMachine(
                identity: "r\(births)",
                lease: ObjectRef(type: .lease, namespace: "ns", name: "l"), seed: random.next()),
            clock: Double(random.below(1_000)))
    }

    private mutating func tell(_ index: Int, _ input: LeaseMachine.Input) {
        let clock = replicas[index].clock
        for command in replicas[index].machine.handle(input, at: .at(now + clock)) {
            switch command {
            case .read, .write:
                let delay = random.chance(0.05) ? 12 : Double(random.below(8)) / 10
                replicas[index].pending = (command, now + delay)
            case .wake(let at): replicas[index].wakeAt = Double(at.nanoseconds) / 1e9 - clock
            case .lead(let leadership):
                if leadership != nil && replicas[index].isLeading == nil { terms += 1 }
                replicas[index].isLeading = leadership
            case .lost, .stopped:
                replicas[index] = birth()
                tell(index, .begin)
                return
            }
        }
    }

    /// The server carries a request out; the answer may be lost.
    private mutating func serve(_ index: Int) {
        guard let pending = replicas[index].pending else { return }
        replicas[index].pending = nil
        let isRefused = random.chance(0.05)
        let input = isRefused ? .failed : carryOut(pending.command)
        replicas[index].answer = (
            random.chance(0.05) ? .failed : input, now + Double(random.below(5)) / 10
        )
    }

    private mutating func carryOut(_ command: LeaseMachine.Command) -> LeaseMachine.Input {
        switch command {
        case .read: return .read(stored)
        case .write(.create(let body, _), _):
            guard stored == nil else { return .refused }
            return store(body, uid: "u\(version)")
        case .write(.patch(let target, let body, _, let expected), _):
            guard let stored, stored.metadata.uid == target.uid,
                stored.metadata.resourceVersion == expected
            else { return .refused }
            return store(body, uid: stored.metadata.uid.text)
        default: return .failed
        }
    }

    private mutating func store(_ body: JSONValue, uid: String) -> LeaseMachine.Input {
        version += 1
        let spec = body["spec"]
        let record = LeaseRecord(
            metadata: ObjectMeta(
                name: "l", namespace: "ns", uid: UID(uid),
                resourceVersion: ResourceVersion(String(version))),
            holder: spec?["holderIdentity"]?.string ?? stored?.holder ?? "",
            durationSeconds: Int(spec?["leaseDurationSeconds"]?.integer ?? 15),
            renewTime: spec?["renewTime"]?.string ?? "", acquireTime: "",
            transitions: Int(spec?["leaseTransitions"]?.integer ?? Int64(stored?.transitions ?? 0)))
        stored = record
        return .written(record)
    }
}
