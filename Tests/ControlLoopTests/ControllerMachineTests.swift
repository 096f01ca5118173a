import GadgetTesting
import KubernetesCore
import Testing

@testable import ControlLoop

@Suite struct ControllerMachineTests {
    typealias Machine = ControllerMachine<GadgetReconciler>

    private static func machine(
        leading: Bool = true, wake: Timestamp? = nil, limits: ControllerLimits = ControllerLimits()
    ) -> Machine {
        Machine(
            GadgetReconciler(wake: wake), limits: limits, startedAt: .at(0), seed: 1,
            isLeading: leading)
    }

    /// A view in which both kinds are complete at `version`.
    private static func view(
        _ gadgets: [Gadget], _ parts: [Part] = [], at version: Int = 100
    ) -> ClusterView {
        var view = ClusterView()
        _ = view.apply(.replace(gadgets, at: ResourceVersion(String(version))))
        _ = view.apply(.replace(parts, at: ResourceVersion(String(version))))
        return view
    }

    private static func changed(_ gadget: Gadget, in view: ClusterView) -> MachineInput {
        .changed([AnyChange(Change.added(gadget))], in: view)
    }

    private static func refusal(
        _ disposition: WriteFailure.Disposition = .terminal, code: Int = 422
    ) -> Outcome {
        .failed(
            WriteFailure(
                disposition, target: Gadget("a").reference, code: code, reason: "Invalid",
                message: "no"), done: [])
    }

    private static func written(_ name: String, version: Int) -> Write {
        Write(.stored, Part(name).reference, at: ResourceVersion(String(version)))
    }

    @Test func `a change leads to a plan, and a plan that writes nothing to none`() {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 2)
        let commands = machine.handle(
            Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
        #expect(commands.plans.count == 1)
        #expect(commands.plans.first?.root == gadget.reference)
        #expect(commands.plans.first?.plan.actions.count == 2)
        let resting = Gadget("b", status: ["parts": 0])
        let idle = machine.handle(
            Self.changed(resting, in: Self.view([gadget, resting])), at: .at(1))
        #expect(idle.plans.isEmpty)
    }

    @Test func `nothing is planned before every kind has been seen and this process leads`() {
        var machine = Self.machine(leading: false)
        let gadget = Gadget("a", parts: 1)
        var partial = ClusterView()
        _ = partial.apply(.replace([gadget], at: ResourceVersion("1")))
        #expect(machine.handle(Self.changed(gadget, in: partial), at: .at(0)).plans.isEmpty)
        let leadership = Leadership(holder: "me", term: 1, validUntil: .at(99))
        #expect(machine.handle(.leadership(leadership), at: .at(0)).plans.isEmpty)
        let all = machine.handle(.changed([], in: Self.view([gadget])), at: .at(1))
        #expect(all.plans.count == 1)
        #expect(machine.handle(.leadership(nil), at: .at(1)).plans.isEmpty)
    }

    @Test func `a key is never planned twice at the same time`() {
        var machine = Self.machine()
        let view = Self.view([Gadget("a", parts: 1)])
        #expect(machine.handle(Self.changed(Gadget("a"), in: view), at: .at(0)).plans.count == 1)
        #expect(machine.handle(Self.changed(Gadget("a"), in: view), at: .at(1)).plans.isEmpty)
        #expect(machine.statistics.inFlight == 1)
        #expect(machine.statistics.depth == 1)
    }

