import ControlLoop
import KubernetesCore
import SwiftletAPI

/// Works out one plan for one pool. Every agent stands somewhere (`AgentStanding`), the pool is in
/// one mode (`Mode`), and what is done follows from both; nothing is remembered but in the status.
struct PoolPlanner {
    /// What the pool as a whole is at.
    enum Mode: Equatable {
        /// It is being deleted.
        case retiring
        /// Every agent is to be killed.
        case stopped
        /// Its spec cannot be followed: what is there stays, nothing is done.
        case invalid([ValidationFault])
        /// It is kept at its size.
        case active
    }

    /// An agent and where it stands.
    struct Member {
        let agent: PoolWorld.Agent
        let standing: AgentStanding
        let isCurrent: Bool
        /// Why it should be replaced by a fresh one although nothing is wrong with it; nil where it
        /// should not.
        let wear: String?
        /// Whether it has had the one attempt that it is for.
        let isSpent: Bool

        /// Whether a fresh agent should take its place.
        var isOutdated: Bool { !isCurrent || wear != nil }
        /// Whether one is made before it goes, as far as the surge allows. Agents for one attempt
        /// make room by themselves.
        var deservesSurge: Bool { isOutdated && !isSpent }
        var pod: PodView { agent.pod }
        var name: String { agent.pod.metadata.name }
    }

    let world: PoolWorld
    let context: PlanContext
    let settings: AgentPodSettings
    let tenant: String
    let template: AgentPodTemplate
    let policies: PolicyStanding
    let members: [Member]
    let mode: Mode
    let scaling: Autoscaler.Decision
    let floor: ScheduledFloor
    var budget: RestartBudget
    var result = Plan()
    /// Agents that this plan ends, by name.
    var ended: Set<String> = []
    /// How many agents this plan creates.
    var created = 0

    var pool: BackgroundAgentPool { world.pool }
    var now: Timestamp { context.now.time }

    init(
        _ world: PoolWorld, _ context: PlanContext, _ settings: AgentPodSettings,
        zones: ZoneTable, awaitsPolicies: Bool
    ) {
        let world = world.rebased(at: context.now, context.clockSteps)
        self.world = world
        self.context = context
        self.settings = settings
        let pool = world.pool
        tenant = world.namespaceTenant ?? pool.spec.tenant ?? pool.metadata.namespace
        let plain = AgentPodTemplate(pool: pool, tenant: tenant, settings: settings)
        policies = PolicyStanding(
            world.verdict, on: .init(pool, plain), isAwaited: awaitsPolicies)
        template =
            if let additions = policies.additions {
                AgentPodTemplate(
                    pool: pool, tenant: tenant, settings: settings, additions: additions)
            } else { plain }
        // As long as nobody has judged the template, nothing is outdated that was not before.
        let known = policies.isPending ? pool.status.templateRevision : ""
        let revision = known.isEmpty ? template.revision : known
        let now = context.now.time
        let listening = PoolPlanner.listening(world, context)
        members = world.agents.map { agent in
            Member(
                agent: agent,
                standing: .of(
                    agent, in: pool, at: now, startedAt: context.startedAt, listening: listening),
                isCurrent: agent.pod.templateRevision == revision,
                wear: Wear.reason(agent, in: pool, at: now),
                isSpent: Wear.isSpent(agent, in: pool))
        }
        floor = ScheduledFloor(pool.spec.autoscaling.floors, in: zones, at: now)
        mode = PoolPlanner.mode(of: world)
        scaling = Autoscaler.decide(
            pool.spec, current: pool.status.desiredReplicas, memory: pool.status.autoscaling,
            reading: PoolPlanner.reading(world), floor: floor.agents, at: now)
        budget = RestartBudget(pool, at: now)
    }

    /// Since when agents have been able to call; nil while they cannot.
    private static func listening(_ world: PoolWorld, _ context: PlanContext) -> Timestamp? {
        guard let gateway = world.gateway else { return context.startedAt }
        return gateway.answering(at: context.now).map { max($0, context.startedAt) }
    }

    /// The load; nil where none is known, and where a paused pool does not work it off.
    private static func reading(_ world: PoolWorld) -> Autoscaler.Reading? {
        guard world.isBacklogKnown, !world.isBacklogStale, !world.pool.spec.paused else {
            return nil
        }
        return Autoscaler.Reading(
            queued: world.backlog.queued, running: world.backlog.running,
            queuedSeconds: world.backlog.queuedSeconds)
    }

