import ControlLoop
public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

/// Everything that a decision about a pool depends on.
public struct PoolWorld: Sendable, Equatable {
    /// An agent as the cluster and its own calls show it.
    public struct Agent: Sendable, Equatable {
        /// The pod.
        public var pod: PodView
        /// What the agent last said; nil where it has not called since the operator started.
        public var session: AgentSession?
        /// Attempts that the cluster says it has.
        public var leases: Int
        /// Since when it has had one of them; nil where it has none.
        public var busySince: Timestamp?
        /// Tasks that it has, or has had, and that are still there.
        public var served: Int
        /// Whether it has had as many attempts as the pool lets one have.
        public var isWorn: Bool
        /// Since when the pod has been seen as it is; nil in models, where all clocks are one.
        var sighting: PodSighting?

        /// An agent by all its parts.
        public init(
            pod: PodView, session: AgentSession? = nil, leases: Int = 0,
            busySince: Timestamp? = nil, served: Int = 0, isWorn: Bool = false
        ) {
            self.pod = pod
            self.session = session
            self.leases = leases
            self.busySince = busySince
            self.served = served
            self.isWorn = isWorn
        }
    }

    /// An object beside the agents, under a name that the pool would use.
    public struct Object: Sendable, Equatable {
        /// Which object.
        public var reference: ObjectRef
        /// Its controller; nil where it has none.
        public var owner: UID?
        /// What belongs to it besides metadata.
        public var content: JSONObject
    }

    /// The tasks of the pool, counted.
    public struct Backlog: Sendable, Equatable {
        /// Tasks that could run at once.
        public var queued = 0
        /// Tasks that wait for others or for a time.
        public var blocked = 0
        /// Tasks that run.
        public var running = 0
        /// Tasks that succeeded and have not been deleted.
        public var succeeded = 0
        /// Tasks that failed and have not been deleted.
        public var failed = 0
        /// Seconds of work that the queued tasks are thought to be.
        public var queuedSeconds = 0
        /// Since when the oldest queued task has waited; nil where there is none, or where there
        /// are too many to look at.
        public var oldestQueued: Timestamp?

        /// No tasks.
        public init() {}
    }

    /// The pool.
    public var pool: BackgroundAgentPool
    /// The pods that the pool controls, by name. Controlled means by UID: labels prove nothing.
    public var agents: [Agent]
    /// The objects beside the agents: what they may reach, use up and run as.
    public var objects: [Object]
    /// The agent indexes whose names pods have, ours or others', ascending.
    public var takenIndexes: [Int]
    /// The tasks of the pool.
    public var backlog: Backlog
    /// The tenant that the namespace's label names.
    public var namespaceTenant: String?
    /// Whether all tasks have been seen: before that their number says nothing.
    public var isBacklogKnown = true
    /// Whether tasks cannot be followed for a while: then their number is one of the past.
    public var isBacklogStale = false
    /// Tasks that have ended since the pool was made, as far as was counted.
    public var totals = BackgroundAgentPoolStatus.Totals()
    /// How well the pool does, for its status; nil where nothing is known.
    public var performance: BackgroundAgentPoolStatus.Performance?
    /// Whether the gateway answers, and since when; nil where it does not say.
    public var gateway: GatewayPresence?
    /// The certificates that agents should check the gateway's with; nil for those of the settings.
    public var roots: String?
    /// The certificates that agents check the gateway's with, as the pool's ConfigMap has them.
    public var authority: AuthorityView?
    /// What policies say about the agents that the pool would create; nil where nobody has judged
    /// them.
    public var verdict: PoolVerdict?

    /// What is known of the pool's persona files; nil where nobody has read them.
    public var personas: PoolPersonas?

    /// A pool alone. For tests and models.
    public init(pool: BackgroundAgentPool) {
        self.pool = pool
        agents = []
        objects = []
        takenIndexes = []
        backlog = Backlog()
    }
}

extension PoolWorld {
    /// The world with its times as the clock on the wall shows them now.
    func rebased(at now: Moment, _ steps: [ClockStep] = []) -> PoolWorld {
        var result = self
        if let asked = pool.metadata.deletionTime {
            result.pool.metadata.deletionTime = steps.rebased(asked, at: now.time)
        }
        for index in result.agents.indices {
            let pod = agents[index].pod.rebased(steps, at: now.time)
            result.agents[index].pod =
                agents[index].sighting.map { pod.timed(by: $0, at: now) } ?? pod
            result.agents[index].session = result.agents[index].session?.rebased(at: now)
        }
        return result
    }

    /// The queued tasks that are looked at one by one; where there are more, they are only counted.
    static let examinedMax = 256
    /// The seconds that a task is thought to take that says nothing and of whose type nothing has
    /// been learned.
    static let assumedSeconds = 60

