import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// A pool in a small model of a cluster: what plans do to it, and what happens around it.
struct PoolModel {
    static let start = Timestamp(seconds: 1_800_000_000)
    static let settings = AgentPodSettings(
        runnerImage: "swiftlet/agent:1", gatewayURL: "https://10.0.0.7:8443",
        gatewayServerName: "swiftlet-gateway", gatewayCA: "PEM", audience: "swiftlet-gateway")

    var pool: BackgroundAgentPool
    var pods: [String: PodView] = [:]
    var sessions: [String: AgentSession] = [:]
    var tasks: [String: BackgroundTask] = [:]
    var authority: AuthorityView?
    /// Objects beside the agents, by name.
    var objects: [String: any PoolObjectView] = [:]
    var patches: [(name: String, patch: JSONValue)] = []
    var namespaceLabels: [String: String] = [:]
    /// What policies say about the agents, where anybody judges them.
    var verdict: PoolVerdict?
    var awaitsPolicies = false
    /// What is known of the pool's persona files, where anybody reads them.
    var personas: PoolPersonas?
    /// The roots that agents should be given now, where they are not those of the settings.
    var roots: String?
    var now = PoolModel.start
    var startedAt = PoolModel.start
    var lastFailure: WriteFailure?
    var refusesCreates = false
    /// Whether tasks cannot be followed for a while.
    var areTasksStale = false
    /// Names that pods hold which the operator's cache does not show.
    var hiddenNames: Set<String> = []
    var isGone = false
    var notes: [Note] = []
    var statusWrites = 0
    private var serial = 0

    init(_ change: (inout BackgroundAgentPoolSpec) -> Void = { _ in }) {
        var spec = BackgroundAgentPoolSpec(
            template: ["spec": ["containers": [["name": "agent", "image": "qa:1"]]]])
        spec.autoscaling.enabled = false
        spec.replicas = 3
        change(&spec)
        pool = BackgroundAgentPool(
            metadata: ObjectMeta(
                name: "qa", namespace: "team", uid: UID("pool-uid"),
                resourceVersion: ResourceVersion("1"), generation: 1, creationTime: now),
            spec: spec)
    }

    // MARK: - Planning

    var view: ClusterView {
        var objects: [any ClusterObject] = isGone ? [] : [pool]
        objects += pods.values.map { $0 as any ClusterObject }
        objects += sessions.values.map { $0 as any ClusterObject }
        objects += tasks.values.map { $0 as any ClusterObject }
        objects.append(
            NamespaceView(metadata: ObjectMeta(name: "team", labels: namespaceLabels)))
        if let authority { objects.append(authority) }
        objects += self.objects.values.map { $0 as any ClusterObject }
        if let verdict { objects.append(verdict) }
        if let personas { objects.append(personas) }
        if let roots { objects.append(GatewayRoots(certificates: roots)) }
        if areTasksStale { objects.append(StaleKind(.backgroundTask)) }
        return .of(objects)
    }

    func plan() -> Plan {
        let reconciler = PoolReconciler(
            settings: PoolModel.settings, awaitsPolicies: awaitsPolicies)
        guard let world = reconciler.observe(pool.key, in: view) else { return .idle }
        return reconciler.plan(world, context)
    }

    var context: PlanContext {
        PlanContext(
            now: Moment(
                instant: Instant(nanoseconds: (now - PoolModel.start).nanoseconds), time: now),
            startedAt: startedAt, lastFailure: lastFailure)
    }

    /// Carries a plan out as the applier does; false where a step was refused.
    @discardableResult
    mutating func apply(_ plan: Plan) throws -> Bool {
        for step in plan.steps {
            for action in step {
                if hiddenNames.contains(action.target.name) {
                    lastFailure = WriteFailure(
                        .terminal, target: action.target, code: 409, reason: "AlreadyExists",
                        message: "pods \"x\" already exists")
                    return false
                }
                guard try apply(action) else {
                    lastFailure = WriteFailure(
                        .terminal, target: action.target, code: 403, reason: "Forbidden",
                        message: "pods \"x\" is forbidden: exceeded quota: team")
                    return false
                }
            }
        }
        lastFailure = nil
        try writeStatus(plan)
        notes += plan.notes
        return true
    }

    /// Writes only a plan's status, as the machine does to report a failure.
    mutating func writeStatus(_ plan: Plan) throws {
        guard let status = plan.status, status.difference != nil else { return }
        statusWrites += 1
        pool.status = try BackgroundAgentPoolStatus(
            reading: JSONDocument(parsing: status.desired.encoded()).root)
    }

    private mutating func apply(_ action: Action) throws -> Bool {
        switch action {
        case .create(let object, .pod):
            if refusesCreates { return false }
            try create(object)
        case .create(let object, let type) where type != .configMap:
            objects[action.target.name] = try read(object, type)
        case .delete(let target, _) where target.type != .pod: objects[target.name] = nil
        case .patch(let target, let patch, _, _) where objects[target.name] != nil:
            patches.append((target.name, patch))
        case .create(let object, _):
            authority = try AuthorityView(
                reading: JSONDocument(parsing: object.encoded()).root)
        case .delete(let target, let grace): delete(target, grace)
        case .patch(let target, let patch, _, _):
            if target.type == .backgroundAgentPool {
                pool.metadata.finalizers =
                    patch[path: ["metadata", "finalizers"]]?.array?.compactMap(\.string) ?? []
                if pool.metadata.isDeleting, pool.metadata.finalizers.isEmpty { vanish() }
            } else if let mark = patch[path: ["metadata", "annotations"]] {
                let key = SwiftletNames.Annotation.draining
                pods[target.name]?.metadata.annotations[key] = mark[key]?.string
            }
        case .apply: Issue.record("a pool applies nothing")
        }
        return true
    }

