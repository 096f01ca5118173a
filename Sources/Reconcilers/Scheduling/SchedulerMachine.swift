public import ControlLoop
public import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// Makes the edge to `Running`: feeds the engine with what the cache shows, and turns each of its
/// decisions into one status write with the task's version as its precondition.
///
/// The status write is the lease: an agent sees it only once the server has stored it. Nothing here
/// has to survive a restart; the next process builds the same queue from the same tasks.
public struct SchedulerMachine: PlanningMachine {
    /// How assignments are made and told.
    public struct Settings: Hashable, Sendable {
        /// How many assignments may be on their way to the server at once.
        public var inFlightMax = 128
        /// How long a task whose assignment failed is left alone, at first.
        public var failureDelay = Duration.seconds(1)
        /// How long it is left alone at most.
        public var failureDelayMax = Duration.seconds(30)
        /// How often agents are checked for silence.
        public var sessionCheck = Duration.seconds(5)
        /// How often the heads of queues are told at most.
        public var queueReport = Duration.seconds(1)

        /// The defaults.
        public init() {}
    }

    /// An assignment that the cache does not show yet. Its slot is taken for as long.
    struct Pending: Sendable {
        enum Stage: Sendable {
            /// On its way to the server.
            case written
            /// Stored by the server at this version.
            case stored(ResourceVersion)
            /// Perhaps stored. It is written again at this time, unless the task's version has
            /// changed by then: the precondition keeps it from happening twice.
            case doubtful(until: Timestamp)
        }

        let assignment: Assignment
        let task: UID
        let version: ResourceVersion
        var stage = Stage.written
        var failures = 0
    }

    /// A task that is left alone after the server refused its assignment.
    struct Hold: Sendable {
        /// The version with which it was refused; a later one lifts the hold.
        let version: ResourceVersion
        var until: Timestamp
        var failures: Int
    }

    /// What an agent's pod was last offered as.
    struct KnownAgent: Sendable {
        let uid: UID
        var offer: AgentOffer
    }

    /// The name in metrics and logs.
    public static let name = "scheduler"

    let settings: Settings
    var engine: SchedulingEngine
    var view = ClusterView()
    var hasStarted = false
    var isLeading = false
    var nextToken: UInt64 = 1
    var tokens: [PlanToken: Key<BackgroundTask>] = [:]
    var pending: [Key<BackgroundTask>: Pending] = [:]
    var holds: [Key<BackgroundTask>: Hold] = [:]
    var repeats: [Key<BackgroundTask>] = []
    var due = DueTimes<Key<BackgroundTask>>()
    var agents: [Key<PodView>: KnownAgent] = [:]
    var podOfAgent: [UID: Key<PodView>] = [:]
    var experience: [UID: AgentExperience] = [:]
    /// Agents that hold attempts which the cache does not show them to have.
    var burdened: Set<UID> = []
    /// Agents for one attempt that have had it.
    var used: Set<UID> = []
    var lastSessionCheck: Timestamp?
    /// Pools in which tasks may be asked to give way to others.
    var preempting: Set<Key<BackgroundAgentPool>> = []
    var reports: [Key<BackgroundAgentPool>: PoolQueue] = [:]
    var unreported: Set<Key<BackgroundAgentPool>> = []
    var lastReport: Timestamp?
    /// When pools gave out tasks, by second since 1970, for the last ten of them.
    var starts: [Key<BackgroundAgentPool>: [Int64: Int]] = [:]
    var lastStarts: [Key<BackgroundAgentPool>: Timestamp] = [:]
    var armed: Instant?
    /// The moment of the input that is being taken.
    var moment: Moment?

    /// A machine that knows nothing yet.
    public init(settings: Settings = Settings(), agingSeconds: Int = 30) {
        self.settings = settings
        engine = SchedulingEngine(agingSeconds: agingSeconds)
    }

    /// Reads tasks, pools, pods and namespaces; writes statuses of tasks.
    public static var access: Access {
        Access(
            reads: [.backgroundTask, .backgroundAgentPool, .pod, .namespace],
            writes: [.status(.backgroundTask)])
    }

    /// Tasks, pools, pods, namespaces and the sessions of agents.
    public var watched: [any ClusterObject.Type] {
        [
            BackgroundTask.self, BackgroundAgentPool.self, PodView.self, NamespaceView.self,
            AgentSession.self,
        ]
    }

    /// Takes one input and returns the assignments that follow from it.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        engine.advance(to: now.time.nanoseconds)
        noticeClock(moment, at: now)
        moment = now
        switch input {
        case .changed(let changes, let view):
            self.view = view
            if hasStarted {
                for change in changes { take(change, at: now.time) }
            } else {
                start(at: now.time)
            }
        case .finished(let token, let outcome): finish(token, outcome, at: now.time)
        case .leadership(let leadership): isLeading = leadership != nil
        case .timer: armed = nil
        }
        guard hasStarted else { return [] }
        for key in due.take(at: now.time) { refresh(task: key, at: now.time) }
        checkSessions(at: now.time)
        return writeAgain(at: now.time) + decide(at: now) + report(at: now.time) + arm(at: now)
    }

    /// Whether every kind has been seen whole: until then absence means nothing, and no slot can be
    /// known to be free.
    private var isSynced: Bool {
        [ResourceType.backgroundTask, .backgroundAgentPool, .pod].allSatisfy(view.isSynced)
    }

    private mutating func start(at now: Timestamp) {
        guard isSynced else { return }
        hasStarted = true
        refreshTenants()
        for pool in view.all(BackgroundAgentPool.self) { refresh(pool: pool.key) }
        for task in view.all(BackgroundTask.self) {
            learn(from: nil, to: task)
            refresh(task: task.key, at: now)
        }
        for pod in view.all(PodView.self) { refresh(pod: pod.key, at: now) }
    }

    private mutating func take(_ change: AnyChange, at now: Timestamp) {
        if let change = change.of(BackgroundTask.self) {
            take(change, at: now)
        } else if let change = change.of(BackgroundAgentPool.self) {
            take(change, at: now)
        } else if let change = change.of(PodView.self) {
            refresh(pod: change.key, at: now)
        } else if let change = change.of(AgentSession.self) {
            refresh(
                pod: Key(namespace: change.key.namespace, name: change.key.name), at: now)
        } else if let change = change.of(NamespaceView.self) {
            take(change, at: now)
        }
    }

    /// One wake-up for everything that waits for a time.
    private mutating func arm(at now: Moment) -> [MachineCommand] {
        var times = [due.next].compactMap { $0 }
        if !agents.isEmpty, let lastSessionCheck {
            times.append(lastSessionCheck + settings.sessionCheck)
        }
        if !unreported.isEmpty || !contested.isEmpty, let lastReport {
            times.append(lastReport + settings.queueReport)
        }
        guard let next = times.min() else { return [] }
        let instant = now.instant(at: next)
        if let armed, armed <= instant { return [] }
        armed = instant
        return [.wake(at: instant)]
    }
}