    /// Copies out of the cache what concerns the pool.
    init?(_ key: Key<BackgroundAgentPool>, in view: ClusterView) {
        guard let pool = view[key] else { return nil }
        self.init(pool: pool)
        let worn = Set(PoolQueue.of(key, in: view)?.wornAgents ?? [])
        for pod in view.owned(PodView.self, by: pool.metadata.uid)
        where pod.metadata.namespace == key.namespace {
            let session = view[Key<AgentSession>(namespace: key.namespace, name: pod.metadata.name)]
            let tasks = view.select(Index<BackgroundTask>.byAgent, pod.metadata.uid.text)
            var agent = Agent(
                pod: pod, session: session?.metadata.uid == pod.metadata.uid ? session : nil,
                leases: tasks.count,
                busySince: tasks.compactMap(\.status.startTime).min(),
                served: view.store(BackgroundTask.self)
                    .count(.byServed, pod.metadata.uid.text),
                isWorn: worn.contains(pod.metadata.uid))
            // What has not been noted yet has only just been seen.
            if view.knows(PodSighting.type) {
                agent.sighting =
                    view[Key<PodSighting>(namespace: key.namespace, name: pod.metadata.name)]
                    ?? .unseen
            }
            agents.append(agent)
        }
        objects =
            PoolWorld.objects(NetworkPolicyView.self, of: pool, in: view)
            + PoolWorld.objects(ResourceQuotaView.self, of: pool, in: view)
            + PoolWorld.objects(DisruptionBudgetView.self, of: pool, in: view)
            + PoolWorld.objects(ServiceAccountView.self, of: pool, in: view)
        takenIndexes = PoolWorld.takenIndexes(pool, in: view)
        backlog = PoolWorld.backlog(key, in: view)
        isBacklogKnown = view.isSynced(.backgroundTask)
        isBacklogStale = view.isStale(.backgroundTask)
        let statistics = PoolStatistics.of(key, in: view)
        performance = statistics?.performance
        totals.succeeded = statistics?.experience.totals.succeeded ?? 0
        totals.failed = statistics?.experience.totals.failed ?? 0
        totals.retried = statistics?.experience.totals.retried ?? 0
        let namespace = view[Key<NamespaceView>(namespace: "", name: key.namespace)]
        namespaceTenant = namespace?.metadata.labels[SwiftletNames.Label.tenant]
        gateway = view[GatewayPresence.key]
        roots = view[GatewayRoots.key]?.certificates
        verdict = PoolVerdict.of(key, in: view)
        personas = PoolPersonas.of(key, in: view)
        authority =
            view[
                Key<AuthorityView>(
                    namespace: key.namespace, name: AgentPodTemplate.authorityName(of: key))]
    }

    /// What the pool controls of a kind, and what has a name that it would use.
    private static func objects<View: PoolObjectView>(
        _ type: View.Type, of pool: BackgroundAgentPool, in view: ClusterView
    ) -> [Object] {
        let names = ["agent", "agents", "quota", "objects", "busy"].map {
            AgentPodTemplate.objectName(of: pool.key, $0)
        }
        var found = view.owned(View.self, by: pool.metadata.uid).filter {
            $0.metadata.namespace == pool.metadata.namespace
        }
        for name in names {
            guard let object = view[Key<View>(namespace: pool.metadata.namespace, name: name)],
                object.metadata.controller?.uid != pool.metadata.uid
            else { continue }
            found.append(object)
        }
        return found.map {
            Object(
                reference: $0.reference, owner: $0.metadata.controller?.uid, content: $0.content)
        }
    }

    /// Looks at the names of as many agents as the pool could ever want at once.
    private static func takenIndexes(
        _ pool: BackgroundAgentPool, in view: ClusterView
    ) -> [Int] {
        let spec = pool.spec
        let most = max(spec.replicas, spec.autoscaling.maxReplicas)
        var free = most + spec.update.maxSurge.resolved(of: most, roundingUp: true) + 1
        var taken: [Int] = []
        var index = 0
        while free > 0 && index < 4 * Bounds.replicas.upperBound {
            let name = AgentPodTemplate.name(of: pool, index: index)
            if view[Key<PodView>(namespace: pool.metadata.namespace, name: name)] != nil {
                taken.append(index)
            } else {
                free -= 1
            }
            index += 1
        }
        return taken
    }

    private static func backlog(
        _ key: Key<BackgroundAgentPool>, in view: ClusterView
    ) -> Backlog {
        let tasks = view.store(BackgroundTask.self)
        func count(_ phases: TaskPhase...) -> Int {
            phases.reduce(0) {
                $0 + tasks.count(.byPoolPhase, Index<BackgroundTask>.poolPhase(key, $1))
            }
        }
        let learned = PoolStatistics.of(key, in: view)?.experience
        let typical = learned?.runs.meanMilliseconds.map { max(1, ($0 + 999) / 1_000) }
        var backlog = Backlog()
        backlog.queued = count(.pending, .queued)
        backlog.blocked = count(.blocked, .scheduled)
        backlog.running = count(.running)
        backlog.succeeded = count(.succeeded)
        backlog.failed = count(.failed)
        backlog.queuedSeconds = backlog.queued * (typical ?? assumedSeconds)
        guard backlog.queued <= examinedMax else { return backlog }
        backlog.queuedSeconds = 0
        for phase in [TaskPhase.pending, .queued] {
            let place = Index<BackgroundTask>.poolPhase(key, phase)
            for task in tasks.select(.byPoolPhase, place) {
                backlog.queuedSeconds +=
                    task.spec.estimatedDurationSeconds
                    ?? learned?.expected(type: task.spec.type)?.seconds ?? assumedSeconds
                let since =
                    task.status.lastQueuedTime ?? task.status.queuedTime
                    ?? task.metadata.creationTime
                backlog.oldestQueued = backlog.oldestQueued.map { min($0, since) } ?? since
            }
        }
        return backlog
    }
}
