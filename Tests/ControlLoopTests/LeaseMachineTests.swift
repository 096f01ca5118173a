import ControlLoop
import KubernetesCore
import Testing

@Suite struct LeaseMachineTests {
    private static let lease = ObjectRef(type: .lease, namespace: "ns", name: "swiftlet")

    private static func machine(_ identity: String = "me") -> LeaseMachine {
        LeaseMachine(identity: identity, lease: lease, seed: 1)
    }

    private static func record(
        _ holder: String, version: Int, transitions: Int = 0, renew: String = "r"
    ) -> LeaseRecord {
        LeaseRecord(
            metadata: ObjectMeta(
                name: "swiftlet", namespace: "ns", uid: UID("u"),
                resourceVersion: ResourceVersion(String(version))),
            holder: holder, durationSeconds: 15, renewTime: renew, acquireTime: "",
            transitions: transitions)
    }

    private static func leading() -> LeaseMachine {
        var machine = machine()
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(.read(nil), at: .at(0))
        _ = machine.handle(.written(record("me", version: 1)), at: .at(0.2))
        return machine
    }

    @Test func `a lease that does not exist is created and held`() {
        var machine = Self.machine()
        #expect(machine.handle(.begin, at: .at(0)) == [.read])
        let create = machine.handle(.read(nil), at: .at(0))
        guard case .write(.create(let body, _), _)? = create.first else {
            Issue.record("\(create)")
            return
        }
        #expect(body[path: ["spec", "holderIdentity"]] == "me")
        #expect(body[path: ["spec", "leaseDurationSeconds"]] == 15)
        let commands = machine.handle(.written(Self.record("me", version: 1)), at: .at(0.2))
        // Valid for 15 s from when the request was begun, not from its answer.
        let leadership = Leadership(holder: "me", term: 0, validUntil: .at(15))
        #expect(commands == [.lead(leadership), .wake(at: .at(2.2))])
    }

    @Test func `another's lease is taken 15 s after its record last changed by our clock`() {
        var machine = Self.machine()
        _ = machine.handle(.begin, at: .at(0))
        #expect(machine.handle(.read(Self.record("you", version: 1)), at: .at(0)).isWaiting)
        _ = machine.handle(.timer, at: .at(10))
        #expect(machine.handle(.read(Self.record("you", version: 2)), at: .at(10)).isWaiting)
        _ = machine.handle(.timer, at: .at(24))
        #expect(machine.handle(.read(Self.record("you", version: 2)), at: .at(24)).isWaiting)
        _ = machine.handle(.timer, at: .at(25))
        let commands = machine.handle(
            .read(Self.record("you", version: 2, transitions: 0)), at: .at(25))
        guard case .write(.patch(let target, let body, nil, let version), _)? = commands.first
        else {
            Issue.record("\(commands)")
            return
        }
        #expect(target.uid == UID("u"))
        #expect(version == ResourceVersion("2"))
        #expect(body[path: ["spec", "leaseTransitions"]] == 1)
    }

    @Test func `a lease that was given back is taken at once`() {
        var machine = Self.machine()
        _ = machine.handle(.begin, at: .at(0))
        #expect(!machine.handle(.read(Self.record("", version: 4)), at: .at(0)).isWaiting)
    }