    @Test func `after a write the key waits for its echo, then is looked at again`() throws {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1, status: ["parts": 0])
        let view = Self.view([gadget], at: 100)
        let token = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        let outcome = Outcome.applied([Self.written("a-0", version: 101)])
        #expect(machine.handle(.finished(token, outcome), at: .at(1)).plans.isEmpty)
        // A change of the root alone does not open the barrier.
        #expect(machine.handle(Self.changed(gadget, in: view), at: .at(2)).plans.isEmpty)
        let echo = Self.view([gadget], [Part("a-0", of: gadget, version: 101)], at: 101)
        let commands = machine.handle(.changed([], in: echo), at: .at(3))
        #expect(commands.plans.first?.plan.actions.isEmpty == true)
        #expect(commands.plans.first?.plan.status?.difference == ["parts": 1])
    }

    @Test func `the barrier opens after five seconds whatever the cache shows`() throws {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let token = try #require(
            machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
                .plans.first?.token)
        let outcome = Outcome.applied([Self.written("a-0", version: 101)])
        let commands = machine.handle(.finished(token, outcome), at: .at(1))
        #expect(commands.wake == .at(6))
        #expect(machine.handle(.timer, at: .at(6)).plans.count == 1)
        #expect(machine.statistics.barrierTimeouts == 1)
    }

    @Test func `a stale plan is made anew after a moment, or at once when something changes`()
        throws
    {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let view = Self.view([gadget])
        let first = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        var other = machine
        let stale = Outcome.stale(gadget.reference, done: [])
        #expect(machine.handle(.finished(first, stale), at: .at(1)).plans.isEmpty)
        #expect(machine.handle(.timer, at: .at(1.1)).plans.count == 1)
        _ = other.handle(.finished(first, stale), at: .at(1))
        #expect(other.handle(Self.changed(gadget, in: view), at: .at(1)).plans.count == 1)
    }

    @Test
    func `twenty conflicts in a row are retried, each time with a new plan, ever more slowly`() {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        var commands = machine.handle(
            Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
        var now = 0.0
        var planned = 0
        while planned < 20 {
            if let token = commands.plans.first?.token {
                planned += 1
                commands = machine.handle(
                    .finished(token, .stale(gadget.reference, done: [])), at: .at(now))
            }
            now += 1
            if commands.plans.isEmpty { commands = machine.handle(.timer, at: .at(now)) }
        }
        #expect(now > 60)
        #expect(now < 400)
    }

    @Test
    func
        `a failure is retried when the server allows it, and a change does not hurry that`()
        throws
    {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let view = Self.view([gadget])
        let token = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        let failure = Self.refusal(.retry(after: .seconds(7)), code: 0)
        let commands = machine.handle(.finished(token, failure), at: .at(1))
        #expect(commands.plans.isEmpty)
        let again = AnyChange(
            Change.changed(from: gadget, to: Gadget("a", version: 2, parts: 1)))
        #expect(machine.handle(.changed([again], in: view), at: .at(2)).plans.isEmpty)
        #expect(machine.handle(.timer, at: .at(7.9)).plans.isEmpty)
        #expect(machine.handle(.timer, at: .at(8)).plans.count == 1)
    }

    @Test func `a new spec ends the wait after a failure`() throws {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let view = Self.view([gadget])
        let token = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        let failure = Self.refusal(.retry(after: .seconds(70)), code: 0)
        _ = machine.handle(.finished(token, failure), at: .at(1))
        let edit = AnyChange(
            Change.changed(from: gadget, to: Gadget("a", version: 2, parts: 1, generation: 2)))
        #expect(machine.handle(.changed([edit], in: view), at: .at(2)).plans.count == 1)
    }

    @Test
    func `a refusal is told in the status at once, and is not repeated until something changes`()
        throws
    {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1, status: ["parts": 0])
        let view = Self.view([gadget])
        let token = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        let report = try #require(
            machine.handle(.finished(token, Self.refusal()), at: .at(1)).plans.first)
        #expect(report.plan.steps.isEmpty)
        #expect(report.plan.status?.difference == ["failure": "Invalid"])
        #expect(machine.handle(.finished(report.token, .applied([])), at: .at(1)).plans.isEmpty)
        #expect(machine.handle(.timer, at: .at(5_000)).plans.isEmpty)
        let part = Part("x", of: gadget)
        let change = AnyChange(Change.added(part))
        let retried = machine.handle(
            .changed([change], in: Self.view([gadget], [part], at: 101)), at: .at(5_001))
        #expect(retried.plans.first?.plan.actions.isEmpty == false)
    }

    @Test func `a failure that is over leaves the status`() throws {
        var machine = Self.machine()
        var gadget = Gadget("a", parts: 1, status: ["parts": 0])
        var view = Self.view([gadget])
        let token = try #require(
            machine.handle(Self.changed(gadget, in: view), at: .at(0)).plans.first?.token)
        let report = try #require(
            machine.handle(.finished(token, Self.refusal()), at: .at(1)).plans.first?.token)
        gadget = Gadget(
            "a", version: 101, parts: 0, status: ["parts": 0, "failure": "Invalid"],
            generation: 2)
        _ = machine.handle(.finished(report, .applied([])), at: .at(1))
        view = Self.view([gadget], at: 101)
        let edit = AnyChange(Change.changed(from: Gadget("a", parts: 1), to: gadget))
        var commands = machine.handle(.changed([edit], in: view), at: .at(2))
        // Nothing is left to do; then the status is put right without the failure.
        if commands.plans.isEmpty { commands = machine.handle(.timer, at: .at(2)) }
        #expect(commands.plans.first?.plan.status?.difference == ["failure": .null])
    }

    @Test func `an idle plan's wake comes on time`() {
        var machine = Self.machine(wake: .at(100))
        let gadget = Gadget("a", status: ["parts": 0])
        let commands = machine.handle(
            Self.changed(gadget, in: Self.view([gadget])), at: .at(90))
        #expect(commands.wake == .at(100))
        #expect(machine.statistics.depth == 1)
    }

    @Test func `a wake long past is neither lost nor a busy loop`() {
        var machine = Self.machine(wake: .at(-1_000))
        let gadget = Gadget("a", status: ["parts": 0])
        var wakes = 0
        var next = machine.handle(
            Self.changed(gadget, in: Self.view([gadget])), at: .at(0)
        ).wake
        var now = 0.0
        while now < 30, let at = next {
            now = max(now, Double(at.nanoseconds) / 1e9)
            next = machine.handle(.timer, at: .at(now)).wake
            wakes += 1
        }
        #expect((25...35).contains(wakes))
    }

    @Test func `a wall clock that is set forward brings wakes forward`() {
        var machine = Self.machine(wake: .at(3_600))
        let gadget = Gadget("a", status: ["parts": 0])
        _ = machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
        let jumped = Moment(instant: .at(30), time: .at(3_590))
        #expect(machine.handle(.timer, at: jumped).wake == .at(40))
    }

    @Test func `between which looks the clock was set is remembered`() {
        var machine = Self.machine(wake: .at(3_600))
        let gadget = Gadget("a", status: ["parts": 0])
        _ = machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
        _ = machine.handle(.timer, at: .at(20))
        _ = machine.handle(.timer, at: Moment(instant: .at(30), time: .at(430)))
        #expect(
            machine.clockSteps
                == [ClockStep(before: .at(30), size: .seconds(400), since: .at(20))])
    }

    @Test func `what waits for a time is looked at when the clock is set back`() {
        var machine = Self.machine(wake: .at(3_600))
        let gadget = Gadget("a", status: ["parts": 0])
        _ = machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
        let before = machine.statistics.adds
        _ = machine.handle(.timer, at: Moment(instant: .at(30), time: .at(-370)))
        #expect(machine.statistics.adds > before)
    }

    @Test func `what was cut off a plan that is too long comes in the next ones`() throws {
        var limits = ControllerLimits()
        limits.planActionsMax = 3
        var machine = Self.machine(limits: limits)
        let gadget = Gadget("a", parts: 5)
        let plan = try #require(
            machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0)).plans.first)
        #expect(plan.plan.actions.count == 3)
        #expect(plan.plan.status == nil)
    }

    @Test func `no more plans are out than allowed, and none is forgotten`() throws {
        var limits = ControllerLimits()
        limits.inFlightMax = 2
        var machine = Self.machine(limits: limits)
        let gadgets = (0..<5).map { Gadget("g\($0)", parts: 1) }
        let changes = gadgets.map { AnyChange(Change.added($0)) }
        let view = Self.view(gadgets)
        var out = machine.handle(.changed(changes, in: view), at: .at(0)).plans
        var seen: [String] = []
        while let first = out.first {
            #expect(out.count <= 2)
            out.removeFirst()
            seen.append(first.root.name)
            out +=
                machine.handle(
                    .finished(first.token, .applied([Self.written("x", version: 900)])), at: .at(1)
                ).plans
        }
        #expect(seen.sorted() == gadgets.map(\.metadata.name))
    }

    @Test func `a deposed plan waits for the next leadership`() throws {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let token = try #require(
            machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
                .plans.first?.token)
        _ = machine.handle(.leadership(nil), at: .at(1))
        #expect(machine.handle(.finished(token, .deposed(done: [])), at: .at(1)).plans.isEmpty)
        let leadership = Leadership(holder: "me", term: 2, validUntil: .at(99))
        #expect(machine.handle(.leadership(leadership), at: .at(2)).plans.count == 1)
    }

    @Test func `a plan that met a leadership about to end is not made again at once`() throws {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let token = try #require(
            machine.handle(Self.changed(gadget, in: Self.view([gadget])), at: .at(0))
                .plans.first?.token)
        let commands = machine.handle(.finished(token, .deposed(done: [])), at: .at(1))
        #expect(commands.plans.isEmpty)
        #expect(commands.contains { if case .wake(let at) = $0 { at > .at(1) } else { false } })
        #expect(machine.handle(.timer, at: .at(2)).plans.count == 1)
    }

    @Test func `an object that is gone is forgotten`() {
        var machine = Self.machine()
        let gadget = Gadget("a", parts: 1)
        let gone = AnyChange(Change.removed(gadget))
        let commands = machine.handle(.changed([gone], in: Self.view([])), at: .at(0))
        #expect(commands.plans.isEmpty)
        #expect(machine.statistics.depth == 0)
    }
}
