public import ControlLoop
public import KubernetesCore
public import PolicyEngine
import SwiftletAPI

/// Loads the policies of all sources, and judges by them what every pool would create. What it
/// finds is told to the pools' reconciler as `PoolVerdict`s.
///
/// Policies are compiled when they change, and a pool is judged when the policies, its spec or its
/// surroundings change; once a minute all are, because rules may ask for the time.
public struct PolicyMachine: PlanningMachine {
    /// What the machine is told once.
    public struct Options: Sendable {
        /// The operator's own namespace: where ConfigMaps hold policies.
        public var namespace: String
        /// The namespace in which the cluster's PolicyExceptions count; `*` for all.
        public var exceptionNamespace: String
        /// Who creates agents, as policies see it.
        public var user: PolicyRequest.User
        /// Reads YAML.
        public var text: PolicyText

        /// Options of an operator in `namespace` that reads YAML with `text`.
        public init(namespace: String, text: PolicyText) {
            self.namespace = namespace
            self.text = text
            exceptionNamespace = namespace
            user = PolicyRequest.User(
                name: "system:serviceaccount:\(namespace):\(OperatorRBAC.name)",
                groups: [
                    "system:serviceaccounts", "system:serviceaccounts:\(namespace)",
                    "system:authenticated",
                ], clusterRoles: [OperatorRBAC.name])
        }
    }

    /// The name in metrics and logs.
    public static let name = "policies"

    /// How long policies must have stood still before they are compiled.
    static let settling = Duration.milliseconds(100)
    /// How often all pools are judged although nothing changes.
    static let interval = Duration.seconds(60)
    /// After which time people are told that policies are not known yet.
    static let patience = Duration.seconds(5)

    /// Reads policies, pools, and what policies may look up; writes nothing.
    public static let access = Access(
        reads: [
            .backgroundAgentPool, .namespace, .configMap, .networkPolicy,
            PolicyKinds.ClusterPolicy.type, PolicyKinds.Policy.type, PolicyKinds.Exception.type,
            PolicyKinds.ValidatingPolicy.type, PolicyKinds.NamespacedValidatingPolicy.type,
            PolicyKinds.ExpressionException.type, PolicyKinds.AdmissionPolicy.type,
            PolicyKinds.AdmissionBinding.type,
        ], writes: [])

    private typealias PoolKey = Key<BackgroundAgentPool>

    private let options: Options
    private let settings: AgentPodSettings
    private var view = ClusterView()
    private var library: PolicyLibrary?
    private var verdicts: [PoolKey: PoolVerdict] = [:]
    /// Pools that have to be judged again.
    private var dirty: Set<PoolKey> = []
    /// When the policies that are known have stood still for long enough; nil where none changed.
    private var loadAt: Instant?
    private var judgeAt: Instant?
    private var startedAt: Instant?

    /// A machine that knows nothing yet.
    public init(settings: AgentPodSettings, options: Options) {
        self.settings = settings
        self.options = options
    }

    /// Pools, policies in every form, and what policies may look up.
    public var watched: [any ClusterObject.Type] {
        PolicyMachine.sources + [
            BackgroundAgentPool.self, NamespaceView.self, NetworkPolicyView.self,
        ]
    }

    /// What policies are read from.
    private static let sources: [any ClusterObject.Type] = [
        PolicyFolders.self, PolicyConfigMap.self, PolicyObject<PolicyKinds.ClusterPolicy>.self,
        PolicyObject<PolicyKinds.Policy>.self, PolicyObject<PolicyKinds.Exception>.self,
        PolicyObject<PolicyKinds.ValidatingPolicy>.self,
        PolicyObject<PolicyKinds.NamespacedValidatingPolicy>.self,
        PolicyObject<PolicyKinds.ExpressionException>.self,
        PolicyObject<PolicyKinds.AdmissionPolicy>.self,
        PolicyObject<PolicyKinds.AdmissionBinding>.self,
    ]

