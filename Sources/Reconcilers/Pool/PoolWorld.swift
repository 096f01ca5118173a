import ControlLoop
public import KubernetesCore
public import SwiftletAPI

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

        /// An agent by all its parts.
        public init(pod: PodView, session: AgentSession? = nil, leases: Int = 0) {
            self.pod = pod
            self.session = session
            self.leases = leases
        }
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
    /// The agent indexes whose names pods have, ours or others', ascending.
    public var takenIndexes: [Int]
    /// The tasks of the pool.
    public var backlog: Backlog
    /// The tenant that the namespace's label names.
    public var namespaceTenant: String?
    /// Whether the gateway answers, and since when; nil where it does not say.
    public var gateway: GatewayPresence?
    /// The certificates that agents check the gateway's with, as the pool's ConfigMap has them.
    public var authority: AuthorityView?

    /// A pool alone. For tests and models.
    public init(pool: BackgroundAgentPool) {
        self.pool = pool
        agents = []
        takenIndexes = []
        backlog = Backlog()
    }
}

extension PoolWorld {
    /// The queued tasks that are looked at one by one; where there are more, they are only counted.
    static let examinedMax = 256
    /// The seconds that a task is thought to take that says nothing.
    static let assumedSeconds = 60

    /// Copies out of the cache what concerns the pool.
    init?(_ key: Key<BackgroundAgentPool>, in view: ClusterView) {
        guard let pool = view[key] else { return nil }
        self.init(pool: pool)
        for pod in view.owned(PodView.self, by: pool.metadata.uid)
        where pod.metadata.namespace == key.namespace {
            let session = view[Key<AgentSession>(namespace: key.namespace, name: pod.metadata.name)]
            agents.append(
                Agent(
                    pod: pod, session: session?.metadata.uid == pod.metadata.uid ? session : nil,
                    leases: view.store(BackgroundTask.self).count(
                        .byAgent, pod.metadata.uid.text)))
        }
        takenIndexes = PoolWorld.takenIndexes(pool, in: view)
        backlog = PoolWorld.backlog(key, in: view)
        let namespace = view[Key<NamespaceView>(namespace: "", name: key.namespace)]
        namespaceTenant = namespace?.metadata.labels[SwiftletNames.Label.tenant]
        gateway = view[GatewayPresence.key]
        authority =
            view[
                Key<AuthorityView>(
                    namespace: key.namespace, name: AgentPodTemplate.authorityName(of: key))]
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
        var backlog = Backlog()
        backlog.queued = count(.pending, .queued)
        backlog.blocked = count(.blocked, .scheduled)
        backlog.running = count(.running)
        backlog.succeeded = count(.succeeded)
        backlog.failed = count(.failed)
        backlog.queuedSeconds = backlog.queued * assumedSeconds
        guard backlog.queued <= examinedMax else { return backlog }
        backlog.queuedSeconds = 0
        for phase in [TaskPhase.pending, .queued] {
            let place = Index<BackgroundTask>.poolPhase(key, phase)
            for task in tasks.select(.byPoolPhase, place) {
                backlog.queuedSeconds += task.spec.estimatedDurationSeconds ?? assumedSeconds
                let since =
                    task.status.lastQueuedTime ?? task.status.queuedTime
                    ?? task.metadata.creationTime
                backlog.oldestQueued = backlog.oldestQueued.map { min($0, since) } ?? since
            }
        }
        return backlog
    }
}
