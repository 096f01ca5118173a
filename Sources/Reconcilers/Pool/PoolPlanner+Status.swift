import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI

/// What a pool's status says.
extension PoolPlanner {
    mutating func writeStatus() {
        let observed = pool.status
        let full = fullStatus()
        let status = PoolStatusPace.paced(full, after: observed, at: now)
        if status == observed, let due = PoolStatusPace.nextWrite(full, observed) {
            result.wake(at: due)
        }
        // Read as zero, an absent count would look written already, and people would see a blank.
        let known = observed.lastUpdateTime == nil ? JSONValue.object([:]) : observed.json
        // On the status of a custom resource a server does not look at the UID in a patch. Only the
        // version keeps this from a new pool of the same name.
        result.status = StatusIntent(
            desired: status.json, observed: known,
            resourceVersion: pool.metadata.resourceVersion)
        notePolicies(status)
        notePersonas(status)
        if status != observed { noteRollout(status) }
        guard mode == .active, status.desiredReplicas != observed.desiredReplicas else { return }
        let isUp = status.desiredReplicas > observed.desiredReplicas
        note(
            .normal, isUp ? "ScaledUp" : "ScaledDown",
            "Scaled from \(observed.desiredReplicas) to \(status.desiredReplicas) agents: "
                + scalingReason + ".")
    }

    private var scalingReason: String {
        switch scaling.memory.reason {
        case "Backlog": "\(world.backlog.queued) tasks are queued, \(world.backlog.running) run"
        case "LowLoad": "fewer agents have been enough for a while"
        case "Floor": "a schedule keeps \(floor.agents) agents (spec.autoscaling.floors)"
        default: "spec.replicas is \(pool.spec.replicas)"
        }
    }

    /// The status as the world calls for it, whatever was written before.
    private func fullStatus() -> BackgroundAgentPoolStatus {
        var status = pool.status
        let present = members.filter(\.standing.isPresent)
        status.observedGeneration = pool.metadata.generation
        status.replicas = present.count
        status.readyReplicas = present.count { $0.standing.isReady }
        status.updatedReplicas = present.count { $0.isCurrent }
        status.idleAgents = present.count { $0.standing.shown.state == .idle }
        status.busyAgents = present.count { $0.standing.tasks > 0 }
        status.desiredReplicas = wanted
        status.selector = AgentPodTemplate.selector(of: pool.key)
        if !policies.isPending { status.templateRevision = template.revision }
        status.tenant = tenant
        status.queue.queued = world.backlog.queued
        status.queue.blocked = world.backlog.blocked
        status.queue.running = world.backlog.running
        if let oldest = world.backlog.oldestQueued {
            status.queue.oldestQueuedSeconds = max(0, Int((now - oldest).components.seconds))
        } else if world.backlog.queued == 0 {
            status.queue.oldestQueuedSeconds = 0
        }
        status.performance = world.performance ?? status.performance
        // What was deleted since counts as well, and no count ever falls.
        let totals = world.totals
        status.totals.succeeded = max(
            pool.status.totals.succeeded, totals.succeeded, world.backlog.succeeded)
        status.totals.failed = max(
            pool.status.totals.failed, totals.failed, world.backlog.failed)
        status.totals.retried = max(pool.status.totals.retried, totals.retried)
        status.resources = resources(of: present)
        status.agents = members.prefix(Bounds.listedAgents).map(shown)
        if mode == .active { status.autoscaling = scaling.memory }
        status.restarts = budget.memory
        status.rollout = rollout(outdated: present.count { !$0.isCurrent })
        setConditions(&status)
        setPersonas(&status)
        return status
    }

    /// How far the template has reached. Its time is that of the last progress, so that the
    /// deadline is one for standing still, however many agents there are.
    private func rollout(outdated: Int) -> BackgroundAgentPoolStatus.Rollout? {
        let before = pool.status.rollout
        guard mode == .active else { return before }
        guard outdated > 0 else { return nil }
        if let before, before.templateRevision == template.revision, outdated >= before.outdated {
            return before
        }
        return .init(
            templateRevision: template.revision, outdated: outdated, progressTime: now)
    }

    /// Tells how an update ends, or that it does not.
    private mutating func noteRollout(_ status: BackgroundAgentPoolStatus) {
        let before = pool.status.conditions["Progressing"]?.reason
        let after = status.conditions["Progressing"]
        if pool.status.rollout != nil, status.rollout == nil {
            note(
                .normal, "UpdateComplete",
                "Every agent is of template \(template.revision).")
        } else if let after, after.reason == "ProgressDeadlineExceeded", before != after.reason {
            note(.warning, after.reason, after.message)
        }
    }

