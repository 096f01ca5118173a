import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// What must hold at every revision of the server's history, and at every step of an agent.
/// Remembers what it needs of the past; each look returns what is broken, or nil.
struct Checker: Sendable {
    /// What became of attempts, as the simulation knows and the operator does not.
    struct Truth: Sendable {
        var starts = 0
        var agent: UID?
        var begunAt = SimulatedTime.zero
        var end: AttemptOutcome.End?
    }

    /// What is known of a task from its past.
    struct TaskPast: Sendable {
        var failed = 0
        var lost = 0
        var preempted = 0
        /// When it was first written that the running attempt should stop.
        var stopAskedAt: SimulatedTime?
        var terminal: BackgroundTaskStatus?
    }

    /// A write that is about to be carried out.
    struct WriteProbe: Sendable {
        let request: APIRequest
        let action: Action
        let process: ProcessID
        let target: PodView?
        /// Whom the name belongs to; nil where to nobody.
        let stored: UID?
        let leader: String
    }

    /// How old the pictures may be that decisions are made from.
    static let staleness = Duration.seconds(90)
    /// How many tries to write one object within a minute are too many.
    static let triesMax = 150

    /// By how much the clock of a process was off that could not know it.
    var skew = Duration.zero
    /// By how much any clock was off.
    var mostSkew = Duration.zero

    var truths: [LeaseID: Truth] = [:]
    var past: [UID: TaskPast] = [:]
    /// When each agent was heard, of late.
    var heard: [UID: [SimulatedTime]] = [:]
    /// The sizes that pools have wanted lately.
    var wanted: [UID: [(at: SimulatedTime, size: Int)]] = [:]
    /// When pools were last stopped altogether.
    var stops: [UID: SimulatedTime] = [:]
    var deletedByUser: Set<ObjectRef> = []
    /// When something last changed at the server, the election apart.
    var lastChange = SimulatedTime.zero
    var healedAt: SimulatedTime?
    /// Writes of the last while, by object.
    var writes: [String: [SimulatedTime]] = [:]
    /// The last changes, for excerpts.
    var recent: [(time: SimulatedTime, change: HistoryChange)] = []
    var changeCount = 0
    var finishedTasks = 0

    mutating func healed(at now: SimulatedTime) { healedAt = now }

    mutating func changed(at now: SimulatedTime) {
        lastChange = now
        changeCount += 1
    }

    /// By how much times may be misread by processes whose clocks are wrong from their start.
    var clockSlack: Duration { .seconds(15) + skew + skew }
    /// By how much times may be misread that no process can check against its steady clock.
    var wallSlack: Duration { .seconds(15) + mostSkew + mostSkew }

    /// A process starts with its clock as it is.
    mutating func operatorStarts(_ clock: SimulatedClock) {
        skew = max(skew, clock.wallError)
        mostSkew = max(mostSkew, clock.wallError)
    }

    /// A clock is set. A process that runs meanwhile knows by its steady clock how far.
    mutating func clockWasSet(_ clock: SimulatedClock, isKnown: Bool) {
        mostSkew = max(mostSkew, clock.wallError)
        if !isKnown { skew = max(skew, clock.wallError) }
    }

    /// A write of a plan is tried, whatever becomes of it.
    mutating func tries(_ pending: PendingRequest, at now: SimulatedTime) -> Violation? {
        guard case .action(_, _, let action) = pending.errand else { return nil }
        let target = action.target
        let subject = "\(target.type.kind) \(target.namespace)/\(target.name)"
        var recent = writes[subject, default: []].filter { now - $0 < .seconds(60) }
        recent.append(now)
        writes[subject] = recent
        guard recent.count > Checker.triesMax else { return nil }
        return Violation(
            "bounded", subject, "\(recent.count) writes were tried within a minute", at: now)
    }

    mutating func userDeletes(_ object: ObjectRef) { deletedByUser.insert(object) }

