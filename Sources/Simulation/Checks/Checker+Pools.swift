import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What must hold of pools, their agents, and of every write.
extension Checker {
    mutating func observe(_ pool: BackgroundAgentPool, isGone: Bool, _ now: SimulatedTime) {
        let uid = pool.metadata.uid
        let scaling = pool.spec.autoscaling
        let size =
            scaling.enabled ? max(scaling.maxReplicas, pool.spec.replicas) : pool.spec.replicas
        wanted[uid, default: []].append((now, size))
        if pool.spec.emergencyStop { stops[uid] = now }
    }

    /// A pool never has more agents than it wanted lately, and its surge.
    func bounds(of pod: PodView, _ history: History, _ now: SimulatedTime) -> Violation? {
        guard let owner = pod.metadata.controller, let pool = history.pool(owner.uid),
            let sizes = wanted[owner.uid]
        else { return nil }
        let time = SimulatedClock.right.moment(at: now).time
        let alive = history.agents(of: owner.uid).filter { pod in
            if pod.phase.isTerminal { return false }
            guard let deadline = pod.metadata.deletionTime else { return true }
            return time < deadline + .seconds(20)
        }
        var most = sizes.last?.size ?? 0
        for (index, entry) in sizes.enumerated() {
            let until = index + 1 < sizes.count ? sizes[index + 1].at : now
            if now - until < Checker.staleness { most = max(most, entry.size) }
        }
        // Agents that a pool had when it was made smaller may work on.
        let surge = pool.spec.update.maxSurge.resolved(of: most, roundingUp: true)
        guard alive.count > most + surge, pod.metadata.generation <= 1 else { return nil }
        return Violation(
            "pool bounds", "BackgroundAgentPool \(pool.key)",
            "it has \(alive.count) agents and wants at most \(most) and \(surge) more", at: now)
    }

    // MARK: - Writes

    /// A request of the operator is about to be carried out.
    func willWrite(
        _ pending: PendingRequest, _ stored: UID?, _ history: History, at now: SimulatedTime
    ) -> WriteProbe? {
        guard case .action(_, _, let action) = pending.errand else { return nil }
        var target: PodView?
        if action.type == .pod {
            target = history.pod(
                named: Key(namespace: action.target.namespace, name: action.target.name))
        }
        return WriteProbe(
            request: pending.request, action: action, process: pending.process,
            target: target, stored: stored, leader: history.leader)
    }

    /// It has been carried out.
    mutating func didWrite(
        _ probe: WriteProbe, _ answer: RequestAnswer, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        let target = probe.action.target
        let subject = "\(target.type.kind) \(target.namespace)/\(target.name)"
        func broken(_ invariant: String, _ sentence: String) -> Violation {
            Violation(invariant, subject, sentence, at: now)
        }
        guard case .body = answer else { return nil }
        let identity = probe.process.identity
        guard probe.leader == identity else {
            return broken(
                "fencing",
                "\(identity) wrote although "
                    + (probe.leader.isEmpty ? "nobody leads" : "\(probe.leader) leads"))
        }
        if case .create = probe.action { return nil }
        if let stored = probe.stored, stored != target.uid {
            return broken(
                "identity",
                "a \(probe.action.permission.verb.rawValue) that was meant for "
                    + "\(target.uid?.text ?? "nobody") met \(stored)")
        }
        guard let pod = probe.target else { return nil }
        guard let owner = pod.metadata.controller, owner.kind == BackgroundAgentPool.type.kind
        else { return broken("ownership", "the operator wrote a pod that no pool controls") }
        guard case .delete = probe.action else { return nil }
        return busy(pod, owner.uid, history, now)
    }

    /// An agent that runs an attempt is ended by the operator only for a reason.
    private func busy(
        _ pod: PodView, _ pool: UID, _ history: History, _ now: SimulatedTime
    ) -> Violation? {
        let uid = pod.metadata.uid
        let running = history.tasks.first { task in
            guard let lease = task.lease, lease.agent == uid else { return false }
            let truth = truths[lease.id]
            return truth?.agent == uid && truth?.end == nil
        }
        guard let running, !pod.phase.isTerminal, !pod.isDeleting else { return nil }
        let time = SimulatedClock.right.moment(at: now).time
        if let stopped = stops[pool], now - stopped < Checker.staleness { return nil }
        guard let pool = history.pool(pool) else { return nil }
        let timeout = Duration.seconds(pool.spec.agent.timeoutSeconds)
        guard spokeLately(uid, timeout: timeout, at: now) else { return nil }
        let drain = Duration.seconds(pool.spec.update.drainSeconds) - clockSlack
        if let since = pod.drainingSince, time - since >= drain { return nil }
        if let since = pool.metadata.deletionTime, time - since >= drain { return nil }
        return Violation(
            "busy is sacred", "Pod \(pod.key)",
            "the operator ended it while it ran attempt \(running.status.attempt) of "
                + "\(running.key)", at: now)
    }

    // MARK: - Plans

    /// A plan is about to be carried out.
    func planned(
        _ record: PlanRecord, _ replica: Replica, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        guard let unseen = record.unseen.first else { return nil }
        return Violation(
            "own writes first", "\(record.root)",
            "\(record.machine) plans for it although the cache does not show its last write to "
                + "\(unseen.object)", at: now)
    }
}
