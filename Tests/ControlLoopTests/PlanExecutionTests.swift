import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct PlanExecutionTests {
    private static let root = Gadget("a").reference

    private func delete(_ name: String) -> Action {
        .delete(ObjectRef(type: Part.type, namespace: "ns", name: name, uid: UID(name)))
    }

    private func done(_ action: Action) -> ActionResult {
        .done(Write(.deleted, action.target, at: ResourceVersion("5")))
    }

    @Test func `steps go out in order, the status last, and more at once with every success`() {
        let plan = Plan(
            steps: [[delete("a")], [], (1...7).map { delete("b\($0)") }],
            status: StatusIntent(desired: ["x": 1], observed: [:]))
        var execution = PlanExecution(plan, root: Self.root, concurrencyMax: 4)
        var waves: [[String]] = []
        var out: [PlanExecution.Begun] = execution.begin()
        while !out.isEmpty {
            waves.append(out.map(\.action.target.name))
            #expect(execution.outcome == nil)
            for begun in out { execution.finished(begun.number, done(begun.action)) }
            out = execution.begin()
        }
        #expect(
            waves == [["a"], ["b1"], ["b2", "b3"], ["b4", "b5", "b6", "b7"], ["a"]])
        #expect(execution.outcome?.done.count == 9)
    }

    @Test func `nothing more goes out after a failure, and the first one counts`() {
        let plan = Plan(steps: [(1...4).map { delete("b\($0)") }, [delete("c")]])
        var execution = PlanExecution(plan, root: Self.root, concurrencyMax: 4)
        let first = execution.begin()
        execution.finished(first[0].number, done(first[0].action))
        let second = execution.begin()
        #expect(second.count == 2)
        let failure = WriteFailure(
            .retry(after: nil), target: second[1].action.target, code: 503, reason: "R", message: ""
        )
        execution.finished(second[1].number, .failed(failure))
        #expect(execution.begin().isEmpty)
        #expect(execution.outcome == nil, "an action is still out")
        execution.finished(second[0].number, done(second[0].action))
        #expect(execution.begin().isEmpty)
        guard case .failed(failure, let done)? = execution.outcome else {
            Issue.record("\(String(describing: execution.outcome))")
            return
        }
        #expect(done.map(\.object.name) == ["b1", "b2"])
    }

    @Test func `the end of leadership weighs more than anything else`() {
        let plan = Plan(steps: [[delete("a")], [delete("b1"), delete("b2")]])
        var execution = PlanExecution(plan, root: Self.root, concurrencyMax: 4)
        let first = execution.begin()
        execution.finished(first[0].number, done(first[0].action))
        let second = execution.begin()
        execution.finished(second[0].number, .deposed)
        #expect(execution.begin().isEmpty)
        guard case .deposed(let done)? = execution.outcome else {
            Issue.record("\(String(describing: execution.outcome))")
            return
        }
        #expect(done.count == 1)
    }

    @Test func `an empty plan is over at once`() {
        var execution = PlanExecution(Plan(), root: Self.root, concurrencyMax: 4)
        #expect(execution.begin().isEmpty)
        #expect(execution.outcome == .applied([]))
    }

    @Test func `no request is sent that could outlast the leadership`() {
        let rules = WriteRules()
        func leading(until seconds: Double) -> Leadership {
            Leadership(holder: "me", term: 1, validUntil: Moment.at(seconds).instant)
        }
        let now = Moment.at(0).instant
        #expect(rules.limit(under: nil, at: now) == nil)
        #expect(rules.limit(under: leading(until: 1.4), at: now) == nil)
        #expect(rules.limit(under: leading(until: 3), at: now) == .seconds(2))
        #expect(rules.limit(under: leading(until: 60), at: now) == .seconds(10))
    }

    @Test func `a status is written at the version that the plan's own writes have led to`() {
        let gadget = Gadget("a", parts: 1)
        let root = gadget.reference
        let old = ResourceVersion("7")
        let plan = Plan(
            steps: [[.patch(root, ["spec": [:]], subresource: nil, resourceVersion: old)]],
            status: StatusIntent(desired: ["a": 1], observed: [:], resourceVersion: old))
        var execution = PlanExecution(plan, root: root, concurrencyMax: 1)
        let first = execution.begin()
        execution.finished(
            first[0].number, .done(Write(.stored, root, at: ResourceVersion("9"))))
        guard case .patch(_, _, "status", let version?)? = execution.begin().first?.action else {
            Issue.record("the status is not written")
            return
        }
        #expect(version == ResourceVersion("9"))
    }
}