    mutating func heard(_ agent: UID, at now: SimulatedTime) {
        heard[agent, default: []].append(now)
        if heard[agent]?.count ?? 0 > 60 { heard[agent]?.removeFirst(20) }
    }

    /// Whether whoever decided lately that the agent is silent must have known better. Between a
    /// decision and its write may lie a slow request.
    func spokeLately(_ agent: UID, timeout: Duration, at now: SimulatedTime) -> Bool {
        let window = now + .seconds(-14)
        guard let times = heard[agent],
            let first = times.lastIndex(where: { $0 <= window })
        else { return false }
        var longest = Duration.zero
        for index in first..<times.count {
            let until = index + 1 < times.count ? times[index + 1] : now
            longest = max(longest, until - times[index])
        }
        return longest < timeout - .seconds(3)
    }

    /// The lines of the history about an object, and the last of all.
    func excerpt(about object: String) -> [String] {
        let about = recent.filter { object.contains($0.change.subject) }.suffix(14)
        let last = recent.filter { !$0.change.isLease }.suffix(8)
        let revisions = Set(about.map(\.change.revision)).union(last.map(\.change.revision))
        return recent.filter { revisions.contains($0.change.revision) }
            .map { "\($0.time) rev \($0.change.revision) \($0.change.text)" }
    }

    /// A change is about to be believed.
    mutating func observe(
        _ change: HistoryChange, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        recent.append((now, change))
        if recent.count > 600 { recent.removeFirst(200) }
        switch change.object {
        case .task(let task, let isGone): return observe(task, isGone: isGone, history, now)
        case .pool(let pool, let isGone):
            observe(pool, isGone: isGone, now)
            return isGone ? nil : floor(of: pool, history.pool(pool.key), now)
        case .pod, .lease: return nil
        }
    }

    /// A change has been believed.
    mutating func observed(
        _ change: HistoryChange, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        switch change.object {
        case .pod(let pod, let isGone) where !isGone: return bounds(of: pod, history, now)
        case .task(let task, _): return slots(of: task, history, now)
        default: return nil
        }
    }

    // MARK: - Agents

    /// An agent starts an attempt.
    mutating func started(
        _ lease: LeaseID, by runner: RunnerID, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        truths[lease, default: Truth()].starts += 1
        let before = truths[lease]?.agent
        truths[lease]?.agent = runner.pod
        truths[lease]?.begunAt = now
        truths[lease]?.end = nil
        let stored = TaskLease(
            task: lease.taskUID, attempt: lease.attempt, agent: runner.pod)
        guard history.leases.contains(stored) else {
            return Violation(
                "durable first", name(lease, history),
                "agent \(runner.pod) starts attempt \(lease.attempt), which the server has "
                    + "never stored as its", at: now)
        }
        guard truths[lease]?.starts == 1 else {
            return Violation(
                "exclusive", name(lease, history),
                "attempt \(lease.attempt) is started a second time by agent \(runner.pod), "
                    + "after \(before?.text ?? "nobody")", at: now)
        }
        return nil
    }

    /// An attempt's process has ended.
    mutating func ended(_ lease: LeaseID, _ end: AttemptOutcome.End, by agent: UID) {
        guard truths[lease]?.agent == agent, truths[lease]?.end == nil else { return }
        truths[lease]?.end = end
    }

    /// An agent gives up an attempt because it was answered without it.
    func dropped(
        _ lease: LeaseID, by agent: UID, _ history: History, at now: SimulatedTime
    ) -> Violation? {
        let held = TaskLease(task: lease.taskUID, attempt: lease.attempt, agent: agent)
        guard let task = history.task(lease.taskUID), task.lease == held else { return nil }
        return Violation(
            "busy is sacred", "BackgroundTask \(task.key)",
            "agent \(agent) was told to give up attempt \(lease.attempt), which is its own", at: now
        )
    }

    func name(_ lease: LeaseID, _ history: History) -> String {
        history.task(lease.taskUID).map { "BackgroundTask \($0.key)" } ?? "task \(lease.taskUID)"
    }
}
