public import ControlLoop
public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// Everything that a person wants to see at once: pools, agents, what runs, what waits, what ended.
/// A value computed from a picture of the cluster; every list in it is bounded.
///
/// Tasks are found through the indexes that the stores keep anyway: what runs and what is counted
/// costs nothing for tasks that have ended, however many they are.
public struct ClusterOverview: Sendable {
    /// How much of each list is shown.
    public struct Limits: Sendable {
        /// Pools.
        public var pools = 50
        /// Agents, of all pools together.
        public var agents = 100
        /// Running tasks.
        public var running = 50
        /// Waiting tasks.
        public var waiting = 50

        /// The defaults.
        public init() {}
    }

    /// When it was looked at.
    public let time: Timestamp
    /// Whether pools and tasks have been seen whole; until then what is missing means nothing.
    public let isComplete: Bool
    /// The pools, those in trouble first, then those with the most to do.
    public let pools: Listed<PoolLine>
    /// The agents of those pools, those in trouble first, then those at work.
    public let agents: Listed<AgentLine>
    /// What runs, the longest first.
    public let running: Listed<TaskLine>
    /// What waits: first what waits for an agent, in order, then what waits for something else.
    public let waiting: Listed<TaskLine>
    /// What ended last, latest first.
    public let ended: [TaskLine]
    /// Agents of all pools that can take tasks or work on some.
    public let readyAgents: Int
    /// Agents that all pools are being brought to.
    public let desiredAgents: Int
    /// Tasks of the pools by phase, those in parts apart.
    public let counts: [TaskPhase: Int]
    /// All tasks that there are: those that have no pool yet, and those in parts, included.
    public let tasks: Int

    /// What `view` shows at `now`.
    /// - Parameters:
    ///   - pool: the one pool that is wanted; nil for all.
    ///   - ended: the tasks that ended last.
    public init(
        of view: ClusterView, pool: Key<BackgroundAgentPool>? = nil, ended: [BackgroundTask] = [],
        limits: Limits = Limits(), at now: Timestamp
    ) {
        time = now
        isComplete =
            view.isSynced(.backgroundAgentPool) && view.isSynced(.backgroundTask)
        let census = TaskCensus(view, pool: pool)
        let leases = census.leases(view)
        let found = pool.map { key in [view[key]].compactMap { $0 } }
        let all = (found ?? view.all(BackgroundAgentPool.self)).map { pool in
            (
                pool: pool,
                line: PoolLine(
                    pool, tasks: census.counts(of: pool.key),
                    working: ClusterOverview.working(pool, leases))
            )
        }.sorted { ClusterOverview.goesFirst($0.line, $1.line) }
        pools = Listed(all.map(\.line), max: limits.pools)
        readyAgents = all.reduce(0) { $0 + $1.line.ready }
        desiredAgents = all.reduce(0) { $0 + $1.line.desired }
        counts = census.counts
        tasks = pool == nil ? view.store(BackgroundTask.self).count : census.total
        running = census.running(view, max: limits.running, at: now)
        waiting = census.waiting(view, max: limits.waiting, at: now)
        self.ended = ended.map { TaskLine($0, at: now) }
        agents = ClusterOverview.agents(
            of: all.map(\.pool), leases, max: limits.agents)
    }

    /// How many agents of `pool` have a lease.
    private static func working(
        _ pool: BackgroundAgentPool, _ leases: [String: [Key<BackgroundTask>]]
    ) -> Int {
        pool.status.agents.count { leases[pool.key.namespace + "/" + $0.name] != nil }
    }

    private static func goesFirst(_ left: PoolLine, _ right: PoolLine) -> Bool {
        func rank(_ line: PoolLine) -> Int {
            switch line.health {
            case .degraded: 0
            case .progressing, .unknown: 1
            case .ready, .paused: 2
            }
        }
        func load(_ line: PoolLine) -> Int { line.count(.running) + line.count(.queued) }
        if rank(left) != rank(right) { return rank(left) < rank(right) }
        if load(left) != load(right) { return load(left) > load(right) }
        return left.key < right.key
    }

    private static func agents(
        of pools: [BackgroundAgentPool], _ leases: [String: [Key<BackgroundTask>]], max: Int
    ) -> Listed<AgentLine> {
        var lines: [AgentLine] = []
        var total = 0
        for pool in pools {
            total += Swift.max(pool.status.agents.count, pool.status.replicas)
            for agent in pool.status.agents {
                let place = pool.key.namespace + "/" + agent.name
                lines.append(AgentLine(agent, of: pool, tasks: leases[place] ?? []))
            }
        }
        lines.sort { left, right in
            if rank(left.state) != rank(right.state) { return rank(left.state) < rank(right.state) }
            return left.pool == right.pool ? left.name < right.name : left.pool < right.pool
        }
        return Listed(shown: Array(lines.prefix(max)), total: total)
    }

    private static func rank(_ state: BackgroundAgentPoolStatus.Agent.State) -> Int {
        switch state {
        case .failed, .unhealthy: 0
        case .busy: 1
        case .draining: 2
        case .starting: 3
        case .idle: 4
        }
    }

    /// How many tasks are in `phase`.
    public func count(_ phase: TaskPhase) -> Int { counts[phase] ?? 0 }
}
