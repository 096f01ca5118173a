import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What a cluster at rest looks like.
extension Cluster {
    /// What is not as its users want it; nil where everything is.
    var unsettled: (object: String, why: String)? {
        for task in history.tasks {
            if let why = unsettled(task) { return ("BackgroundTask \(task.key)", why) }
        }
        for pool in history.pools {
            if let why = unsettled(pool) { return ("BackgroundAgentPool \(pool.key)", why) }
        }
        for pod in history.pods {
            guard let owner = pod.metadata.controller, history.pool(owner.uid) == nil else {
                continue
            }
            return ("Pod \(pod.key)", "it has outlived its pool")
        }
        return nil
    }

    private func unsettled(_ task: BackgroundTask) -> String? {
        if task.isFinished { return nil }
        if task.metadata.isDeleting { return "it is being deleted for ever" }
        let waitsForNobody = task.spec.dependsOn.contains { dependency in
            let key = Key<BackgroundTask>(
                namespace: task.metadata.namespace, name: dependency.name)
            // One that is there and has not ended is judged by itself.
            return history.task(key)?.isFinished != true
        }
        if waitsForNobody, task.status.phase == .blocked { return nil }
        guard let pool = task.poolKey.flatMap({ history.pool($0) }),
            pool.metadata.namespace == task.metadata.namespace
                || pool.spec.allowedNamespaces.from == .all,
            pool.spec.replicas > 0
                || pool.spec.autoscaling.enabled
        else {
            // Nobody can run it; that has to be said.
            return task.status.reason == nil && task.status.phase != .pending
                ? "it waits without a reason" : nil
        }
        // Others may have what the namespace's quota allows.
        if pool.status.conditions.holds("QuotaExceeded") { return nil }
        return "it is \(task.status.phase.rawValue) (\(task.status.reason ?? "no reason")) and "
            + "nothing stands in its way"
    }

    private func unsettled(_ pool: BackgroundAgentPool) -> String? {
        if pool.metadata.isDeleting { return "it is being deleted for ever" }
        let agents = history.agents(of: pool.metadata.uid)
        let wanted =
            pool.spec.autoscaling.enabled ? pool.status.desiredReplicas : pool.spec.replicas
        if agents.count < wanted,
            pool.status.conditions.holds("QuotaExceeded")
        {
            return nil
        }
        guard agents.count == wanted else {
            return "it has \(agents.count) agents and wants \(wanted)"
        }
        if let agent = agents.first(where: { !$0.isAvailable || $0.isDraining }) {
            return "its agent \(agent.metadata.name) is not there"
        }
        if let why = unsettledFeatures(pool, agents, wanted) { return why }
        let status = pool.status
        guard status.readyReplicas == wanted, status.replicas == wanted,
            status.observedGeneration == pool.metadata.generation
        else {
            return "its status says \(status.readyReplicas) of \(status.replicas) agents, of "
                + "generation \(status.observedGeneration)"
        }
        return nil
    }

    /// What of a pool's features is not as it should be in the end.
    private func unsettledFeatures(
        _ pool: BackgroundAgentPool, _ agents: [PodView], _ wanted: Int
    ) -> String? {
        if let least = Checker.floor(of: pool, at: now, slack: .seconds(60)), wanted < least {
            return "it wants \(wanted) agents while a floor of \(least) holds"
        }
        let recycle = pool.spec.agent.recycle
        let most = recycle.mode == .ephemeral ? 1 : recycle.afterTasks ?? .max
        for agent in agents {
            let uid = agent.metadata.uid
            let served = history.tasks.count { task in
                task.status.attempts.contains { $0.agent?.uid == uid }
            }
            if served >= most {
                return "its agent \(agent.metadata.name) has had \(served) tasks, "
                    + "and should have been replaced after \(most)"
            }
        }
        return nil
    }
}
