import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension SchedulerMachine {
    /// Brings the engine's idea of an agent up to what the cache shows of its pod and session.
    mutating func refresh(pod key: Key<PodView>, at now: Timestamp) {
        let pod = view[key]
        let pool = pod.flatMap(pool(of:))
        if let known = agents[key], known.uid != pod?.metadata.uid || pool == nil {
            engine.removeAgent(known.uid.text)
            agents[key] = nil
            podOfAgent[known.uid] = nil
            experience[known.uid] = nil
            used.remove(known.uid)
            burdened.remove(known.uid)
        }
        guard let pod, let pool else { return }
        let session = view[Key<AgentSession>(namespace: key.namespace, name: key.name)]
        if let session, session.metadata.uid == pod.metadata.uid, !session.reports.isEmpty {
            noteUse(of: pod.metadata.uid, in: pool)
        }
        let live = isLive(session, of: pod, pool, at: now)
        let slots = min(session?.slots ?? 0, pool.spec.slotsPerAgent) - strangers(session, of: pod)
        offer(
            AgentOffer(
                id: pod.metadata.uid.text, pool: pool.key.description, node: pod.node ?? "",
                slots: live ? max(0, slots) : 0,
                capacity: ResourceAmounts(capacityOf: pod.requests),
                takesWork: live && takesWork(pod, session) && !isSpent(pod, of: pool)),
            pod: key, uid: pod.metadata.uid)
    }

    /// How many attempts the agent holds that the cache does not show it to have: those that a
    /// leader before this one handed out and the cache has yet to show, and those that were taken
    /// from it and have not stopped. They have their slots all the same.
    private mutating func strangers(_ session: AgentSession?, of pod: PodView) -> Int {
        let uid = pod.metadata.uid
        guard let session, session.metadata.uid == uid else { return 0 }
        let shown = Set(view.select(Index.byAgent, uid.text).compactMap(\.lease?.id))
        let count = session.reports.count { $0.state != .finished && !shown.contains($0.id) }
        if count > 0 { burdened.insert(uid) } else { burdened.remove(uid) }
        return count
    }

    /// Looks again at agents that hold what the cache did not show, once a task of theirs changes.
    mutating func refreshBurdened(_ change: Change<BackgroundTask>, at now: Timestamp) {
        guard !burdened.isEmpty else { return }
        let agents = Set([change.old, change.new].compactMap { $0?.status.agent?.uid })
        for uid in agents.intersection(burdened).sorted(by: { $0.text < $1.text }) {
            if let pod = podOfAgent[uid] { refresh(pod: pod, at: now) }
        }
    }

    /// Whether the agent has had the one attempt that it is for.
    private func isSpent(_ pod: PodView, of pool: BackgroundAgentPool) -> Bool {
        pool.spec.agent.recycle.mode == .ephemeral
            && (used.contains(pod.metadata.uid)
                || view.store(BackgroundTask.self).count(.byServed, pod.metadata.uid.text) > 0)
    }

    /// Remembers that an agent has had an attempt, where one is all that it is for: the task that
    /// says so may be deleted before the agent is (`an agent for one attempt is not given another
    /// when its task is deleted`).
    private mutating func noteUse(of agent: UID, in pool: BackgroundAgentPool) {
        guard pool.spec.agent.recycle.mode == .ephemeral, used.insert(agent).inserted else {
            return
        }
        unreported.insert(pool.key)
    }

    /// Looks again at agents that a task was on, where one attempt is all that they are for.
    mutating func refreshSpent(_ change: Change<BackgroundTask>, at now: Timestamp) {
        for task in [change.old, change.new].compactMap({ $0 }) {
            guard let agent = task.status.agent, let pool = task.poolKey.flatMap({ view[$0] }),
                pool.spec.agent.recycle.mode == .ephemeral
            else { continue }
            let pod = Key<PodView>(
                namespace: agent.namespace ?? task.metadata.namespace, name: agent.name)
            if view[pod]?.metadata.uid == agent.uid { noteUse(of: agent.uid, in: pool) }
            refresh(pod: pod, at: now)
        }
    }

    /// Agents of `pool` that have had as many attempts as it lets one have.
    func wornAgents(of pool: Key<BackgroundAgentPool>) -> [UID] {
        guard let recycle = view[pool]?.spec.agent.recycle else { return [] }
        var worn = used.filter { uid in
            podOfAgent[uid].flatMap { agents[$0]?.offer.pool } == pool.description
        }.sorted()
        guard recycle.mode == .reuse, let most = recycle.afterTasks else { return worn }
        for (uid, past) in experience where past.total.succeeded + past.total.failed >= most {
            guard let pod = podOfAgent[uid], agents[pod]?.offer.pool == pool.description else {
                continue
            }
            worn.append(uid)
        }
        return worn.sorted()
    }

    /// Offers the agent with what is known of how it does.
    mutating func offer(_ offer: AgentOffer, pod: Key<PodView>, uid: UID) {
        var offer = offer
        if let experience = experience[uid] {
            offer.performance = experience.total.score
            offer.specialization = experience.specialization
        }
        podOfAgent[uid] = pod
        if agents[pod]?.uid == uid, agents[pod]?.offer == offer { return }
        agents[pod] = KnownAgent(uid: uid, offer: offer)
        engine.upsert(offer)
    }

    /// Sees which agents have fallen silent; nothing else tells of what does not happen.
    mutating func checkSessions(at now: Timestamp) {
        if let last = lastSessionCheck, last <= now, last + settings.sessionCheck > now { return }
        lastSessionCheck = now
        for key in agents.keys.sorted() { refresh(pod: key, at: now) }
    }

    private func pool(of pod: PodView) -> BackgroundAgentPool? {
        guard let owner = pod.metadata.controller, owner.kind == BackgroundAgentPool.type.kind
        else { return nil }
        let pool = view[
            Key<BackgroundAgentPool>(namespace: pod.metadata.namespace, name: owner.name)]
        return pool?.metadata.uid == owner.uid ? pool : nil
    }

    private func isLive(
        _ session: AgentSession?, of pod: PodView, _ pool: BackgroundAgentPool,
        at now: Timestamp
    ) -> Bool {
        guard let session, session.metadata.uid == pod.metadata.uid else { return false }
        let seconds = pool.spec.agent.heartbeatSeconds * TaskTiming.liveHeartbeats
        let heard = moment.map { session.rebased(at: $0).lastSync } ?? session.lastSync
        return heard + .seconds(min(seconds, pool.spec.agent.timeoutSeconds)) > now
    }

    private func takesWork(_ pod: PodView, _ session: AgentSession?) -> Bool {
        pod.isAvailable && !pod.isDraining && !pod.isDisruptionTarget
            && session.map { !$0.isDraining } ?? false
    }
}