    private func shown(_ member: Member) -> BackgroundAgentPoolStatus.Agent {
        let (state, health) = member.standing.shown
        let usage = member.agent.session?.usage
        return BackgroundAgentPoolStatus.Agent(
            name: member.name, state: state, health: health, tasks: member.standing.tasks,
            lastHeartbeatTime: member.agent.session?.lastSync,
            restarts: member.pod.restartCount,
            cpu: usage.map { Quantity(milli: $0.cpuMillis).description },
            memory: usage.map { Quantity($0.memoryBytes, .binary).description })
    }

    private func resources(of present: [Member]) -> BackgroundAgentPoolStatus.Resources {
        var result = BackgroundAgentPoolStatus.Resources()
        var requested: [String: Quantity] = [:]
        for request in present.flatMap(\.pod.requests) {
            for (name, text) in request {
                // What is no quantity the API server has not accepted as one.
                guard let quantity = try? Quantity(text) else { continue }
                requested[name] = (requested[name] ?? .zero) + quantity
            }
        }
        result.requested = requested.mapValues(\.description)
        let usages = present.compactMap(\.agent.session?.usage)
        guard !usages.isEmpty else { return result }
        let cpu = usages.reduce(Quantity.zero) { $0 + Quantity(milli: $1.cpuMillis) }
        let memory = usages.reduce(Quantity(0, .binary)) { $0 + Quantity($1.memoryBytes, .binary) }
        result.used = ["cpu": cpu.description, "memory": memory.description]
        let disks = usages.compactMap(\.diskBytes)
        if !disks.isEmpty {
            result.used["ephemeral-storage"] =
                disks.reduce(Quantity(0, .binary)) { $0 + Quantity($1, .binary) }.description
        }
        return result
    }
}

/// When a pool's status is written. What people and programs act on is written at once; counts that
/// move with every task at most every two seconds; what moves by itself never on its own account.
enum PoolStatusPace {
    // Statuses are compared as they are written: times then have their milliseconds and no more.
    static let interval = Duration.seconds(2)

    /// `next` as far as it should be written now, after `last`.
    static func paced(
        _ next: BackgroundAgentPoolStatus, after last: BackgroundAgentPoolStatus,
        at now: Timestamp
    ) -> BackgroundAgentPoolStatus {
        let settled = withoutDrift(next, last)
        if settled.json == last.json { return last }
        if withoutCounts(settled, last).json == last.json, let written = last.lastUpdateTime,
            now < written + interval, now >= written
        {
            return last
        }
        var result = next
        result.lastUpdateTime = now
        return result
    }

    /// When counts that are held back should be written; nil where none are.
    static func nextWrite(
        _ next: BackgroundAgentPoolStatus, _ last: BackgroundAgentPoolStatus
    ) -> Timestamp? {
        guard withoutDrift(next, last).json != last.json else { return nil }
        return last.lastUpdateTime.map { $0 + interval }
    }

    /// `next` with everything as in `last` that moves by itself.
    private static func withoutDrift(
        _ next: BackgroundAgentPoolStatus, _ last: BackgroundAgentPoolStatus
    ) -> BackgroundAgentPoolStatus {
        var result = next
        result.queue.oldestQueuedSeconds = last.queue.oldestQueuedSeconds
        // What is used moves all the time; that it is known at all is news.
        if !last.resources.used.isEmpty { result.resources.used = last.resources.used }
        result.performance = last.performance
        result.lastUpdateTime = last.lastUpdateTime
        let before = Dictionary(
            last.agents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for index in result.agents.indices {
            guard let agent = before[result.agents[index].name] else { continue }
            result.agents[index].lastHeartbeatTime = agent.lastHeartbeatTime
            if agent.cpu != nil { result.agents[index].cpu = agent.cpu }
            if agent.memory != nil { result.agents[index].memory = agent.memory }
        }
        // Replacements that only grow old and leave the window are no news.
        if last.restarts.probingSince == result.restarts.probingSince,
            Array(last.restarts.times.suffix(result.restarts.times.count)) == result.restarts.times
        {
            result.restarts.times = last.restarts.times
        }
        return result
    }

    /// `next` with everything as in `last` that moves with every task.
    private static func withoutCounts(
        _ next: BackgroundAgentPoolStatus, _ last: BackgroundAgentPoolStatus
    ) -> BackgroundAgentPoolStatus {
        var result = next
        result.idleAgents = last.idleAgents
        result.busyAgents = last.busyAgents
        result.queue = last.queue
        result.totals = last.totals
        result.autoscaling?.belowPeak = last.autoscaling?.belowPeak
        let before = Dictionary(
            last.agents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for index in result.agents.indices {
            guard let agent = before[result.agents[index].name] else { continue }
            result.agents[index] = agent
        }
        return result
    }
}
