import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

extension SchedulerMachine {
    /// Decides what can be decided and writes it.
    mutating func decide(at now: Moment) -> [MachineCommand] {
        guard isLeading, tokens.count < settings.inFlightMax else { return [] }
        let limit = settings.inFlightMax - tokens.count
        var commands: [MachineCommand] = []
        for assignment in engine.decide(at: now.time.nanoseconds, limit: limit) {
            guard let key = Key<BackgroundTask>(path: assignment.task), let task = view[key] else {
                engine.remove(task: assignment.task)
                continue
            }
            pending[key] = Pending(
                assignment: assignment, task: task.metadata.uid,
                version: task.metadata.resourceVersion)
            if let command = write(assignment, for: task, at: now.time) {
                commands.append(command)
            } else {
                refuse(key, for: settings.failureDelay, at: now.time)
            }
        }
        return commands
    }

    /// Writes those assignments again of which nobody knows whether they were stored.
    mutating func writeAgain(at now: Timestamp) -> [MachineCommand] {
        let keys = repeats
        repeats = []
        guard isLeading else {
            for key in keys { doubt(key, at: now) }
            return []
        }
        var commands: [MachineCommand] = []
        for key in keys {
            guard let waiting = pending[key], let task = view[key] else { continue }
            if let command = write(waiting.assignment, for: task, at: now) {
                pending[key]?.stage = .written
                commands.append(command)
            } else {
                refuse(key, for: settings.failureDelay, at: now)
            }
        }
        return commands
    }

    /// The write that makes an assignment; nil where its agent is no more.
    private mutating func write(
        _ assignment: Assignment, for task: BackgroundTask, at now: Timestamp
    ) -> MachineCommand? {
        let key = task.key
        guard let pool = Key<BackgroundAgentPool>(path: assignment.pool),
            let podKey = podOfAgent[UID(assignment.agent)], let pod = view[podKey],
            pod.metadata.uid.text == assignment.agent
        else { return nil }
        var status = task.status
        status.observedGeneration = task.metadata.generation
        let number = status.attempt + 1
        let message = "Attempt \(number) was given to agent \(pod.metadata.name)."
        status.assign(
            to: .init(
                name: pod.metadata.name, uid: pod.metadata.uid, node: pod.node,
                namespace: pod.metadata.namespace == key.namespace
                    ? nil : pod.metadata.namespace),
            pool: task.reference(to: pool), message: message,
            since: task.queueable(TaskSurroundings(of: task, in: view)), at: now)
        var strategy = status.strategy ?? .init()
        strategy.reason = assignment.score.sentence + expectation(of: task, in: pool)
        status.strategy = strategy
        let token = PlanToken(nextToken)
        nextToken += 1
        tokens[token] = key
        return .apply(
            Plan(
                status: StatusIntent(
                    desired: status.json, observed: task.status.json,
                    resourceVersion: task.metadata.resourceVersion),
                notes: [
                    Note(
                        .normal, reason: "Assigned", message: message, about: task.reference,
                        annotations: task.eventAnnotations)
                ]),
            token: token, root: task.reference)
    }

    /// How long the attempt is expected to take, and how that is known, as a sentence.
    private func expectation(
        of task: BackgroundTask, in pool: Key<BackgroundAgentPool>
    ) -> String {
        let limit = "Its limit is \(task.attemptTimeoutSeconds) s."
        if let seconds = task.spec.estimatedDurationSeconds {
            return " Expected to take \(seconds) s (spec.estimatedDurationSeconds). \(limit)"
        }
        let learned = PoolStatistics.of(pool, in: view)?.experience
            .expected(type: task.spec.type)
        guard let learned else { return " " + limit }
        return " Expected to take \(learned.seconds) s, from \(learned.runs) earlier runs of"
            + " type \(task.spec.type). \(limit)"
    }

    /// Learns what became of an assignment.
    mutating func finish(_ token: PlanToken, _ outcome: Outcome, at now: Timestamp) {
        guard let key = tokens.removeValue(forKey: token), let waiting = pending[key] else {
            return
        }
        switch outcome {
        case .applied(let writes):
            let write = writes.last { $0.object.name == key.name }
            pending[key]?.stage = .stored(write?.version ?? .unknown)
            engine.confirm(task: key.description)
            noteStart(in: waiting.assignment.pool, at: now)
            holds[key] = nil
            refresh(task: key, at: now)
        case .stale, .deposed: doubt(key, at: now)
        case .failed(let failure, _):
            // Without a clear no the write may have happened: its slot stays taken.
            guard (400..<500).contains(failure.code), failure.code != 408 else {
                doubt(key, at: now)
                return
            }
            let failures = (holds[key]?.failures ?? 0) + 1
            var delay = settings.failureDelay * (1 << min(failures - 1, 10))
            if case .retry(let after?) = failure.disposition { delay = max(delay, after) }
            holds[key] = Hold(version: waiting.version, until: now, failures: failures)
            refuse(key, for: min(delay, settings.failureDelayMax), at: now)
        }
    }

