import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension SchedulerMachine {
    /// Takes a changed task in, and those that wait for it.
    mutating func take(_ change: Change<BackgroundTask>, at now: Timestamp) {
        if let new = change.new { learn(from: change.old, to: new) }
        refreshSpent(change, at: now)
        refreshBurdened(change, at: now)
        if let old = change.old, let new = change.new, old.metadata.uid != new.metadata.uid {
            forget(change.key)
        }
        refresh(task: change.key, at: now)
        if change.old?.status.phase != change.new?.status.phase
            || change.old?.spec.dependsOn != change.new?.spec.dependsOn
        {
            for task in view.select(Index.byAwaited, change.key.description) {
                refresh(task: task.key, at: now)
            }
        }
    }

    /// Takes a changed pool in, and the tasks whose place depends on it.
    mutating func take(_ change: Change<BackgroundAgentPool>, at now: Timestamp) {
        guard
            change.old?.spec != change.new?.spec
                || change.old?.metadata.labels != change.new?.metadata.labels
                || change.old?.metadata.uid != change.new?.metadata.uid
                || change.old?.metadata.isDeleting != change.new?.metadata.isDeleting
                || change.old?.personaNames ?? [] != change.new?.personaNames ?? []
        else { return }
        refresh(pool: change.key)
        for task in view.select(Index.byPlacement, change.key.description) {
            refresh(task: task.key, at: now)
        }
        for task in view.select(Index.byPlacement, Index.routed) {
            refresh(task: task.key, at: now)
        }
        for pool in [change.old, change.new].compactMap({ $0 }) {
            for pod in view.owned(PodView.self, by: pool.metadata.uid) {
                refresh(pod: pod.key, at: now)
            }
        }
    }

    mutating func refresh(pool key: Key<BackgroundAgentPool>) {
        guard let pool = view[key] else {
            engine.removePool(key.description)
            preempting.remove(key)
            starts[key] = nil
            lastStarts[key] = nil
            return
        }
        let preempts = pool.spec.preemption == .lowerPriority
        if preempts { preempting.insert(key) } else { preempting.remove(key) }
        unreported.insert(key)
        let scoring = pool.spec.scoring
        engine.upsert(
            PoolRules(
                id: key.description,
                handsOutWork: !pool.spec.paused && !pool.spec.emergencyStop
                    && !pool.metadata.isDeleting,
                weights: .init(
                    capacity: scoring.capacity, specialization: scoring.specialization,
                    performance: scoring.performance, workload: scoring.workload),
                preempts: preempts))
    }

    /// Brings the engine's idea of a task up to what the cache shows.
    mutating func refresh(task key: Key<BackgroundTask>, at now: Timestamp) {
        let id = key.description
        guard let task = view[key] else {
            forget(key)
            return
        }
        if let waiting = pending[key] {
            guard isOver(waiting, for: task, at: now) else { return }
            pending[key] = nil
            engine.reject(task: id)
        }
        if let hold = holds[key] {
            if hold.version == task.metadata.resourceVersion, isAhead(hold.until, of: now) {
                due.set(key, at: hold.until)
                return
            }
            if hold.version != task.metadata.resourceVersion { holds[key] = nil }
        }
        unreported.formUnion([task.poolKey].compactMap { $0 })
        let tenant = tenant(ofNamespace: key.namespace)
        if let lease = task.lease {
            due.set(key, at: nil)
            let pool = task.poolKey ?? Key(namespace: task.metadata.namespace, name: "")
            engine.place(
                demand(of: task, in: pool, tenant), onAgent: lease.agent.text)
            return
        }
        guard !task.isFinished else {
            due.set(key, at: nil)
            engine.remove(task: id)
            return
        }
        switch TaskStanding.of(task, TaskSurroundings(of: task, in: view), at: now) {
        case .eligible(let pool):
            due.set(key, at: nil)
            unreported.insert(pool)
            engine.upsert(demand(of: task, in: pool, tenant))
        case .scheduled(let until):
            due.set(key, at: until)
            engine.remove(task: id)
        case .running, .finished, .calledOff, .hopeless, .blocked, .dividable:
            due.set(key, at: nil)
            engine.remove(task: id)
        }
    }

    private func demand(
        of task: BackgroundTask, in pool: Key<BackgroundAgentPool>, _ tenant: String
    ) -> TaskDemand {
        let type = task.spec.type
        let experience = PoolStatistics.of(pool, in: view)?.experience
        var learned = experience?.expectedUsage(type: type) ?? .none
        if learned != .none, let spec = view[pool]?.spec {
            // What was learned never keeps a slot empty among tasks that name no needs.
            let agent = ResourceAmounts(capacityOf: AgentPodTemplate.requests(of: spec))
            learned = learned.held(below: agent.divided(into: spec.slotsPerAgent))
        }
        return TaskDemand(
            task, pool: pool, tenant: tenant,
            expectedSeconds: experience?.expected(type: type)?.seconds, learned: learned)
    }

    /// Whether the cache shows what a pending assignment wrote, or something later.
    private mutating func isOver(
        _ waiting: Pending, for task: BackgroundTask, at now: Timestamp
    ) -> Bool {
        let current = task.metadata.resourceVersion
        if task.metadata.uid != waiting.task { return true }
        switch waiting.stage {
        case .written: return false
        case .stored(let version):
            return current.hasReached(version) ?? (current != waiting.version)
        case .doubtful(let until):
            if current != waiting.version { return true }
            if isAhead(until, of: now) {
                due.set(task.key, at: until)
            } else {
                repeats.append(task.key)
            }
            return false
        }
    }

    /// Whether a delay that ends at `time` goes on. One that would last longer than any may was
    /// begun by a clock that has been set back since, and is over.
    private func isAhead(_ time: Timestamp, of now: Timestamp) -> Bool {
        time > now && time <= now + settings.failureDelayMax
    }

    /// Looks at everything again that waits for a time, where the clock was set back since `last`.
    mutating func noticeClock(_ last: Moment?, at now: Moment) {
        guard let last, now.time < last.time(at: now.instant) + .seconds(-1) else { return }
        for key in Set(holds.keys).union(pending.keys).sorted() { due.set(key, at: now.time) }
    }

    mutating func forget(_ key: Key<BackgroundTask>) {
        due.set(key, at: nil)
        pending[key] = nil
        holds[key] = nil
        engine.remove(task: key.description)
    }

    /// Counts attempts that the task has finished since it was last seen.
    mutating func learn(from old: BackgroundTask?, to new: BackgroundTask) {
        let same = old?.metadata.uid == new.metadata.uid
        let seen = same ? old?.status.attempts.last?.number ?? 0 : 0
        for attempt in new.status.attempts where attempt.number > seen {
            guard let agent = attempt.agent else { continue }
            // Nobody needs the experience of an agent that is gone.
            let pod = Key<PodView>(
                namespace: agent.namespace ?? new.metadata.namespace, name: agent.name)
            guard view[pod]?.metadata.uid == agent.uid else { continue }
            switch attempt.outcome {
            case .succeeded:
                experience[agent.uid, default: .init()].count(
                    type: new.spec.type, succeeded: true)
            case .failed, .lost:
                experience[agent.uid, default: .init()].count(
                    type: new.spec.type, succeeded: false)
            case .cancelled, .preempted: continue
            }
            unreported.formUnion([new.poolKey].compactMap { $0 })
            if let known = agents[pod], known.uid == agent.uid {
                offer(known.offer, pod: pod, uid: agent.uid)
            }
        }
    }
}