    private func read(_ object: JSONValue, _ type: ResourceType) throws -> any PoolObjectView {
        let document = try JSONDocument(parsing: object.encoded())
        switch type {
        case .networkPolicy: return try NetworkPolicyView(reading: document.root)
        case .resourceQuota: return try ResourceQuotaView(reading: document.root)
        case .podDisruptionBudget: return try DisruptionBudgetView(reading: document.root)
        default: return try ServiceAccountView(reading: document.root)
        }
    }

    private mutating func create(_ object: JSONValue) throws {
        var pod = try PodView(reading: JSONDocument(parsing: object.encoded()).root)
        guard pods[pod.metadata.name] == nil else { return }
        serial += 1
        pod.metadata.uid = UID("pod-\(serial)")
        pod.metadata.creationTime = Timestamp(seconds: now.seconds)
        pods[pod.metadata.name] = pod
    }

    private mutating func delete(_ target: ObjectRef, _ grace: Int?) {
        guard let pod = pods[target.name], pod.metadata.uid == target.uid else { return }
        let seconds = grace ?? 60
        if pod.node == nil || pod.phase.isTerminal || seconds == 0 {
            end(target.name)
        } else if !pod.isDeleting {
            pods[target.name]?.metadata.deletionTime = now + .seconds(seconds)
            pods[target.name]?.metadata.deletionGraceSeconds = seconds
        }
    }

    private mutating func vanish() {
        isGone = true
        for name in pods.keys.sorted() where owns(name) { end(name) }
    }

    func owns(_ name: String) -> Bool {
        pods[name]?.metadata.controller?.uid == pool.metadata.uid
    }

    // MARK: - What happens around it

    /// The pod goes, and its tasks with it back to the queue.
    mutating func end(_ name: String) {
        let uid = pods[name]?.metadata.uid
        pods[name] = nil
        sessions[name] = nil
        for key in tasks.keys.sorted() where tasks[key]?.status.agent?.uid == uid {
            tasks[key]?.status.phase = .queued
            tasks[key]?.status.agent = nil
        }
    }

    /// A node takes the pod, it becomes ready, and its runner calls.
    mutating func bringUp(_ name: String) {
        guard pods[name]?.isDeleting == false, pods[name]?.phase.isTerminal == false else { return }
        pods[name]?.node = "node-1"
        pods[name]?.phase = .running
        pods[name]?.isReady = true
        call(name)
    }

    /// The agent calls.
    mutating func call(_ name: String) {
        guard let pod = pods[name], pod.isReady else { return }
        sessions[name] = AgentSession(
            podUID: pod.metadata.uid,
            request: SyncRequest(
                namespace: "team", pod: name, instance: "i", sequence: 1,
                slots: pool.spec.slotsPerAgent), at: now)
    }

    /// Gives an agent a task, as the scheduler does: never one that is marked.
    mutating func assign(_ task: String, to name: String) {
        guard let pod = pods[name], pod.isAvailable, !pod.isDraining, sessions[name] != nil else {
            return
        }
        add(task)
        tasks[task]?.status.phase = .running
        tasks[task]?.status.attempt = 1
        tasks[task]?.status.agent = BackgroundTaskStatus.Agent(name: name, uid: pod.metadata.uid)
    }

    /// Adds a task that waits for an agent.
    mutating func add(_ name: String) {
        guard tasks[name] == nil else { return }
        var spec = BackgroundTaskSpec()
        spec.poolRef = BackgroundTaskSpec.PoolReference(name: "qa")
        var task = BackgroundTask(
            metadata: ObjectMeta(name: name, namespace: "team", uid: UID(name), creationTime: now),
            spec: spec)
        task.status.phase = .queued
        tasks[name] = task
    }

    mutating func finish(_ task: String) {
        tasks[task]?.status.phase = .succeeded
        tasks[task]?.status.agent = nil
    }

    /// Pods that are being deleted go when their grace is over.
    mutating func sweep() {
        for (name, pod) in pods.sorted(by: { $0.key < $1.key }) {
            if let deadline = pod.metadata.deletionTime, now >= deadline { end(name) }
        }
    }

    /// Everything goes well until nothing has to be done any more.
    mutating func settle(_ rounds: Int = 60) throws {
        for _ in 0..<rounds {
            if isGone { return }
            let plan = plan()
            let isIdle = plan.isIdle
            try apply(plan)
            for name in names {
                if pods[name]?.isReady == true { call(name) } else { bringUp(name) }
            }
            if isIdle && self.plan().isIdle && !pods.values.contains(where: \.isDeleting) {
                let next = self.plan().wake ?? now
                if next > now + .seconds(20) { return }
            }
            now = now + .seconds(5)
            sweep()
        }
    }

    var names: [String] { pods.keys.sorted() }

    var live: [PodView] {
        names.compactMap { pods[$0] }.filter { !$0.isDeleting && !$0.phase.isTerminal }
    }

    func creates(_ plan: Plan) -> [String] {
        plan.actions.compactMap {
            if case .create(_, .pod) = $0 { $0.target.name } else { nil }
        }
    }

    func deletes(_ plan: Plan) -> [String] {
        plan.actions.compactMap { if case .delete = $0 { $0.target.name } else { nil } }
    }
}
