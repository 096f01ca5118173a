import AgentProtocol
public import ControlLoop
public import KubernetesCore
public import SwiftletAPI

/// What becomes of a pool: its agents, its size and its status.
public struct PoolReconciler: Reconciler {
    /// What the operator decides about agent pods.
    public let settings: AgentPodSettings
    /// The time zones that floors can be scheduled in.
    public let zones: ZoneTable
    /// Whether agents are only created once a `PolicyMachine` has judged them.
    public let awaitsPolicies: Bool

    /// The reconciler of an operator with these settings.
    public init(
        settings: AgentPodSettings, zones: ZoneTable = .utc, awaitsPolicies: Bool = false
    ) {
        self.settings = settings
        self.zones = zones
        self.awaitsPolicies = awaitsPolicies
    }

    /// Pods, the CA's ConfigMap and the objects that bound agents are written, pools only in their
    /// status and finalizers.
    public static let access = Access(
        reads: [
            .backgroundAgentPool, .backgroundTask, .pod, .namespace, .configMap, .networkPolicy,
            .resourceQuota, .podDisruptionBudget, .serviceAccount,
        ],
        writes: [
            .create(.pod), .patch(.pod), .delete(.pod),
            .create(.configMap), .patch(.configMap),
            .create(.networkPolicy), .patch(.networkPolicy), .delete(.networkPolicy),
            .create(.resourceQuota), .patch(.resourceQuota), .delete(.resourceQuota),
            .create(.podDisruptionBudget), .patch(.podDisruptionBudget),
            .delete(.podDisruptionBudget),
            .create(.serviceAccount), .patch(.serviceAccount), .delete(.serviceAccount),
            .patch(.backgroundAgentPool), .status(.backgroundAgentPool),
        ])

    /// Pods by their controller, sessions by their pod's, tasks by the pool they are in, namespaces
    /// by the pools in them.
    public var triggers: [Trigger<BackgroundAgentPool>] {
        [
            .owned(PodView.self), .owned(AuthorityView.self), .owned(NetworkPolicyView.self),
            .owned(ResourceQuotaView.self), .owned(DisruptionBudgetView.self),
            .owned(ServiceAccountView.self), .none(on: PodSighting.self),
            Trigger(on: AgentSession.self) { change, view in
                if let old = change.old, let new = change.new, old.isOfSameUse(as: new) {
                    return []
                }
                let pod = view[Key<PodView>(namespace: change.key.namespace, name: change.key.name)]
                guard let owner = pod?.metadata.controller,
                    owner.kind == BackgroundAgentPool.type.kind
                else { return [] }
                return [Key(namespace: change.key.namespace, name: owner.name)]
            },
            Trigger(on: BackgroundTask.self) { change, _ in
                let old = change.old?.poolKey
                let new = change.new?.poolKey
                if old == new, change.old?.status.phase == change.new?.status.phase,
                    change.old?.lease == change.new?.lease
                {
                    return []
                }
                return Array(Set([old, new].compactMap { $0 })).sorted()
            },
            Trigger(on: NamespaceView.self) { change, view in
                let label = SwiftletNames.Label.tenant
                guard change.old?.metadata.labels[label] != change.new?.metadata.labels[label]
                else { return [] }
                return view.all(BackgroundAgentPool.self).map(\.key).filter {
                    $0.namespace == change.key.name
                }
            },
            Trigger(on: PoolStatistics.self) { change, _ in
                [Key(namespace: change.key.namespace, name: change.key.name)]
            },
            Trigger(on: PoolVerdict.self) { change, _ in
                [Key(namespace: change.key.namespace, name: change.key.name)]
            },
            Trigger(on: PoolPersonas.self) { change, _ in
                [Key(namespace: change.key.namespace, name: change.key.name)]
            },
            Trigger(on: PoolQueue.self) { change, _ in
                guard change.old?.wornAgents ?? [] != change.new?.wornAgents ?? [] else {
                    return []
                }
                return [Key(namespace: change.key.namespace, name: change.key.name)]
            },
            Trigger(on: StaleKind.self) { change, view in
                guard change.key == StaleKind.key(of: .backgroundTask) else { return [] }
                return view.all(BackgroundAgentPool.self).map(\.key)
            },
            Trigger(on: GatewayRoots.self) { _, view in
                view.all(BackgroundAgentPool.self).map(\.key)
            },
            Trigger(on: GatewayPresence.self) { _, view in
                view.all(BackgroundAgentPool.self).map(\.key)
            },
        ]
    }

    /// Copies out of the cache what concerns the pool; nil where it is gone.
    public func observe(
        _ key: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> PoolWorld? {
        PoolWorld(key, in: view)
    }

    /// The same world and context always give the same plan.
    public func plan(_ world: PoolWorld, _ context: PlanContext) -> Plan {
        var planner = PoolPlanner(
            world, context, settings, zones: zones, awaitsPolicies: awaitsPolicies)
        return planner.plan()
    }
}

extension AgentSession {
    /// Whether both mean the same for the pool: it does not matter to it how far an attempt is.
    fileprivate func isOfSameUse(as other: AgentSession) -> Bool {
        metadata.uid == other.metadata.uid && instance == other.instance && slots == other.slots
            && isDraining == other.isDraining && reports.map(\.id) == other.reports.map(\.id)
    }
}
