import AgentProtocol
public import ControlLoop
public import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// Learns from attempts as they end: how long tasks of a type take in a pool, what they use, and
/// how long they wait; and counts the tasks that have ended, also those that are deleted since.
/// What it knows is told to the other machines as `PoolStatistics`, and kept in a ConfigMap that
/// the pool owns, so that a restart forgets little.
///
/// A ConfigMap is written a while after something was learned, and never while nothing is. Losing
/// the last minute of it costs estimates a little; nothing that must be right rests on it.
public struct StatisticsMachine: PlanningMachine {
    /// The name in metrics and logs.
    public static let name = "statistics"

    /// How long after something was learned it is written.
    static let writeDelay = Duration.seconds(60)
    /// How often it is told at most.
    static let tellInterval = Duration.seconds(2)
    /// Of how many running attempts it is noted at most what they use.
    static let peaksMax = 50_000
    /// Over how many whole minutes the rate of tasks is taken.
    static let rateMinutes: Int64 = 5

    /// Reads tasks, pools and the ConfigMaps of pools; writes the latter.
    public static let access = Access(
        reads: [.backgroundTask, .backgroundAgentPool, .configMap],
        writes: [.create(.configMap), .patch(.configMap)])

    /// What is known of one pool.
    private struct Record {
        var uid: UID
        var experience: PoolExperience
        /// Tasks that ended, by minute since 1970.
        var ended: [Int64: Int] = [:]
        /// Since when there is something that was not told.
        var untoldSince: Timestamp?
        /// When the rate that was told has to be told anew although nothing has ended since.
        var fades: Timestamp?
        /// Since when there is something that was not written.
        var unwrittenSince: Timestamp?
        var isBeingWritten = false
    }

    private var records: [Key<BackgroundAgentPool>: Record] = [:]
    /// When tasks that have not run yet were first seen.
    private var arrivals: [UID: Timestamp] = [:]
    /// What running attempts have used at most so far.
    private var peaks: [UID: SyncRequest.Usage] = [:]
    private var tokens: [PlanToken: Key<BackgroundAgentPool>] = [:]
    private var nextToken: UInt64 = 1
    private var view = ClusterView()
    private var hasStarted = false
    private var isLeading = false
    private var lastTold: Timestamp?
    private var armed: Instant?

    /// A machine that knows nothing yet.
    public init() {}

    /// Tasks, pools and the ConfigMaps of pools.
    public var watched: [any ClusterObject.Type] {
        [BackgroundTask.self, BackgroundAgentPool.self, AuthorityView.self, AgentSession.self]
    }

