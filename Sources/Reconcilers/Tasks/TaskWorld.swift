public import ControlLoop
public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

/// Everything that the treatment of one task depends on.
public struct TaskWorld: Sendable, Equatable {
    /// What there is to see, by where the task is in its life.
    public enum Scene: Sendable, Equatable {
        /// It waits: what stands in its way, and its place in the queue where that is known.
        case waiting(TaskSurroundings, QueuePlace?)
        /// An attempt runs: what is known of the agent that has it.
        case running(AgentSighting)
        /// It is cut into several tasks: those of them that there are, by name.
        case divided([BackgroundTask])
        /// It has ended; other tasks may still have to see how.
        case finished(hasDependents: Bool)
    }

    /// What is known of the agent that has an attempt.
    public struct AgentSighting: Sendable, Equatable {
        /// The agent's pod; nil where there is none with the lease's UID.
        public var pod: PodView?
        /// Whether all pods have been seen, so that absence means something.
        public var arePodsSynced: Bool
        /// What the agent last said; nil where it has not called since the operator started.
        public var session: AgentSession?
        /// How long the agent may be silent.
        public var timeout: Duration
        /// Whether the pool has been stopped altogether.
        public var isPoolStopped: Bool
        /// Whether the gateway answers, and since when; nil where it does not say.
        public var gateway: GatewayPresence?
        /// How the clock on the wall was set.
        var clockSteps: [ClockStep] = []
        /// What the pool wants of results of the task's type; nil for anything.
        public var outputContract: TaskContract?
        /// How often the agent calls.
        public var heartbeat = Duration.seconds(10)
        /// Whether the agent has much to do, and another little; only looked at where the agent
        /// cannot have heard of the attempt.
        public var isBetterElsewhere = false
        /// The task of more priority for which the attempt should stop; nil where there is none.
        public var preemptor: String?

        /// A sighting by all its parts.
        public init(
            pod: PodView?, arePodsSynced: Bool = true, session: AgentSession?,
            timeout: Duration = .seconds(300), isPoolStopped: Bool = false,
            gateway: GatewayPresence? = nil
        ) {
            self.pod = pod
            self.arePodsSynced = arePodsSynced
            self.session = session
            self.timeout = timeout
            self.isPoolStopped = isPoolStopped
            self.gateway = gateway
        }
    }

    /// The task that is decided about, as the cache has it.
    public var task: BackgroundTask
    /// What there is to see.
    public var scene: Scene

    /// A world by both its parts.
    public init(task: BackgroundTask, scene: Scene) {
        self.task = task
        self.scene = scene
    }

    /// Looks at the task under `key`; nil where there is none.
    public init?(of key: Key<BackgroundTask>, in view: ClusterView) {
        guard let task = view[key] else { return nil }
        self.task = task
        if task.isFinished {
            scene = .finished(
                hasDependents: view.store(BackgroundTask.self)
                    .count(.byAwaited, key.description) > 0)
        } else if task.status.phase == .running, task.spec.fansOut {
            scene = .divided(view.owned(BackgroundTask.self, by: task.metadata.uid))
        } else if task.status.phase == .running {
            scene = .running(TaskWorld.sighting(of: task, in: view))
        } else {
            scene = .waiting(
                TaskSurroundings(of: task, in: view), QueuePlace.of(task, in: view))
        }
    }

    /// The world with its agent's times as the clock on the wall shows them now.
    func rebased(at now: Moment, _ steps: [ClockStep] = []) -> TaskWorld {
        guard case .running(var sighting) = scene else { return self }
        sighting.session = sighting.session?.rebased(at: now)
        sighting.clockSteps = steps
        let answering = sighting.gateway?.answering(at: now)
        sighting.gateway?.answeringSince = answering
        return TaskWorld(task: task, scene: .running(sighting))
    }

    /// A running task whose status names no agent, because somebody wrote it, sees none and is soon
    /// taken for lost.
    private static func sighting(
        of task: BackgroundTask, in view: ClusterView
    ) -> AgentSighting {
        let agent = task.status.agent?.uid
        let namespace =
            task.status.agent?.namespace ?? task.poolKey?.namespace ?? task.metadata.namespace
        let name = task.status.agent?.name ?? ""
        let pod = view[Key<PodView>(namespace: namespace, name: name)]
        let session = view[Key<AgentSession>(namespace: namespace, name: name)]
        let pool = task.poolKey.flatMap { view[$0] }
        var sighting = AgentSighting(
            pod: pod?.metadata.uid == agent ? pod : nil,
            arePodsSynced: view.isSynced(.pod),
            session: session?.metadata.uid == agent ? session : nil,
            timeout: .seconds(pool?.spec.agent.timeoutSeconds ?? 300),
            isPoolStopped: pool?.spec.emergencyStop ?? false,
            gateway: view[GatewayPresence.key])
        sighting.outputContract = pool?.spec.taskType(task.spec.type)?.outputSchema
        sighting.preemptor = PoolQueue.preemptor(of: task, in: view)
        guard let pool else { return sighting }
        sighting.heartbeat = .seconds(pool.spec.agent.heartbeatSeconds)
        if sighting.cannotHaveHeard(of: task) {
            sighting.isBetterElsewhere = isBetterElsewhere(task, pool, in: view)
        }
        return sighting
    }

    /// Whether the task's agent has much to do and another of its pool, that takes work, little.
    private static func isBetterElsewhere(
        _ task: BackgroundTask, _ pool: BackgroundAgentPool, in view: ClusterView
    ) -> Bool {
        var own: Rebalancing.Load?
        var others: [Rebalancing.Load] = []
        for pod in view.owned(PodView.self, by: pool.metadata.uid) {
            let session = view[
                Key<AgentSession>(namespace: pod.metadata.namespace, name: pod.metadata.name)]
            guard let session, session.metadata.uid == pod.metadata.uid else { continue }
            let load = Rebalancing.Load(
                used: view.store(BackgroundTask.self).count(.byAgent, pod.metadata.uid.text),
                slots: min(session.slots, pool.spec.slotsPerAgent))
            if pod.metadata.uid == task.status.agent?.uid {
                own = load
            } else if pod.isAvailable, !pod.isDraining, !session.isDraining,
                task.status.startTime.map({ session.lastSync > $0 }) ?? false
            {
                others.append(load)
            }
        }
        return own.map { Rebalancing.isCalledFor(from: $0, to: others) } ?? false
    }
}

extension TaskWorld.AgentSighting {
    /// Whether the agent cannot know of the task's attempt: its last call was over before the
    /// attempt was given to it, and it has not called since. It may call at any moment.
    func cannotHaveHeard(of task: BackgroundTask, at steps: [ClockStep] = [], now: Timestamp? = nil)
        -> Bool
    {
        guard let session, let lease = task.lease, session.report(on: lease) == nil,
            let given = task.status.startTime
        else { return false }
        let began = now.map { steps.rebased(given, at: $0) } ?? given
        let answering = gateway.map(\.answeringSince) ?? session.lastSync
        guard let answering, answering <= session.lastSync else { return false }
        return session.lastSync + LeaseProjection.callMax < began
    }
}
