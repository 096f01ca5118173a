import AgentProtocol
public import KubernetesCore
import SwiftletAPI

/// Where an agent stands: the one answer on which every decision about it rests.
public enum AgentStanding: Hashable, Sendable {
    /// Its end was asked for.
    case terminating
    /// Its end was asked for and is long overdue: its node does not answer.
    case stranded
    /// Its pod has ended by itself. `isFault` where something about the agent is to blame, not
    /// something around it such as an eviction.
    case ended(reason: String, isFault: Bool)
    /// No node has taken it yet; it is kept and waits.
    case unscheduled(reason: String)
    /// It has until this time to become ready.
    case starting(until: Timestamp, trouble: String?)
    /// It did not become ready in time.
    case stalled(reason: String)
    /// It was well before the operator started and has until this time to call again.
    case silent(until: Timestamp, tasks: Int)
    /// It called, is well and has nothing to do.
    case idle
    /// It called, is well and has tasks.
    case busy(tasks: Int)
    /// It gets no more tasks.
    case draining(tasks: Int)
    /// It has not called for longer than it may.
    case lost(tasks: Int)
}

extension AgentStanding {
    /// How long after its deadline a deletion counts as overdue.
    static let overdue = Duration.seconds(30)

    /// Reasons of ended pods that are not the agent's fault.
    private static let outsideReasons: Set<String> = [
        "Evicted", "NodeAffinity", "NodeLost", "NodeShutdown", "OutOfcpu",
        "OutOfephemeral-storage", "OutOfmemory", "OutOfpods", "Preempting", "Shutdown",
        "Terminated", "UnexpectedAdmissionError",
    ]

    /// Where `agent` of `pool` stands at `now`, in an operator that started at `startedAt` and
    /// whose gateway has answered since `listening`.
    static func of(
        _ agent: PoolWorld.Agent, in pool: BackgroundAgentPool, at now: Timestamp,
        startedAt: Timestamp, listening: Timestamp?
    ) -> AgentStanding {
        let pod = agent.pod
        if let deadline = pod.metadata.deletionTime {
            return now > deadline + overdue ? .stranded : .terminating
        }
        if pod.phase.isTerminal {
            let reason = pod.reason ?? pod.troubledContainer?.word ?? pod.phase.rawValue
            return .ended(
                reason: reason,
                isFault: !outsideReasons.contains(reason) && !pod.isDisruptionTarget)
        }
        let tasks = agent.tasks
        let timeout = Duration.seconds(pool.spec.agent.timeoutSeconds)
        if let session = agent.session {
            // Without a gateway nobody can call: silence then says nothing about the agent.
            if let listening, now >= max(session.lastSync, listening) + timeout {
                return .lost(tasks: tasks)
            }
            if pod.isDraining || session.isDraining { return .draining(tasks: tasks) }
            if tasks > 0 { return .busy(tasks: tasks) }
            return pod.isReady ? .idle : starting(pod, pool, now, startedAt)
        }
        if tasks > 0 || (pod.isReady && wasWell(pod, pool)) {
            guard let listening, now >= max(listening, startedAt) + timeout else {
                return .silent(until: max(listening ?? now, startedAt) + timeout, tasks: tasks)
            }
            return .lost(tasks: tasks)
        }
        guard pod.node != nil else {
            return .unscheduled(reason: pod.unschedulableMessage ?? "waits for a node")
        }
        return starting(pod, pool, now, startedAt)
    }

    private static func wasWell(_ pod: PodView, _ pool: BackgroundAgentPool) -> Bool {
        let before = pool.status.agents.first { $0.name == pod.metadata.name }
        return before.map { [.idle, .busy, .draining].contains($0.state) } ?? false
    }

    private static func starting(
        _ pod: PodView, _ pool: BackgroundAgentPool, _ now: Timestamp, _ startedAt: Timestamp
    ) -> AgentStanding {
        let since =
            [
                pod.metadata.creationTime, pod.scheduledTime, startedAt,
                pod.isReady ? nil : pod.readyChangeTime,
            ].compactMap { $0 }.max() ?? startedAt
        let deadline = since + .seconds(pool.spec.agent.startupTimeoutSeconds)
        let trouble = pod.troubledContainer?.word
        guard now >= deadline else { return .starting(until: deadline, trouble: trouble) }
        return .stalled(reason: trouble ?? (pod.isReady ? "NeverCalled" : "NotReady"))
    }

    /// Whether the agent is there and not on its way out.
    var isPresent: Bool {
        switch self {
        case .terminating, .stranded, .ended: false
        case .unscheduled, .starting, .stalled, .silent, .idle, .busy, .draining, .lost: true
        }
    }

    /// Whether its processes may still run: what bounds of the pool are about.
    var mayRun: Bool {
        switch self {
        case .stranded, .ended: false
        default: true
        }
    }

    /// Whether it has to be replaced.
    var isBroken: Bool {
        switch self {
        case .ended, .stalled, .lost: true
        default: false
        }
    }

    /// Whether it can take tasks, or works on some.
    var isReady: Bool {
        switch self {
        case .idle, .busy, .silent: true
        case .draining(let tasks): tasks > 0
        default: false
        }
    }

    /// Whether it can take tasks now or when it has worked off some.
    var isAvailable: Bool {
        switch self {
        case .idle, .busy, .silent: true
        default: false
        }
    }

    /// Tasks that it works on.
    var tasks: Int {
        switch self {
        case .busy(let tasks), .draining(let tasks), .lost(let tasks), .silent(_, let tasks): tasks
        default: 0
        }
    }

    /// When it stands elsewhere although nothing changes; nil where it does not.
    var deadline: Timestamp? {
        switch self {
        case .starting(let until, _), .silent(let until, _): until
        default: nil
        }
    }

    /// The state and the one word about it that people see.
    var shown: (state: BackgroundAgentPoolStatus.Agent.State, health: String) {
        switch self {
        case .terminating: (.draining, "Terminating")
        case .stranded: (.failed, "NodeLost")
        case .ended(let reason, _): (.failed, reason)
        case .unscheduled: (.starting, "Unschedulable")
        case .starting(_, let trouble): (.starting, trouble ?? "Starting")
        case .stalled(let reason): (.failed, reason)
        case .silent(_, let tasks): (tasks > 0 ? .busy : .idle, "Silent")
        case .idle: (.idle, "Healthy")
        case .busy: (.busy, "Healthy")
        case .draining: (.draining, "Healthy")
        case .lost: (.unhealthy, "HeartbeatMissed")
        }
    }
}

extension PoolWorld.Agent {
    /// The pod's name.
    var name: String { pod.metadata.name }

    /// Tasks that it works on: what the cluster says, or what it says itself, whichever is more.
    var tasks: Int {
        max(leases, session?.reports.count { $0.state == .running } ?? 0)
    }
}

extension PodContainerView {
    /// Why it does not run, in one word.
    var word: String {
        switch state {
        case .waiting(let reason, _): reason.isEmpty ? "Waiting" : reason
        case .running: "Running"
        case .terminated(let end): end.reason.isEmpty ? "Exit\(end.exitCode)" : end.reason
        }
    }
}