    @Test func `a renewal that fails is tried until the deadline, then the process ends`() {
        var machine = Self.leading()
        for second in stride(from: 2.2, to: 9.9, by: 2) {
            let commands = machine.handle(.timer, at: .at(second))
            #expect(commands.contains { if case .write = $0 { true } else { false } })
            #expect(
                machine.handle(.failed, at: .at(second + 0.1)) == [.wake(at: .at(second + 2.1))])
        }
        let commands = machine.handle(.timer, at: .at(10.2))
        #expect(commands.first == .lead(nil))
        #expect(commands.last?.isLost == true)
        #expect(machine.leadership == nil)
        #expect(machine.handle(.timer, at: .at(11)).isEmpty)
    }

    @Test func `a renewal that hangs does not keep the leadership`() {
        var machine = Self.leading()
        _ = machine.handle(.timer, at: .at(2.2))
        #expect(machine.handle(.timer, at: .at(4.2)).first == .wake(at: .at(6.2)))
        #expect(machine.handle(.timer, at: .at(10)).first == .lead(nil))
    }

    @Test func `a process that slept finds its leadership gone, even if the write then succeeds`() {
        var machine = Self.leading()
        _ = machine.handle(.timer, at: .at(2.2))
        let commands = machine.handle(.written(Self.record("me", version: 2)), at: .at(40))
        #expect(commands.first == .lead(nil))
        #expect(machine.leadership == nil)
    }

    @Test func `a refused renewal is looked into: still ours goes on, another's ends it`() {
        var machine = Self.leading()
        _ = machine.handle(.timer, at: .at(2.2))
        #expect(machine.handle(.refused, at: .at(2.3)) == [.read])
        var other = machine
        let renewed = machine.handle(.read(Self.record("me", version: 5)), at: .at(2.4))
        #expect(!renewed.isWaiting)
        let lost = other.handle(.read(Self.record("you", version: 5)), at: .at(2.4))
        #expect(lost.last?.isLost == true)
    }

    @Test func `a deleted lease is created again by its holder`() {
        var machine = Self.leading()
        _ = machine.handle(.timer, at: .at(2.2))
        _ = machine.handle(.refused, at: .at(2.3))
        let commands = machine.handle(.read(nil), at: .at(2.4))
        guard case .write(.create, _)? = commands.first else {
            Issue.record("\(commands)")
            return
        }
        #expect(
            machine.handle(.written(Self.record("me", version: 9)), at: .at(2.5)).first
                == .lead(Leadership(holder: "me", term: 0, validUntil: .at(17.4))))
    }

    @Test
    func `a lease that is deleted under its holder is not taken before it would have run out`() {
        var machine = Self.machine()
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(.read(Self.record("you", version: 1)), at: .at(0))
        _ = machine.handle(.timer, at: .at(3))
        #expect(machine.handle(.read(nil), at: .at(3)).isWaiting)
        _ = machine.handle(.timer, at: .at(15))
        #expect(!machine.handle(.read(nil), at: .at(15)).isWaiting)
    }

    @Test func `a stop gives the lease back`() {
        var machine = Self.leading()
        let commands = machine.handle(.stop, at: .at(3))
        #expect(commands.first == .lead(nil))
        guard case .write(.patch(_, let body, _, _), _)? = commands.last else {
            Issue.record("\(commands)")
            return
        }
        #expect(body[path: ["spec", "holderIdentity"]] == "")
        #expect(machine.handle(.written(Self.record("", version: 2)), at: .at(3.1)) == [.stopped])
    }

    @Test func `a stop in the middle of a request waits for its end`() {
        var machine = Self.leading()
        _ = machine.handle(.timer, at: .at(2.2))
        #expect(machine.handle(.stop, at: .at(2.3)).isEmpty)
        let commands = machine.handle(.written(Self.record("me", version: 2)), at: .at(2.4))
        #expect(commands.last.map { if case .write = $0 { true } else { false } } == true)
        #expect(machine.handle(.failed, at: .at(5)) == [.stopped])
    }

    @Test func `a stop without the lease ends at once`() {
        var machine = Self.machine()
        _ = machine.handle(.begin, at: .at(0))
        _ = machine.handle(.read(Self.record("you", version: 1)), at: .at(0))
        #expect(machine.handle(.stop, at: .at(1)) == [.stopped])
    }

    /// Two replicas, one lease, clocks that started at different times, requests that are slow,
    /// lost or carried out with a lost answer.
    @Test(arguments: UInt64(1)...150)
    func `two replicas never lead at the same time`(seed: UInt64) {
        var world = Election(seed: seed)
        for _ in 0..<2_500 { world.step() }
        #expect(world.overlaps == 0, "seed \(seed)")
        #expect(world.terms > 0, "seed \(seed)")
    }
}

extension [LeaseMachine.Command] {
    var isWaiting: Bool {
        count == 1 && { if case .wake = self[0] { true } else { false } }()
    }
}

extension LeaseMachine.Command {
    var isLost: Bool { if case .lost = self { true } else { false } }
}
