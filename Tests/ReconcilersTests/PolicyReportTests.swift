import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI
import Testing

@testable import Reconcilers

/// Reports of what policies say about agents.
@Suite struct PolicyReportTests {
    private typealias Wide = PolicyReportView<PolicyKinds.Report>
    private typealias Old = PolicyReportView<PolicyKinds.PolicyReport>

    private static func verdict(_ outcome: PolicyResult.Outcome) -> PoolVerdict {
        let pool = PoolModel().pool
        var verdict = PoolVerdict(
            pool: pool.key,
            subject: .init(
                pool: pool.metadata.uid, revision: "r", policies: pool.spec.policies))
        verdict.findings = [
            .init(
                PolicyResult(
                    policy: "labels", kind: "ClusterPolicy", rule: "has-owner",
                    outcome: outcome, action: .enforce, message: "required",
                    path: "/metadata/labels/owner/"), forbids: outcome == .fail)
        ]
        return verdict
    }

    private func view(
        wide: Bool, old: Bool, _ objects: [any ClusterObject]
    ) throws -> ClusterView {
        var view = ClusterView.of([PoolModel().pool])
        _ = view.apply(Delta<Wide>.replace([], at: wide ? ResourceVersion("5") : .unknown))
        _ = view.apply(Delta<Old>.replace([], at: old ? ResourceVersion("5") : .unknown))
        for object in objects { view.publish(object) }
        return view
    }

    private func plan(_ view: ClusterView) throws -> Plan {
        let reconciler = PolicyReportReconciler()
        let world = try #require(reconciler.observe(PoolModel().pool.key, in: view))
        return reconciler.plan(world, PoolModel().context)
    }

    private func stored<View: KubeObject>(_: View.Type, _ object: JSONValue) throws -> View {
        var object = object
        object[path: ["metadata", "uid"]] = "report"
        return try View(reading: JSONDocument(parsing: object.encoded()).root)
    }

    @Test func `nothing is written where the cluster has no kind for it`() throws {
        let view = try view(wide: false, old: false, [Self.verdict(.fail)])
        #expect(try plan(view).isIdle)
    }

    @Test(arguments: [
        (true, true, "Report"), (true, false, "Report"), (false, true, "PolicyReport"),
    ])
    func `a report is made once, owned by the pool, in the kind that is there`(
        wide: Bool, old: Bool, kind: String
    ) throws {
        let made = try plan(view(wide: wide, old: old, [Self.verdict(.fail)]))
        guard case .create(let object, let type)? = made.actions.first else {
            Issue.record("\(made)")
            return
        }
        #expect(made.actions.count == 1)
        #expect(type.kind == kind)
        #expect(object[path: ["metadata", "name"]] == "qa-policies")
        #expect(object[path: ["metadata", "ownerReferences"]]?[0]?["uid"] == "pool-uid")
        #expect(object["summary"] == ["pass": 0, "fail": 1, "warn": 0, "error": 0, "skip": 0])
        let result = try #require(object["results"]?[0])
        #expect(result["policy"] == "labels")
        #expect(result["rule"] == "has-owner")
        #expect(result["result"] == "fail")
        #expect(result["properties"]?["path"] == "/metadata/labels/owner/")
        let there: any ClusterObject =
            kind == "Report" ? try stored(Wide.self, object) : try stored(Old.self, object)
        #expect(try plan(view(wide: wide, old: old, [Self.verdict(.fail), there])).isIdle)
        let changed = try plan(view(wide: wide, old: old, [Self.verdict(.pass), there]))
        guard case .patch(_, let patch, nil, _)? = changed.actions.first else {
            Issue.record("\(changed)")
            return
        }
        #expect(patch["summary"] == ["fail": 0, "pass": 1])
        #expect(patch["scope"] == nil)
    }

    @Test func `a report goes when there is nothing to report, and one of others is left alone`()
        throws
    {
        let made = try plan(view(wide: true, old: false, [Self.verdict(.fail)]))
        guard case .create(let object, _)? = made.actions.first else {
            Issue.record("\(made)")
            return
        }
        var empty = Self.verdict(.pass)
        empty.findings = []
        let ours = try stored(Wide.self, object)
        let gone = try plan(view(wide: true, old: false, [empty, ours]))
        #expect(gone.actions.map(\.permission.verb) == [.delete])
        var foreign = ours
        foreign.metadata.owners = []
        #expect(try plan(view(wide: true, old: false, [Self.verdict(.pass), foreign])).isIdle)
        #expect(try plan(view(wide: true, old: false, [empty, foreign])).isIdle)
    }

    @Test func `a policy that was not loaded is an error of the report, and texts are cut`() throws
    {
        var verdict = Self.verdict(.pass)
        let problem = PolicyProblem(
            source: "p.yaml", policy: "labels", rule: "x", path: "spec",
            reason: String(repeating: "long ", count: 1_000))
        verdict.faults = [PolicyFault(problem, .forbids)]
        let report = try #require(verdict.report(on: PoolModel().pool))
        #expect(report["summary"]?["error"] == 1)
        let entry = try #require(report["results"]?[1])
        #expect(entry["message"]?.string?.count == Bounds.message)
        #expect(entry["properties"]?["action"] == "Enforce")
    }
}
