import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@testable import KubernetesRuntime

@Suite struct ApplierTests {
    private let time = ManualTime()
    private let server: FakeServer

    init() {
        server = FakeServer(time: time)
        server.put(Fixture.gadget("a", parts: 0), at: Fixture.gadgets + "a")
    }

    private func applier(
        _ leadership: LeadershipState = .alone(), _ options: ApplierOptions = ApplierOptions()
    ) -> Applier {
        Applier(
            client: server, leadership: leadership, options: options, time: time,
            logger: Fixture.logger)
    }

    private func apply(_ steps: [[Action]], status: StatusIntent? = nil) async -> Outcome {
        await applier().apply(
            Plan(steps: steps, status: status), root: Fixture.root, access: Fixture.access)
    }

    private func create(_ name: String, owner: String? = "a") -> Action {
        .create(Fixture.part(name, owner: owner), of: Part.type)
    }

    @Test func `steps are carried out in order, then the status where it differs`() async {
        let status = StatusIntent(desired: ["parts": 2], observed: ["parts": 2])
        let changed = StatusIntent(desired: ["parts": 2], observed: [:])
        let outcome = await apply([[create("p")], [create("q")]], status: changed)
        #expect(outcome.done.count == 3)
        #expect(
            server.log == [
                "create /apis/test.dev/v1/namespaces/ns/parts",
                "create /apis/test.dev/v1/namespaces/ns/parts",
                "patch /apis/test.dev/v1/namespaces/ns/gadgets/a/status",
            ])
        #expect(server.object(Fixture.gadgets + "a")?[path: ["status", "parts"]] == 2)
        #expect(await apply([], status: status) == .applied([]))
        #expect(server.log.count == 3)
    }

    @Test func `a create that was lost or repeated finds itself`() async {
        server.fail(.create, .loseAnswer)
        let lost = await apply([[create("p")]])
        guard case .failed(let failure, _) = lost else {
            Issue.record("\(lost)")
            return
        }
        #expect(failure.disposition == .retry(after: nil))
        let again = await apply([[create("p")]])
        #expect(again.done.first?.object.uid != nil)
        guard case .applied = again else {
            Issue.record("\(again)")
            return
        }
        #expect(server.paths(Fixture.parts).count == 1)
    }

    @Test(arguments: [nil, "b"] as [String?])
    func `an object of the same name that is not ours is not adopted`(owner: String?) async {
        server.put(Fixture.part("p", owner: owner), at: Fixture.parts + "p")
        guard case .failed(let failure, let done) = await apply([[create("p")]]) else {
            Issue.record("adopted")
            return
        }
        #expect(failure.disposition == .terminal)
        #expect(failure.reason == "AlreadyExists")
        #expect(done.isEmpty)
    }

    @Test func `a successor of the same name is neither patched nor deleted`() async {
        server.put(Fixture.part("p", owner: "a"), at: Fixture.parts + "p")
        let old = Fixture.partRef("p", uid: "gone")
        #expect(await apply([[.delete(old)]]) == .stale(old, done: []))
        #expect(await apply([[.patch(old, ["spec": ["x": 1]])]]) == .stale(old, done: []))
        #expect(server.paths(Fixture.parts).count == 1)
    }

    @Test func `a write without a UID is not sent`() async {
        guard case .failed(let failure, _) = await apply([[.delete(Fixture.partRef("p"))]]) else {
            Issue.record("sent")
            return
        }
        #expect(failure.reason == "NoUID")
        #expect(server.log.isEmpty)
    }

    @Test func `a deletion of what is gone is done`() async {
        let gone = Fixture.partRef("p", uid: "u")
        #expect(
            await apply([[.delete(gone)]])
                == .applied([Write(.deleted, gone, at: .unknown)]))
    }

    @Test func `a patch of what is gone resurrects nothing`() async {
        let gone = Fixture.partRef("p", uid: "u")
        #expect(await apply([[.patch(gone, ["spec": [:]])]]) == .stale(gone, done: []))
        #expect(server.paths(Fixture.parts).isEmpty)
    }

    @Test func `an older version is refused where the plan asks for that`() async throws {
        let version = server.object(Fixture.gadgets + "a")?[path: ["metadata", "resourceVersion"]]
        let before = ResourceVersion(try #require(version?.string))
        func start() -> Action {
            .patch(
                Fixture.root, ["status": ["phase": "Running"]], subresource: "status",
                resourceVersion: before)
        }
        guard case .applied = await apply([[start()]]) else {
            Issue.record("refused")
            return
        }
        #expect(await apply([[start()]]) == .stale(Fixture.root, done: []))
    }

    @Test func `what the access list does not name is not sent`() async {
        guard case .failed(let failure, _) = await apply([[.delete(Fixture.root)]]) else {
            Issue.record("sent")
            return
        }
        #expect(failure.reason == "NotInAccessList")
        #expect(failure.disposition == .terminal)
        #expect(server.log.isEmpty)
    }

    @Test func `a step that fails ends the plan, and what was done is told`() async {
        server.fail(.create, Fixture.status(403, "Forbidden"))
        let outcome = await apply(
            [[create("p")], [create("q")]],
            status: StatusIntent(desired: ["x": 1], observed: [:]))
        guard case .failed(let failure, let done) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.code == 403)
        #expect(done.isEmpty)
        #expect(server.log.count == 1)
    }

    @Test(
        arguments: [
            (FakeServer.Fault.lose, WriteFailure.Disposition.retry(after: nil)),
            (
                Fixture.status(429, "TooManyRequests", after: .seconds(7)),
                .retry(after: .seconds(7))
            ),
            (Fixture.status(503, "ServiceUnavailable"), .retry(after: nil)),
            (Fixture.status(422, "Invalid"), .terminal),
            (Fixture.status(413, "RequestEntityTooLarge"), .terminal),
            (Fixture.status(404, "NotFound"), .retry(after: nil)),
        ])
    func `each failure says what can help`(
        fault: FakeServer.Fault, disposition: WriteFailure.Disposition
    ) async {
        server.fail(.create, fault)
        guard case .failed(let failure, _) = await apply([[create("p")]]) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.disposition == disposition)
    }

    @Test func `a namespace that is going takes no more creates`() async {
        let cause = APIStatus.Cause(reason: "NamespaceTerminating", message: "", field: "")
        server.fail(
            .create,
            .refuse(APIStatus(code: 403, reason: "Forbidden", message: "", causes: [cause])))
        guard case .failed(let failure, _) = await apply([[create("p")]]) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.disposition == .terminal)
    }

    @Test func `many creates go out together, but no more than allowed and few at first`() async {
        let outcome = await apply([(0..<60).map { create("p\($0)") }])
        #expect(outcome.done.count == 60)
        #expect(server.runningMax <= 16)
        // After the first refusal nothing more is begun.
        server.fail(.create, Fixture.status(403, "Forbidden"))
        _ = await apply([(0..<60).map { create("q\($0)") }])
        #expect(server.paths(Fixture.parts + "q").isEmpty)
    }

    @Test func `nothing is written without leadership, or when it ends too soon`() async {
        let plan = Plan(steps: [[create("p")]])
        let nobody = applier(LeadershipState())
        #expect(
            await nobody.apply(plan, root: Fixture.root, access: Fixture.access)
                == .deposed(done: []))
        let leadership = LeadershipState()
        let applier = applier(leadership)
        leadership.set(
            Leadership(holder: "me", term: 1, validUntil: time.now.instant + .seconds(15)))
        guard case .applied = await applier.apply(plan, root: Fixture.root, access: Fixture.access)
        else {
            Issue.record("not written")
            return
        }
        time.advance(by: .seconds(14))
        let late = Plan(steps: [[create("q")]])
        #expect(
            await applier.apply(late, root: Fixture.root, access: Fixture.access)
                == .deposed(done: []))
        #expect(server.log.count == 1)
    }

    @Test func `a leadership that ends between two writes ends the plan there`() async {
        let leadership = LeadershipState()
        leadership.set(
            Leadership(holder: "me", term: 1, validUntil: time.now.instant + .seconds(15)))
        server.fail(.patch, .hang)
        let applier = applier(leadership)
        let plan = Plan(
            steps: [
                [create("p")], [.patch(Fixture.partRef("p", uid: "u"), ["spec": [:]])],
                [create("q")],
            ])
        async let outcome = applier.apply(plan, root: Fixture.root, access: Fixture.access)
        #expect(await time.until { server.log.count == 2 })
        // The hanging request is given up before the leadership ends.
        time.advance(by: .seconds(10))
        guard case .failed(_, let done) = await outcome else {
            Issue.record("no failure")
            return
        }
        #expect(done.count == 1)
    }

    @Test func `a dry run stores nothing`() async {
        var options = ApplierOptions()
        options.isDryRun = true
        let outcome = await applier(.alone(), options).apply(
            Plan(steps: [[create("p")]]), root: Fixture.root, access: Fixture.access)
        #expect(outcome == .applied([]))
    }
}