    /// Takes one input; what follows from it is told.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        startedAt = startedAt ?? now.instant
        var commands: [MachineCommand] = []
        if case .changed(let changes, let view) = input {
            self.view = view
            for change in changes { commands += note(change, at: now.instant) }
        }
        commands += load(at: now.instant)
        if let due = judgeAt, due <= now.instant { judgeAt = nil }
        commands += judge(at: now)
        return commands + wake(at: now.instant)
    }

    // MARK: - What changed

    private mutating func note(_ change: AnyChange, at now: Instant) -> [MachineCommand] {
        if let change = change.of(BackgroundAgentPool.self) {
            guard let pool = change.new else {
                dirty.remove(change.key)
                guard let verdict = verdicts.removeValue(forKey: change.key) else { return [] }
                return [.retract(verdict.reference)]
            }
            if change.old?.metadata.uid != pool.metadata.uid || change.old?.spec != pool.spec {
                dirty.insert(pool.key)
            }
        } else if let change = change.of(NamespaceView.self) {
            if change.old?.metadata.labels != change.new?.metadata.labels
                || change.old?.metadata.annotations != change.new?.metadata.annotations
            {
                soil(namespace: change.key.name)
            }
        } else if let change = change.of(NetworkPolicyView.self) {
            soil(namespace: change.key.namespace)
        } else if library != nil {
            // Before that every input tries to load; to wake at once for it would go on for as long
            // as something has not been seen (`what policies wait for is not asked again at once`).
            loadAt = now + PolicyMachine.settling
        }
        return []
    }

    private mutating func soil(namespace: String) {
        for key in verdicts.keys where key.namespace == namespace { dirty.insert(key) }
    }

    // MARK: - Loading

    /// The kinds that have not been seen yet.
    private var missing: [String] {
        var missing = PolicyMachine.access.reads.filter { !view.isSynced($0) }
            .map { $0.group.isEmpty ? $0.plural : "\($0.plural).\($0.group)" }
        if view[PolicyFolders.key] == nil { missing.append("the folders of policies") }
        return missing.sorted()
    }

    private mutating func load(at now: Instant) -> [MachineCommand] {
        if library == nil {
            guard missing.isEmpty else { return complain(at: now) }
        } else {
            guard let due = loadAt, due <= now else { return [] }
        }
        loadAt = nil
        let sources = PolicyLibrary.Sources(
            in: view, exceptionsFrom: options.exceptionNamespace, reading: options.text)
        guard sources != library?.sources else { return [] }
        let loaded = PolicyLibrary(sources)
        library = loaded
        dirty = Set(view.all(BackgroundAgentPool.self).map(\.key))
        return [.publish(LoadedPolicies(count: loaded.set.count, faults: loaded.faults))]
    }

    /// Tells the pools what policies wait for, when that takes long.
    private mutating func complain(at now: Instant) -> [MachineCommand] {
        guard let startedAt, now >= startedAt + PolicyMachine.patience,
            view.isSynced(.backgroundAgentPool)
        else { return [] }
        let waiting =
            "No agent is created before the policies are known. Not yet seen: "
            + missing.joined(separator: ", ") + "."
        var commands: [MachineCommand] = []
        for pool in view.all(BackgroundAgentPool.self) {
            let namespace = view[Key<NamespaceView>(namespace: "", name: pool.metadata.namespace)]
            let tenant = AgentPodTemplate.tenant(of: pool, in: namespace)
            let template = AgentPodTemplate(pool: pool, tenant: tenant, settings: settings)
            var verdict = PoolVerdict(pool: pool.key, subject: .init(pool, template))
            verdict.waiting = waiting
            commands += tell(verdict, of: pool.key, isRoutine: false)
        }
        return commands
    }

    // MARK: - Judging

    private mutating func judge(at now: Moment) -> [MachineCommand] {
        guard let library else { return [] }
        let isRoutine = judgeAt == nil
        if isRoutine { judgeAt = now.instant + PolicyMachine.interval }
        let urgent = dirty
        let due = isRoutine ? urgent.union(verdicts.keys) : urgent
        dirty = []
        let judge = PolicyJudge(
            library: library, settings: settings, user: options.user, text: options.text)
        var commands: [MachineCommand] = []
        for key in due.sorted() {
            guard let pool = view[key] else { continue }
            let verdict = judge.verdict(on: pool, in: view, at: now.time)
            commands += tell(verdict, of: key, isRoutine: !urgent.contains(key))
        }
        return commands
    }

    /// Tells a verdict that is news. Asked as a matter of routine, a rule that words the same
    /// differently each time is none.
    private mutating func tell(
        _ verdict: PoolVerdict, of pool: PoolKey, isRoutine: Bool
    ) -> [MachineCommand] {
        if let before = verdicts[pool] {
            if before == verdict || (isRoutine && before.gist == verdict.gist) { return [] }
        }
        verdicts[pool] = verdict
        return [.publish(verdict)]
    }

    private func wake(at now: Instant) -> [MachineCommand] {
        var times = [loadAt, judgeAt].compactMap { $0 }
        if library == nil, let startedAt {
            let patience = startedAt + PolicyMachine.patience
            times.append(patience > now ? patience : now + PolicyMachine.patience)
        }
        return times.min().map { [.wake(at: max($0, now))] } ?? []
    }
}