    private static func mode(of world: PoolWorld) -> Mode {
        let pool = world.pool
        if pool.spec.emergencyStop { return .stopped }
        if pool.metadata.isDeleting { return .retiring }
        var faults = pool.spec.faults
        if let given = pool.spec.tenant, let tenant = world.namespaceTenant, given != tenant {
            faults.append(
                ValidationFault(
                    field: "spec.tenant",
                    message: "\"\(given)\" is not the tenant of namespace "
                        + "\(pool.metadata.namespace), which is \"\(tenant)\""))
        }
        return faults.isEmpty ? .active : .invalid(faults)
    }

    /// Agents that there should be.
    var wanted: Int {
        switch mode {
        case .retiring, .stopped: 0
        case .invalid: pool.status.desiredReplicas
        case .active: scaling.desired
        }
    }

    mutating func plan() -> Plan {
        if pool.metadata.isDeleting && !holdsFinalizer { return .idle }
        switch mode {
        case .stopped: stop()
        case .retiring: retire()
        case .invalid: break
        case .active: keep()
        }
        for member in members {
            result.wake(at: member.standing.deadline)
            result.wake(at: silenceEnds(for: member))
            result.wake(at: Wear.due(member.agent, in: pool, after: now))
        }
        result.wake(at: scaling.wake)
        result.wake(at: floor.next)
        let released = mode == .retiring && isDrained
        if released || (mode == .stopped && pool.metadata.isDeleting && members.isEmpty) {
            result.steps.append([finalizerPatch(holding: false)])
            return result
        }
        writeStatus()
        result.wake(at: now + .seconds(pool.spec.agent.healthCheckIntervalSeconds))
        return result
    }

    mutating func note(_ kind: Note.Kind, _ reason: String, _ message: String) {
        result.notes.append(Note(kind, reason: reason, message: message, about: pool.reference))
    }

    /// When an agent that has called counts as lost unless it calls again.
    private func silenceEnds(for member: Member) -> Timestamp? {
        guard let session = member.agent.session, member.standing.isReady,
            let listening = PoolPlanner.listening(world, context)
        else { return nil }
        return max(session.lastSync, listening) + .seconds(pool.spec.agent.timeoutSeconds)
    }

    // MARK: - Finalizer

    var holdsFinalizer: Bool {
        pool.metadata.finalizers.contains(SwiftletNames.Finalizer.pool)
    }

    /// The list is replaced as a whole, so only at the version at which it was read.
    func finalizerPatch(holding: Bool) -> Action {
        var list = pool.metadata.finalizers.filter { $0 != SwiftletNames.Finalizer.pool }
        if holding { list.append(SwiftletNames.Finalizer.pool) }
        return .patch(
            pool.reference, ["metadata": ["finalizers": .strings(list)]],
            resourceVersion: pool.metadata.resourceVersion)
    }

    // MARK: - Ends of pools

    /// Kills every agent without grace, also those that are already on their way out.
    private mutating func stop() {
        let targets = members.filter { member in
            !member.pod.isDeleting || member.pod.metadata.deletionGraceSeconds != 0
        }
        guard !targets.isEmpty else { return }
        result.steps.append(targets.map { .delete($0.pod.reference, graceSeconds: 0) })
        ended.formUnion(targets.map(\.name))
        note(.warning, "EmergencyStop", "Killed \(PoolPlanner.list(targets.map(\.name))).")
    }

    /// Lets busy agents finish for as long as the pool allows, and ends the others. Pods go with
    /// the pool when its finalizer does.
    private mutating func retire() {
        drain(
            members.filter(\.standing.isPresent), because: "the pool is being deleted",
            until: retirementDeadline)
        result.wake(at: retirementDeadline)
    }

    private var retirementDeadline: Timestamp? {
        pool.metadata.deletionTime.map { $0 + .seconds(pool.spec.update.drainSeconds) }
    }

    /// Whether no agent of a pool that is being deleted has work left, or they have had their time.
    private var isDrained: Bool {
        if let deadline = retirementDeadline, now >= deadline { return true }
        return members.allSatisfy { !$0.standing.isPresent || ended.contains($0.name) }
    }

    /// Names for a message: the first few, and how many more there are.
    static func list(_ names: [String]) -> String {
        let shown = names.sorted().prefix(8).joined(separator: ", ")
        return names.count > 8 ? shown + " and \(names.count - 8) more" : shown
    }
}
