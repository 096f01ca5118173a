public import ControlLoop
public import KubernetesCore
import PolicyEngine
public import SwiftletAPI

/// Keeps a report of what policies say about each pool's agents, where the cluster has a kind for
/// that: `Report` of openreports.io, or `PolicyReport` of wgpolicyk8s.io. Of both, the first.
public struct PolicyReportReconciler: Reconciler {
    /// A kind of report, and what there is of it under the pool's name.
    public struct Place: Sendable, Equatable {
        /// The kind.
        public var type: ResourceType
        /// Whether the cluster has the kind.
        public var isInstalled: Bool
        /// The report that is there; nil where there is none.
        public var report: ObjectRef?
        /// The controller of that report.
        public var owner: UID?
        /// What the report says.
        public var content: JSONObject
    }

    /// What a report depends on.
    public struct World: Sendable, Equatable {
        /// The pool whose report it is, and whose namespace holds it.
        public var pool: BackgroundAgentPool
        /// What policies say; nil where they have not been asked.
        public var verdict: PoolVerdict?
        /// The kinds of reports, the one that is preferred first.
        public var places: [Place]
    }

    /// The name in metrics and logs.
    public static let name = "policyreports"

    /// Reads pools and reports; writes reports.
    public static let access = Access(
        reads: [
            .backgroundAgentPool, PolicyKinds.Report.type, PolicyKinds.PolicyReport.type,
        ],
        writes: [PolicyKinds.Report.type, PolicyKinds.PolicyReport.type].flatMap {
            [Access.Write.create($0), .patch($0), .delete($0)]
        })

    /// A reconciler: it has no settings, everything that it needs is in the world.
    public init() {}

    /// Verdicts and reports by their pool.
    public var triggers: [Trigger<BackgroundAgentPool>] {
        [
            .owned(PolicyReportView<PolicyKinds.Report>.self),
            .owned(PolicyReportView<PolicyKinds.PolicyReport>.self),
            Trigger(on: PoolVerdict.self) { change, _ in
                [Key(namespace: change.key.namespace, name: change.key.name)]
            },
        ]
    }

    /// Copies out of the cache what concerns the pool's report; nil where the pool is gone.
    public func observe(_ key: Key<BackgroundAgentPool>, in view: ClusterView) -> World? {
        guard let pool = view[key] else { return nil }
        return World(
            pool: pool, verdict: PoolVerdict.of(key, in: view),
            places: [
                place(PolicyKinds.Report.self, of: key, in: view),
                place(PolicyKinds.PolicyReport.self, of: key, in: view),
            ])
    }

    private func place<Kind: PolicyKind>(
        _: Kind.Type, of pool: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> Place {
        let store = view.store(PolicyReportView<Kind>.self)
        let name = AgentPodTemplate.objectName(of: pool, "policies")
        let report = store[Key(namespace: pool.namespace, name: name)]
        // A kind that the server does not have is a picture without a version.
        return Place(
            type: Kind.type, isInstalled: store.version != .unknown || !store.isEmpty,
            report: report?.reference, owner: report?.metadata.controller?.uid,
            content: report?.content ?? [:])
    }

    /// The same world and context always give the same plan.
    public func plan(_ world: World, _ context: PlanContext) -> Plan {
        let pool = world.pool
        guard !pool.metadata.isDeleting, let verdict = world.verdict, verdict.waiting == nil else {
            return .idle
        }
        let preferred = world.places.first(where: \.isInstalled)
        var actions: [Action] = []
        for place in world.places where place.isInstalled {
            let isOurs = place.owner == pool.metadata.uid
            let wanted = place.type == preferred?.type ? verdict.report(on: pool) : nil
            switch (wanted, place.report) {
            case (nil, let report?) where isOurs: actions.append(.delete(report))
            case (let wanted?, nil):
                let name = AgentPodTemplate.objectName(of: pool.key, "policies")
                let object = PoolObject(type: place.type, name: name, content: wanted)
                actions.append(.create(object.object(of: pool), of: place.type))
            case (let wanted?, let report?) where isOurs:
                let kept = JSONObject(place.content.filter { wanted[$0.0] != nil })
                if let patch = MergeDifference.patch(
                    from: .object(kept), to: .object(wanted))
                {
                    actions.append(.patch(report, patch))
                }
            default: continue
            }
        }
        return Plan(steps: actions.isEmpty ? [] : [actions])
    }
}

extension PoolVerdict {
    /// The verdict as a report's `scope`, `summary` and `results`; nil where nothing was judged.
    func report(on pool: BackgroundAgentPool) -> JSONObject? {
        guard !findings.isEmpty || !faults.isEmpty else { return nil }
        let results =
            findings.map { PoolVerdict.result($0.result) }
            + faults.prefix(PoolVerdict.findingsMax).map { fault in
                let problem = fault.problem
                return PoolVerdict.result(
                    PolicyResult(
                        policy: problem.policy.isEmpty ? problem.source : problem.policy,
                        kind: "", rule: problem.rule ?? "", outcome: .error,
                        action: fault.forbids ? .enforce : .audit,
                        message: problem.description))
            }
        var summary = JSONObject()
        for word in ["pass", "fail", "warn", "error", "skip"] {
            summary[word] = .int(results.count { $0["result"]?.string == word })
        }
        return [
            "scope": [
                "apiVersion": .string(BackgroundAgentPool.type.apiVersion),
                "kind": .string(BackgroundAgentPool.type.kind),
                "namespace": .string(pool.metadata.namespace),
                "name": .string(pool.metadata.name), "uid": .string(pool.metadata.uid.text),
            ],
            "summary": .object(summary), "results": .array(results),
        ]
    }

    private static func result(_ result: PolicyResult) -> JSONValue {
        var properties: JSONObject = ["action": .string(result.action.rawValue)]
        if let path = result.path, !path.isEmpty { properties["path"] = .string(path) }
        var entry: JSONObject = [
            "source": .string(SwiftletNames.managedBy), "policy": .string(result.policy),
            "result": .string(result.outcome.rawValue),
            "message": .string(String(result.message.prefix(Bounds.message))),
            "scored": .bool(result.outcome != .warn), "properties": .object(properties),
        ]
        if !result.rule.isEmpty { entry["rule"] = .string(result.rule) }
        return .object(entry)
    }
}
