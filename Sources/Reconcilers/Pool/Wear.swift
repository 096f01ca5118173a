import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// When an agent with which nothing is wrong is replaced by a fresh one (`spec.agent.recycle`).
enum Wear {
    /// Why `agent` should be replaced at `now`; nil where it should not.
    static func reason(
        _ agent: PoolWorld.Agent, in pool: BackgroundAgentPool, at now: Timestamp
    ) -> String? {
        let recycle = pool.spec.agent.recycle
        if let most = recycle.afterTasks, agent.isWorn || agent.served >= most {
            return "it has had \(most) attempts (spec.agent.recycle.afterTasks)"
        }
        if let age = recycle.afterSeconds, let ends = ends(agent, in: pool), now >= ends {
            return "it is older than \(age) s (spec.agent.recycle.afterSeconds)"
        }
        return nil
    }

    /// When `agent` becomes too old, if that is after `now`.
    static func due(
        _ agent: PoolWorld.Agent, in pool: BackgroundAgentPool, after now: Timestamp
    ) -> Timestamp? {
        ends(agent, in: pool).flatMap { $0 > now ? $0 : nil }
    }

    /// Whether `agent` has, or has had, the one attempt that it is for. The task that says so may
    /// have been deleted since: an agent that is marked keeps its mark.
    static func isSpent(_ agent: PoolWorld.Agent, in pool: BackgroundAgentPool) -> Bool {
        pool.spec.agent.recycle.mode == .ephemeral
            && (agent.served > 0 || agent.tasks > 0 || agent.isWorn || agent.pod.isDraining)
    }

    /// When `agent` becomes too old. Agents that were made together do not go together: up to a
    /// tenth of the time is added, by the agent's UID.
    private static func ends(
        _ agent: PoolWorld.Agent, in pool: BackgroundAgentPool
    ) -> Timestamp? {
        guard let age = pool.spec.agent.recycle.afterSeconds else { return nil }
        let jitter = StableHash.fraction(StableHash.of(agent.pod.metadata.uid.text)) / 10
        let extra = Duration.seconds(Int64(Double(age) * jitter))
        return agent.pod.metadata.creationTime + .seconds(age) + extra
    }
}