    /// Leaves an assignment as it is until the task's version changes or it is written again.
    private mutating func doubt(_ key: Key<BackgroundTask>, at now: Timestamp) {
        guard let failures = pending[key]?.failures else { return }
        let delay = min(settings.failureDelay * (1 << min(failures, 10)), settings.failureDelayMax)
        pending[key]?.failures = failures + 1
        pending[key]?.stage = .doubtful(until: now + delay)
        refresh(task: key, at: now)
    }

    /// Takes an assignment back that has certainly not been stored, and leaves the task alone until
    /// its version changes or the time is over.
    private mutating func refuse(
        _ key: Key<BackgroundTask>, for delay: Duration, at now: Timestamp
    ) {
        guard let waiting = pending.removeValue(forKey: key) else { return }
        engine.remove(task: key.description)
        holds[key] = Hold(
            version: waiting.version, until: now + delay, failures: holds[key]?.failures ?? 0)
        refresh(task: key, at: now)
    }

    /// Tells the heads of those queues that have changed.
    mutating func report(at now: Timestamp) -> [MachineCommand] {
        guard isLeading else { return [] }
        unreported.formUnion(contested)
        guard !unreported.isEmpty else { return [] }
        if let last = lastReport, last <= now, last + settings.queueReport > now { return [] }
        lastReport = now
        var commands: [MachineCommand] = []
        for pool in unreported.sorted() {
            let queue = head(of: pool, at: now)
            guard reports[pool] ?? PoolQueue(pool: pool, places: []) != queue else { continue }
            reports[pool] = queue.isEmpty ? nil : queue
            commands.append(
                queue.isEmpty
                    ? .retract(
                        ObjectRef(
                            type: PoolQueue.type, namespace: pool.namespace, name: pool.name))
                    : .publish(queue))
        }
        unreported = []
        return commands
    }

    /// Counts a task that was given out.
    private mutating func noteStart(in pool: String, at now: Timestamp) {
        guard let pool = Key<BackgroundAgentPool>(path: pool) else { return }
        let second = now.seconds
        starts[pool, default: [:]][second, default: 0] += 1
        if starts[pool]?.count ?? 0 > 10 {
            starts[pool] = starts[pool]?.filter { $0.key > second - 10 && $0.key <= second }
        }
        lastStarts[pool] = now
        unreported.insert(pool)
    }

    private func head(of pool: Key<BackgroundAgentPool>, at now: Timestamp) -> PoolQueue {
        var since: [Key<BackgroundTask>: QueuePlace] = [:]
        for entry in reports[pool]?.places ?? [] { since[entry.task] = entry.place }
        var places: [PoolQueue.Entry] = []
        for id in engine.firstTasks(ofPool: pool.description, PoolQueue.placesMax) {
            guard let key = Key<BackgroundTask>(path: id) else { continue }
            var place = QueuePlace(
                position: places.count + 1, since: now, fitsNowhere: engine.isParked(task: id))
            if let old = since[key], old.position == place.position,
                old.fitsNowhere == place.fitsNowhere
            {
                place.since = old.since
            }
            places.append(.init(task: key, place: place))
        }
        var queue = PoolQueue(pool: pool, places: places)
        queue.wornAgents = wornAgents(of: pool)
        if !places.isEmpty, let last = lastStarts[pool], last + .seconds(10) > now {
            queue.lastStart = last
            queue.recentStarts = (starts[pool] ?? [:]).filter { $0.key > last.seconds - 10 }
                .values.reduce(0, +)
        }
        queue.preemptions = engine.preemptions(
            inPool: pool.description, at: now.nanoseconds
        ).compactMap { made in
            guard let victim = Key<BackgroundTask>(path: made.victim), let task = view[victim],
                task.lease?.agent.text == made.agent, let by = Key<BackgroundTask>(path: made.by)
            else { return nil }
            return .init(victim: victim, attempt: task.status.attempt, by: by)
        }
        return queue
    }

    /// Pools in which something waits that running tasks may have to give way to: when they do
    /// follows from the time alone.
    var contested: Set<Key<BackgroundAgentPool>> {
        preempting.filter { engine.counts(ofPool: $0.description).waiting > 0 }
    }
}

extension AgentScore {
    /// The score in words.
    var sentence: String {
        func percent(_ value: Double) -> String { String(Int((value * 100).rounded())) }
        return "Agent chosen with \(percent(total)) of 100: capacity \(percent(capacity)),"
            + " specialization \(percent(specialization)), performance \(percent(performance)),"
            + " workload \(percent(workload))."
    }
}

extension Key {
    /// The key that `namespace/name` spells; nil where the text is none.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]))
    }
}