    /// Takes one input; what follows from it is told and written in time.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        var commands: [MachineCommand] = []
        switch input {
        case .changed(let changes, let view):
            self.view = view
            if hasStarted {
                for change in changes { commands += take(change, at: now.time) }
            } else {
                start(at: now.time)
            }
        case .finished(let token, let outcome): finish(token, outcome, at: now.time)
        case .leadership(let leadership): isLeading = leadership != nil
        case .timer: armed = nil
        }
        guard hasStarted else { return [] }
        return commands + tell(at: now.time) + write(at: now.time) + arm(at: now)
    }

    // MARK: - Learning

    private mutating func start(at now: Timestamp) {
        guard
            [ResourceType.backgroundTask, .backgroundAgentPool, .configMap]
                .allSatisfy(view.isSynced)
        else { return }
        hasStarted = true
        for pool in view.all(BackgroundAgentPool.self) { begin(with: pool, at: now) }
        // What is kept has been learned from these tasks already, but for those that ended since.
        for task in view.all(BackgroundTask.self) {
            guard let pool = task.poolKey else { continue }
            let until = records[pool]?.experience.totals.countedUntil ?? 0
            let isNew = task.status.completionTime.map { $0.milliseconds > until } ?? false
            guard kept(for: pool) == nil || isNew else { continue }
            learn(from: nil, to: task, at: now)
            countEnd(of: task, at: now)
        }
    }

    /// Counts a task that has ended.
    private mutating func countEnd(of task: BackgroundTask, at now: Timestamp) {
        guard let pool = task.poolKey, !task.spec.fansOut, var record = records[pool],
            let ended = task.status.completionTime
        else { return }
        record.experience.countEnd(
            succeeded: task.status.phase == .succeeded, failed: task.status.phase == .failed,
            attempts: task.status.attempt, at: ended.milliseconds)
        record.untoldSince = record.untoldSince ?? now
        record.unwrittenSince = record.unwrittenSince ?? now
        records[pool] = record
    }

    /// Notes what the attempts of an agent use: all that the agent uses, in equal parts.
    private mutating func noteUsage(_ session: AgentSession) {
        let running = session.reports.filter { $0.state == .running && $0.startedAt != nil }
        guard let usage = session.usage, !running.isEmpty, peaks.count < Self.peaksMax else {
            return
        }
        for report in running {
            let before = peaks[report.id.taskUID]
            peaks[report.id.taskUID] = SyncRequest.Usage(
                cpuMillis: max(before?.cpuMillis ?? 0, usage.cpuMillis / running.count),
                memoryBytes: max(before?.memoryBytes ?? 0, usage.memoryBytes / running.count))
        }
    }

    private mutating func begin(with pool: BackgroundAgentPool, at now: Timestamp) {
        guard records[pool.key]?.uid != pool.metadata.uid else { return }
        let kept = kept(for: pool.key).flatMap { PoolExperience(text: $0) }
        records[pool.key] = Record(
            uid: pool.metadata.uid, experience: kept ?? PoolExperience(),
            untoldSince: kept == nil ? nil : now)
    }

    /// What the pool's ConfigMap keeps; nil where it has none that is its own.
    private func kept(for pool: Key<BackgroundAgentPool>) -> String? {
        guard let map = view[configMap(of: pool)],
            map.metadata.controller?.uid == view[pool]?.metadata.uid
        else { return nil }
        return map.statistics
    }

    private func configMap(of pool: Key<BackgroundAgentPool>) -> Key<AuthorityView> {
        Key(namespace: pool.namespace, name: AgentPodTemplate.objectName(of: pool, "statistics"))
    }

    private mutating func take(_ change: AnyChange, at now: Timestamp) -> [MachineCommand] {
        if let change = change.of(BackgroundTask.self) {
            if let gone = change.old, gone.metadata.uid != change.new?.metadata.uid {
                arrivals[gone.metadata.uid] = nil
                peaks[gone.metadata.uid] = nil
            }
            guard let new = change.new else { return [] }
            if change.old?.metadata.uid != new.metadata.uid, new.status.attempt == 0 {
                arrivals[new.metadata.uid] = now
            }
            learn(from: change.old, to: new, at: now)
            if new.status.attempt > 0 || new.isFinished { arrivals[new.metadata.uid] = nil }
            if new.status.phase != .running { peaks[new.metadata.uid] = nil }
        } else if let session = change.of(AgentSession.self)?.new {
            noteUsage(session)
        } else if let change = change.of(BackgroundAgentPool.self) {
            guard let pool = change.new else {
                records[change.key] = nil
                return [.retract(reference(of: change.key))]
            }
            begin(with: pool, at: now)
        }
        return []
    }

    /// Counts what has become of the task since it was last seen.
    private mutating func learn(
        from old: BackgroundTask?, to new: BackgroundTask, at now: Timestamp
    ) {
        guard let pool = new.poolKey, !new.spec.fansOut, var record = records[pool] else { return }
        let former = old?.metadata.uid == new.metadata.uid ? old : nil
        let seen = former?.status.attempts.last?.number ?? 0
        var hasLearned = false
        for attempt in new.status.attempts where attempt.number > seen {
            guard attempt.outcome == .succeeded, let began = attempt.startTime,
                let ended = attempt.completionTime
            else { continue }
            record.experience.countRun(
                type: new.spec.type, milliseconds: (ended - began).nanoseconds / 1_000_000)
            if let peak = peaks[new.metadata.uid] {
                record.experience.countUsage(
                    type: new.spec.type, milliCPU: peak.cpuMillis, memoryBytes: peak.memoryBytes)
            }
            hasLearned = true
        }
        if new.status.attempt == 1, former?.status.attempt == 0,
            let arrived = arrivals[new.metadata.uid], let began = new.status.startTime
        {
            // Times of creation are whole seconds: when the task was first seen says more.
            let due = max(arrived, new.status.queuedTime ?? arrived)
            record.experience.countWait(milliseconds: (began - due).nanoseconds / 1_000_000)
            hasLearned = true
        }
        if let ended = new.status.completionTime, former.map({ !$0.isFinished }) ?? false {
            let minute = ended.seconds / 60
            record.ended[minute, default: 0] += 1
            record.ended = record.ended.filter { $0.key > minute - 2 * Self.rateMinutes }
            record.experience.countEnd(
                succeeded: new.status.phase == .succeeded, failed: new.status.phase == .failed,
                attempts: new.status.attempt, at: ended.milliseconds)
            hasLearned = true
        }
        guard hasLearned else { return }
        record.untoldSince = record.untoldSince ?? now
        record.unwrittenSince = record.unwrittenSince ?? now
        records[pool] = record
    }

    // MARK: - Telling and writing

    private mutating func tell(at now: Timestamp) -> [MachineCommand] {
        if let lastTold, lastTold <= now, lastTold + Self.tellInterval > now { return [] }
        var commands: [MachineCommand] = []
        for key in records.keys.sorted() {
            guard let record = records[key],
                record.untoldSince != nil || record.fades.map({ $0 <= now }) ?? false
            else { continue }
            commands.append(
                .publish(
                    PoolStatistics(
                        pool: key, experience: record.experience,
                        tasksPerMinute: rate(of: record, at: now))))
            // The rate falls to nothing when no more tasks end; that has to be told as well.
            let oldest = now.seconds / 60 - Self.rateMinutes
            let ended = record.ended.filter { $0.key > oldest }
            let fades = now + .seconds(60 * (Self.rateMinutes + 1))
            records[key]?.ended = ended
            records[key]?.untoldSince = nil
            records[key]?.fades = ended.isEmpty ? nil : fades
        }
        if !commands.isEmpty { lastTold = now }
        return commands
    }

    private func rate(of record: Record, at now: Timestamp) -> Double {
        let minute = now.seconds / 60
        let recent = record.ended.filter { $0.key > minute - Self.rateMinutes }.values
        return Double(recent.reduce(0, +)) / Double(Self.rateMinutes)
    }

    private mutating func write(at now: Timestamp) -> [MachineCommand] {
        guard isLeading else { return [] }
        var commands: [MachineCommand] = []
        for key in records.keys.sorted() {
            guard let record = records[key], let due = writeDue(record, of: key), due <= now,
                let pool = view[key], let action = action(for: pool, record.experience)
            else { continue }
            let token = PlanToken(nextToken)
            nextToken += 1
            tokens[token] = key
            records[key]?.isBeingWritten = true
            records[key]?.unwrittenSince = nil
            commands.append(
                .apply(Plan(steps: [[action]]), token: token, root: pool.reference))
        }
        return commands
    }

    /// When what was learned is to be written; nil where there is nothing to write, and where it
    /// cannot be written before something changes: the pool is going, or somebody else has the
    /// ConfigMap's name. A time that has passed and is followed by no write would be waited for
    /// again and again at once (`what cannot be written is not waited for`).
    private func writeDue(_ record: Record, of key: Key<BackgroundAgentPool>) -> Timestamp? {
        guard isLeading, !record.isBeingWritten, let since = record.unwrittenSince,
            let pool = view[key], pool.metadata.uid == record.uid, !pool.metadata.isDeleting
        else { return nil }
        let there = view[configMap(of: key)]
        guard there.map({ $0.metadata.controller?.uid == record.uid }) ?? true else { return nil }
        return since + Self.writeDelay
    }

    /// The write that keeps what was learned; nil where somebody else has the ConfigMap's name.
    private func action(
        for pool: BackgroundAgentPool, _ experience: PoolExperience
    ) -> Action? {
        let key = configMap(of: pool.key)
        let data: JSONValue = [AuthorityView.statisticsKey: .string(experience.text)]
        guard let there = view[key] else {
            let object = PoolObject(
                type: .configMap, name: key.name, content: ["data": data])
            return .create(object.object(of: pool), of: .configMap)
        }
        guard there.metadata.controller?.uid == pool.metadata.uid else { return nil }
        return .patch(there.reference, ["data": data])
    }

    private mutating func finish(_ token: PlanToken, _ outcome: Outcome, at now: Timestamp) {
        guard let key = tokens.removeValue(forKey: token) else { return }
        guard var record = records[key] else { return }
        record.isBeingWritten = false
        // What could not be written is tried again with the next minute's worth.
        if case .applied = outcome {} else { record.unwrittenSince = record.unwrittenSince ?? now }
        records[key] = record
    }

    private func reference(of pool: Key<BackgroundAgentPool>) -> ObjectRef {
        ObjectRef(type: PoolStatistics.type, namespace: pool.namespace, name: pool.name)
    }

    private mutating func arm(at now: Moment) -> [MachineCommand] {
        var times: [Timestamp] = []
        for (key, record) in records {
            // Nothing is told more often than that, whatever is due.
            if let due = record.untoldSince ?? record.fades {
                times.append(max(due, (lastTold ?? due) + Self.tellInterval))
            }
            if let due = writeDue(record, of: key) { times.append(due) }
        }
        guard let next = times.min() else { return [] }
        let instant = now.instant(at: next)
        if let armed, armed <= instant { return [] }
        armed = instant
        return [.wake(at: instant)]
    }
}

extension Timestamp {
    /// Milliseconds since 1970: statuses keep no more.
    fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
