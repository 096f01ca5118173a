/// Which running tasks should checkpoint and stop, so that ones of much more priority can run.
///
/// It cannot go in circles: a task gives way only to one of its own tenant that is ahead of it in
/// the order of the queue and has at least `preemptionGap` more priority, so never to one that has
/// given way to it. It is asked for at the head of the queue alone, so the slot that becomes free
/// goes to whom it was freed for. And it is bounded: a task that has just begun, or has given way
/// `preemptionsMax` times, is left alone, and only a tenth of the slots is freed at a time.
extension SchedulingEngine {
    /// By how much the priorities must differ at least.
    public static let preemptionGap = 100
    /// How often one task gives way at most.
    public static let preemptionsMax = 3
    /// How long an attempt is left alone, in seconds.
    public static let preemptionRunSeconds: Int64 = 10
    /// How long a task waits for a slot before one is freed for it, in seconds.
    public static let preemptionWaitSeconds: Int64 = 2

    /// What should be asked to stop in pool `id` now; nothing where its rules do not allow it. What
    /// was asked already counts through `TaskDemand.isStopping`.
    ///
    /// - Parameter now: nanoseconds since 1970.
    public func preemptions(inPool id: String, at now: Int64) -> [Preemption] {
        guard let number = poolNumbers[id] else { return [] }
        let pool = pools[Int(number)]
        guard pool.isPresent, pool.rules.preempts, pool.rules.handsOutWork, pool.waiting > 0
        else { return [] }
        var stopping = 0
        var running: [Int] = []
        for row in pool.agents.flatMap({ agents[Int($0)].holds }).map(Int.init) {
            guard case .running = tasks[row].state, tasks[row].pool == number else { continue }
            if tasks[row].isStopping { stopping += 1 } else { running.append(row) }
        }
        let slots = pool.agents.reduce(0) { $0 + agents[Int($1)].slots }
        let most = max(1, slots / 10) - stopping
        guard most > 0, !running.isEmpty else { return [] }
        var result: [Preemption] = []
        // Those first in the queue get what is being freed already.
        for entry in order(ofPool: Int(number), stopping + most).dropFirst(stopping) {
            let row = Int(entry.row)
            guard Self.lapse(entry.queuedAt, now) >= Self.preemptionWaitSeconds * 1_000_000_000,
                bestAgent(for: row) == nil,
                let victim = running.filter({ givesWay($0, to: row, at: now) })
                    .min(by: { goesSooner($0, $1) }),
                case .running(let agent) = tasks[victim].state
            else { break }
            running.removeAll { $0 == victim }
            result.append(
                Preemption(
                    victim: tasks[victim].entry.id, agent: agents[Int(agent)].id, by: entry.id))
        }
        return result
    }

    /// Whether the running task may be stopped for the waiting one, and that would help.
    private func givesWay(_ victim: Int, to row: Int, at now: Int64) -> Bool {
        let (running, waiting) = (tasks[victim], tasks[row])
        guard case .running(let number) = running.state else { return false }
        let agent = agents[Int(number)]
        return running.isCheckpointable && running.tenant == waiting.tenant
            && Int(running.preemptions) < Self.preemptionsMax
            && Int(waiting.priority) - Int(running.priority) >= Self.preemptionGap
            && waiting.entry < running.entry
            && Self.lapse(running.startedAt, now) >= Self.preemptionRunSeconds * 1_000_000_000
            && agent.isUsable && agent.usedSlots <= agent.slots
            && !isAvoided(number, by: groups[Int(waiting.group)].identity)
            && waiting.requests.fits(in: agent.room + running.requests)
    }

    /// Which of two tasks loses less by stopping: the one of less priority, then the younger run.
    private func goesSooner(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (tasks[left], tasks[right])
        if one.priority != other.priority { return one.priority < other.priority }
        if one.startedAt != other.startedAt { return one.startedAt > other.startedAt }
        return one.entry.id < other.entry.id
    }

    /// How long ago `time` was at `now`; the longest time there is where that cannot be counted.
    private static func lapse(_ time: Int64, _ now: Int64) -> Int64 {
        let (lapse, overflow) = now.subtractingReportingOverflow(time)
        return overflow ? .max : lapse
    }
}
