import AgentProtocol
import KubernetesCore
import Testing

struct RunnerMachineTests {
    private let id = LeaseID(taskUID: UID("t1"), attempt: 1)
    private let spec = LeaseSpec(
        namespace: "shop", name: "lint", command: ["lint"], timeoutSeconds: 100, graceSeconds: 5,
        checkpointEnabled: false)

    private var saving: LeaseSpec {
        var result = spec
        result.checkpointEnabled = true
        return result
    }

    @Test func `a lease is prepared, started, reported and forgotten when it is stored`() throws {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        #expect(fixture.last?.reports == [])
        #expect(fixture.reply([.init(id, spec: spec)]) == [.prepare(id, spec, restores: false)])
        #expect(fixture.last?.reports.map(\.id) == [id])
        #expect(fixture.give(.prepared(id, restored: nil, note: nil)) == [.start(id, spec)])
        fixture.give(.started(id))
        fixture.give(.timer)
        #expect(fixture.last?.reports.first?.startedAt != nil)
        let commands = fixture.give(
            .exited(id, AttemptExit(.exited(0), result: ["ok": true], logTail: "done")))
        guard case .save(let report) = try #require(commands.first) else {
            Issue.record("expected a saved report, got \(commands)")
            return
        }
        #expect(report.outcome?.isSuccess == true)
        #expect(report.result == ["ok": true])
        #expect(report.message == "exited with code 0")
        fixture.give(.timer)
        #expect(fixture.last?.reports == [report])
        fixture.reply([.init(id, spec: nil)])
        #expect(fixture.last?.reports == [report])
        #expect(fixture.reply(stored: [id]) == [.clean(id)])
        #expect(fixture.last?.reports == [])
    }

    @Test func `a reply to an older request changes nothing`() throws {
        var fixture = RunnerFixture.running(id, spec)
        let older = try #require(fixture.last)
        fixture.give(.progress(id, TaskProgress(percent: 10)))
        fixture.give(.timer, after: .seconds(2))
        #expect(try #require(fixture.last).sequence > older.sequence)
        #expect(fixture.give(.reply(SyncReply(to: older))) == [])
        #expect(fixture.machine.reports.count == 1)
        var foreign = try #require(fixture.last)
        foreign.instance = "another"
        #expect(fixture.give(.reply(SyncReply(to: foreign))) == [])
        #expect(fixture.machine.reports.count == 1)
    }

    @Test func `a lease that a fresh reply does not name is stopped, killed and not reported`() {
        var fixture = RunnerFixture.running(id, saving)
        #expect(fixture.reply() == [.signal(id, .terminate)])
        #expect(fixture.last?.reports == [])
        #expect(fixture.give(.timer, after: .seconds(3)) == [.signal(id, .kill)])
        #expect(fixture.give(.exited(id, AttemptExit(.signalled(9)))) == [.clean(id)])
        #expect(fixture.machine.reports == [])
    }

    @Test func `an attempt that was given up is never started again but reported as lost`() {
        var fixture = RunnerFixture.running(id, spec)
        fixture.reply()
        fixture.reply([.init(id, spec: spec)])
        #expect(fixture.last?.reports == [])
        fixture.give(.exited(id, AttemptExit(.exited(0))))
        let commands = fixture.reply([.init(id, spec: spec)])
        #expect(commands == [])
        guard case .lost = fixture.last?.reports.first?.outcome?.end else {
            Issue.record("expected a lost attempt, got \(fixture.machine.reports)")
            return
        }
    }

    @Test func `an attempt that was stored is reported again and not started again`() {
        var fixture = RunnerFixture.running(id, spec)
        fixture.give(.exited(id, AttemptExit(.exited(7))))
        fixture.give(.timer)
        fixture.reply(stored: [id])
        #expect(fixture.reply([.init(id, spec: spec)]) == [])
        #expect(fixture.last?.reports.first?.outcome == AttemptOutcome(.exited(7)))
    }

    @Test func `a timeout asks, waits for the grace, then kills, and says so`() {
        var fixture = RunnerFixture.running(id, spec)
        #expect(fixture.give(.timer, after: .seconds(99)) == [])
        #expect(fixture.give(.timer, after: .seconds(1)) == [.signal(id, .terminate)])
        #expect(fixture.give(.timer, after: .seconds(4)) == [])
        #expect(fixture.give(.timer, after: .seconds(1)) == [.signal(id, .kill)])
        #expect(fixture.give(.timer, after: .seconds(5)) == [.signal(id, .kill)])
        fixture.give(.exited(id, AttemptExit(.signalled(9))))
        fixture.give(.timer)
        let report = fixture.last?.reports.first
        #expect(report?.outcome == AttemptOutcome(.signalled(9), stop: .timedOut))
        #expect(
            report?.message == "ran longer than 100 s and was stopped: ended by signal 9")
    }

    @Test(arguments: [
        (DesiredState.cancel, AttemptOutcome.Stop.cancelled), (.checkpointAndStop, .checkpointed),
    ])
    func `a desired state is obeyed once and acknowledged`(
        desired: DesiredState, stop: AttemptOutcome.Stop
    ) {
        var fixture = RunnerFixture.running(id, spec)
        #expect(
            fixture.reply([.init(id, spec: nil, desired: desired)]) == [.signal(id, .terminate)])
        #expect(fixture.last?.reports.first?.desired == desired)
        #expect(fixture.reply([.init(id, spec: nil, desired: desired)]) == [])
        fixture.give(.exited(id, AttemptExit(.signalled(15))))
        #expect(fixture.machine.reports.first?.outcome?.stop == stop)
    }

    @Test func `a cancellation before the start ends the attempt without a process`() {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        fixture.reply([.init(id, spec: spec)])
        fixture.reply([.init(id, spec: nil, desired: .cancel)])
        let commands = fixture.give(.prepared(id, restored: nil, note: nil))
        #expect(commands.count == 1)
        let outcome = fixture.machine.reports.first?.outcome
        #expect(outcome?.stop == .cancelled)
        #expect(outcome?.startFailure != nil)
    }

    @Test func `attempts above the slots wait for one to be free`() {
        let other = LeaseID(taskUID: UID("t2"), attempt: 1)
        var fixture = RunnerFixture()
        fixture.give(.timer)
        let commands = fixture.reply([.init(id, spec: spec), .init(other, spec: spec)])
        #expect(commands == [.prepare(id, spec, restores: false)])
        let ended = fixture.give(.prepareFailed(id, "disk full"))
        #expect(ended.contains(.prepare(other, spec, restores: false)))
    }

    @Test func `an order without a spec for an unknown lease starts nothing`() {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        #expect(fixture.reply([.init(id, spec: nil)]) == [])
        #expect(fixture.machine.reports == [])
    }

    @Test func `the checkpoint folder is committed now and then and once more at the end`() throws {
        var fixture = RunnerFixture.running(id, saving)
        #expect(fixture.give(.timer, after: .seconds(2)) == [.commit(id, sequence: 1)])
        let first = CheckpointRef(sequence: 1, bytes: 5, digest: "sha256:01")
        #expect(fixture.give(.committed(id, first)) == [])
        #expect(fixture.give(.timer, after: .seconds(2)) == [.commit(id, sequence: 2)])
        #expect(fixture.give(.exited(id, AttemptExit(.exited(1)))) == [])
        #expect(fixture.give(.commitUnchanged(id)) == [.commit(id, sequence: 2)])
        let last = CheckpointRef(sequence: 2, bytes: 6, digest: "sha256:02")
        let commands = fixture.give(.committed(id, last))
        guard case .save(let report) = try #require(commands.first) else {
            Issue.record("expected a saved report, got \(commands)")
            return
        }
        #expect(report.checkpoint?.checkpoint == last)
    }

    @Test func `an attempt that succeeded or was cancelled commits nothing more`() {
        var done = RunnerFixture.running(id, saving)
        #expect(done.give(.exited(id, AttemptExit(.exited(0)))).count == 1)
        var cancelled = RunnerFixture.running(id, saving)
        cancelled.reply([.init(id, spec: nil, desired: .cancel)])
        #expect(cancelled.give(.exited(id, AttemptExit(.signalled(15)))).count == 1)
    }

    @Test func `a checkpoint that is overtaken is committed with a higher sequence`() {
        var fixture = RunnerFixture.running(id, saving)
        fixture.give(.timer, after: .seconds(2))
        fixture.give(.commitFailed(id, .overtaken(by: 5)))
        #expect(fixture.give(.timer, after: .seconds(1)) == [.commit(id, sequence: 6)])
    }

    @Test func `the last checkpoint is tried again until its time is over`() {
        var fixture = RunnerFixture.running(id, saving)
        #expect(fixture.give(.exited(id, AttemptExit(.exited(1)))) == [.commit(id, sequence: 1)])
        fixture.give(.commitFailed(id, .unavailable("503")))
        #expect(fixture.give(.timer, after: .seconds(1)) == [.commit(id, sequence: 1)])
        #expect(fixture.give(.timer, after: .seconds(15)).count == 1)
        #expect(fixture.machine.reports.first?.message.contains("in time") == true)
    }

    @Test func `a refused checkpoint is said and does not keep the attempt`() {
        var fixture = RunnerFixture.running(id, saving)
        fixture.give(.exited(id, AttemptExit(.exited(1))))
        #expect(fixture.give(.commitFailed(id, .refused("too large"))).count == 1)
        #expect(
            fixture.machine.reports.first?.message
                == "exited with code 1; checkpoint refused: too large")
    }

    @Test func `a later attempt restores and goes on with the sequence`() {
        let second = LeaseID(taskUID: UID("t1"), attempt: 2)
        var fixture = RunnerFixture()
        fixture.give(.timer)
        #expect(
            fixture.reply([.init(second, spec: saving)])
                == [.prepare(second, saving, restores: true)])
        let ref = CheckpointRef(sequence: 8, bytes: 1, digest: "sha256:00")
        fixture.give(.prepared(second, restored: ref, note: nil))
        fixture.give(.started(second))
        #expect(fixture.give(.timer, after: .seconds(2)) == [.commit(second, sequence: 9)])
    }

    @Test func `failed calls are repeated with growing, spread pauses, for ever`() throws {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        var pauses: [Duration] = []
        for _ in 0..<40 {
            let sequence = try #require(fixture.last).sequence
            fixture.give(.syncFailed(sequence: sequence, retryAfter: nil), after: .zero)
            let deadline = try #require(fixture.machine.deadline)
            pauses.append(deadline - fixture.now.instant)
            fixture.give(.timer, after: deadline - fixture.now.instant)
            #expect(try #require(fixture.last).sequence == sequence + 1)
        }
        #expect(pauses[0] <= .milliseconds(200))
        #expect(pauses.allSatisfy { $0 > .zero && $0 <= .seconds(10) })
        #expect(pauses.suffix(20).allSatisfy { $0 >= .seconds(4) })
        #expect(Set(pauses.suffix(20)).count > 10)
    }

    @Test func `nothing is sent while the gateway wants to be left alone`() throws {
        var fixture = RunnerFixture.running(id, spec)
        let sequence = try #require(fixture.last).sequence
        fixture.give(.syncFailed(sequence: sequence, retryAfter: .seconds(5)))
        fixture.give(.exited(id, AttemptExit(.exited(0))), after: .seconds(1))
        #expect(try #require(fixture.last).sequence == sequence)
        fixture.give(.timer, after: .seconds(6))
        #expect(try #require(fixture.last).reports.first?.state == .finished)
    }

    @Test func `a request without an answer is replaced`() throws {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        let sequence = try #require(fixture.last).sequence
        fixture.give(.timer, after: .seconds(46))
        #expect(try #require(fixture.last).sequence == sequence + 1)
    }

    @Test func `a gateway that answers at once without news is asked more slowly`() throws {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        let start = fixture.now.instant
        for _ in 0..<30 {
            fixture.give(.reply(SyncReply(to: try #require(fixture.last))), after: .zero)
            let deadline = try #require(fixture.machine.deadline)
            fixture.give(.timer, after: deadline - fixture.now.instant)
        }
        #expect(fixture.now.instant - start > .seconds(30))
    }

    @Test func `much progress is told seldom`() throws {
        var fixture = RunnerFixture.running(id, spec)
        let before = try #require(fixture.last).sequence
        for step in 0..<3_000 {
            fixture.give(
                .progress(id, TaskProgress(percent: step / 30)), after: .milliseconds(1))
        }
        #expect(try #require(fixture.last).sequence - before <= 4)
    }

    @Test func `shutdown stops attempts with their checkpoint, reports them and exits`() throws {
        var fixture = RunnerFixture.running(id, saving)
        #expect(fixture.give(.shutdown) == [.signal(id, .terminate)])
        #expect(fixture.last?.draining == true)
        #expect(
            fixture.give(.exited(id, AttemptExit(.exited(0)))) == [.commit(id, sequence: 1)])
        fixture.give(.commitUnchanged(id))
        fixture.give(.timer)
        #expect(fixture.last?.reports.first?.outcome == AttemptOutcome(.exited(0), stop: .drained))
        let commands = fixture.reply(stored: [id])
        #expect(commands == [.clean(id), .exit])
        #expect(fixture.machine.deadline == nil)
        #expect(fixture.give(.timer) == [])
    }

    @Test func `shutdown without work says so to the gateway and exits`() {
        var fixture = RunnerFixture()
        fixture.give(.timer)
        #expect(fixture.give(.shutdown) == [])
        #expect(fixture.last?.draining == true)
        #expect(fixture.last?.waitSeconds == 0)
        #expect(fixture.reply() == [.exit])
    }

    @Test func `shutdown ends without a gateway, and at last with work that will not end`() throws {
        var idle = RunnerFixture()
        idle.give(.timer)
        idle.give(.shutdown)
        let sequence = try #require(idle.last).sequence
        #expect(idle.give(.syncFailed(sequence: sequence, retryAfter: nil)) == [.exit])
        var busy = RunnerFixture.running(id, spec)
        busy.give(.shutdown)
        #expect(busy.give(.timer, after: .seconds(6)) == [.signal(id, .kill)])
        #expect(busy.give(.timer, after: .seconds(60)).last == .exit)
    }

    @Test func `a lease that comes while the agent ends is given back`() {
        var fixture = RunnerFixture.running(id, spec, slots: 2)
        fixture.give(.shutdown)
        let other = LeaseID(taskUID: UID("t2"), attempt: 1)
        fixture.reply([.init(id, spec: nil), .init(other, spec: spec)])
        let report = fixture.machine.reports.last
        #expect(report?.id == other)
        #expect(report?.outcome?.stop == .drained)
        #expect(report?.outcome?.startFailure != nil)
    }

    @Test func `reports of an earlier run are told until they are stored`() {
        var fixture = RunnerFixture()
        let report = LeaseReport(
            id: id, state: .finished, outcome: AttemptOutcome(.lost("the runner ended")))
        fixture.give(.recovered([report]))
        #expect(fixture.last?.reports == [report])
        #expect(fixture.reply([.init(id, spec: spec)]) == [])
        #expect(fixture.reply(stored: [id]) == [.clean(id)])
    }
}
