public import AgentProtocol
public import ControlLoop
public import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// What an agent should hold, read off the cache: the one place where leases become orders.
public enum LeaseProjection {
    /// The answer to `request` of the agent whose token proved it to be the pod `agent`.
    ///
    /// A finished report is stored once the cache shows the task without that lease; a report on a
    /// lease that is not, or no longer, the agent's is refused. Orders carry their whole specs; the
    /// gateway leaves out those that the agent knows.
    public static func reply(
        to request: SyncRequest, from agent: UID, in view: ClusterView, at now: Timestamp
    ) -> SyncReply {
        var orders: [SyncReply.Order] = []
        for task in view.select(Index.byAgent, agent.text) {
            guard let lease = task.lease else { continue }
            // What was withdrawn from an agent that does not know of it, it shall not begin.
            if task.status.withdrawnTime != nil,
                !request.reports.contains(where: { $0.id == lease.id })
            {
                continue
            }
            orders.append(
                SyncReply.Order(
                    lease.id, spec: spec(of: task, in: view, at: now),
                    desired: desired(task, in: view)))
        }
        orders.sort { $0.id < $1.id }
        var stored: [LeaseID] = []
        var refused: [SyncReply.Refusal] = []
        for report in request.reports {
            switch standing(of: report, from: agent, in: view) {
            case .current: continue
            case .stored: stored.append(report.id)
            case .refused(let reason): refused.append(.init(report.id, reason: reason))
            }
        }
        return SyncReply(
            to: request, leases: Array(orders.prefix(ProtocolLimits.leasesMax)),
            stored: stored.sorted(), refused: refused.sorted { $0.id < $1.id })
    }

    /// How long a call of an agent may wait for news, with what its answer may take: an agent whose
    /// last call was longer ago has got its answer, or none.
    public static let callMax = Duration.seconds(25)

    /// Whether `id` is a lease that the agent holds now: whether it may put checkpoints.
    public static func holds(_ id: LeaseID, agent: UID, in view: ClusterView) -> Bool {
        view.select(Index.byAgent, agent.text).contains { $0.lease?.id == id }
    }

    /// How long a process that has just come to answer agents may be behind the one before it.
    public static let catchingUp = Duration.seconds(30)

    /// Whether `view` may be older than what the agent knows: a process that has just come to lead
    /// may not have seen yet what the one before it handed out. Nothing is answered from such a
    /// picture, because an agent gives up what an answer leaves out. After `catchingUp` the picture
    /// is believed, whatever an agent says.
    public static func isBehind(
        _ request: SyncRequest, in view: ClusterView, at now: Instant
    ) -> Bool {
        guard let presence = view[GatewayPresence.key] else { return false }
        // A gateway that has not said yet that it answers has only just begun to.
        if let since = presence.answeringFrom, now - since >= catchingUp { return false }
        return request.reports.contains { report in
            let task = view.select(Index.byUID, report.id.taskUID.text).first
            return task.map { report.id.attempt > $0.status.attempt } ?? true
        }
    }

    private enum Standing {
        case current
        case stored
        case refused(String)
    }

    private static func standing(
        of report: LeaseReport, from agent: UID, in view: ClusterView
    ) -> Standing {
        guard let task = view.select(Index.byUID, report.id.taskUID.text).first else {
            return .refused("the task is gone")
        }
        if task.lease
            == TaskLease(task: task.metadata.uid, attempt: report.id.attempt, agent: agent)
        {
            return .current
        }
        let entry = task.status.attempts.first { $0.number == report.id.attempt }
        if report.state == .finished, let entry, entry.agent?.uid == agent, entry.outcome != .lost {
            return .stored
        }
        if report.id.attempt > task.status.attempt {
            return .refused("there is no attempt \(report.id.attempt)")
        }
        return .refused(
            entry.map { "attempt \(report.id.attempt) has ended: \($0.outcome.rawValue)" }
                ?? "attempt \(report.id.attempt) is not this agent's")
    }

    private static func desired(_ task: BackgroundTask, in view: ClusterView) -> DesiredState {
        if task.spec.state == .cancelled || task.metadata.isDeleting { return .cancel }
        if let pool = task.poolKey.flatMap({ view[$0] }), pool.spec.emergencyStop {
            return .cancel
        }
        return task.shouldStop ? .checkpointAndStop : .run
    }

    private static func variables(of task: BackgroundTask) -> [TaskVariable] {
        var given = task.spec.env.map { variable in
            switch variable.source {
            case .value(let text): TaskVariable(variable.name, value: text)
            case .secretKey(let key):
                TaskVariable(variable.name, .secret(name: key.name, key: key.key))
            }
        }
        if !given.contains(where: { $0.name == LeaseSpec.traceVariable }) {
            given.append(
                TaskVariable(
                    LeaseSpec.traceVariable,
                    value: task.trace(ofAttempt: task.status.attempt).traceparent))
        }
        guard let (index, count) = task.shard else { return given }
        return given + [
            TaskVariable("SWIFTLET_SHARD_INDEX", value: String(index)),
            TaskVariable("SWIFTLET_SHARD_COUNT", value: String(count)),
        ]
    }

    private static func spec(
        of task: BackgroundTask, in view: ClusterView, at now: Timestamp
    ) -> LeaseSpec {
        let personas = task.poolKey.flatMap { PoolPersonas.of($0, in: view) }
        let elapsed = task.status.startTime.map { Int((now - $0).components.seconds) } ?? 0
        let isCheckpointed = task.spec.checkpoint.enabled
        var spec = LeaseSpec(
            namespace: task.metadata.namespace, name: task.metadata.name,
            command: task.spec.command, args: task.spec.args,
            env: variables(of: task),
            input: task.spec.input,
            timeoutSeconds: max(1, task.attemptTimeoutSeconds - max(0, elapsed)),
            graceSeconds: TaskTiming.graceSeconds, checkpointEnabled: isCheckpointed,
            restore: isCheckpointed
                ? task.status.checkpoint.map {
                    CheckpointRef(sequence: $0.sequence, bytes: $0.bytes, digest: $0.digest)
                } : nil, persona: personas?.file(for: task)?.text)
        let needs = ResourceAmounts(task.spec.resources.requests)
        spec.resources = AttemptResources(
            memoryBytes: Int(needs.memory), storageBytes: Int(needs.ephemeralStorage))
        return spec
    }
}
