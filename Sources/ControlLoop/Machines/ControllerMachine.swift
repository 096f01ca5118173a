public import KubernetesCore

/// Queue, retries, write barrier and leadership of one reconciler.
///
/// Every key goes the same way: observe → plan → apply → finished, and then again once the cache
/// shows what was written. A plan that writes nothing is the fixed point at which a key rests.
public struct ControllerMachine<R: Reconciler>: PlanningMachine {
    /// The key of a root object.
    public typealias RootKey = Key<R.Root>

    struct Flight: Sendable {
        let key: RootKey
        let wake: Timestamp?
        /// Whether only the status is written, to report the failure of the plan before.
        let isReport: Bool
    }

    let reconciler: R
    let limits: ControllerLimits
    /// When this process started, as the clock on the wall shows it now.
    var startedAt: Timestamp
    let seed: UInt64
    let rootType: any ClusterObject.Type = R.Root.self

    var view = ClusterView()
    var queue: WorkQueue<RootKey>
    var barrier: WriteBarrier<RootKey>
    var flights: [PlanToken: Flight] = [:]
    var ledgers: [RootKey: RetryLedger] = [:]
    var wakes: [RootKey: Timestamp] = [:]
    var generator: SeededGenerator
    var isLeading = false
    var isSynced = false
    var overflowed = false
    var tokens: UInt64 = 0
    var clockOffset: Duration?
    /// When the clocks were last looked at.
    var lastLook: Timestamp?
    /// How the clock was set, oldest first.
    var clockSteps: [ClockStep] = []
    var scheduled: Instant?
    var counts = MachineStatistics()
    var waits: [Duration] = []
    var dueSince: Instant?

    /// The machine of `reconciler`.
    /// - Parameters:
    ///   - startedAt: when this process started, by the wall clock.
    ///   - seed: for jitter and for the seeds that plans are given.
    ///   - isLeading: true where no leadership is needed to act.
    public init(
        _ reconciler: R, limits: ControllerLimits = ControllerLimits(), startedAt: Timestamp,
        seed: UInt64, isLeading: Bool = false
    ) {
        self.reconciler = reconciler
        self.limits = limits
        self.startedAt = startedAt
        self.seed = seed
        self.isLeading = isLeading
        queue = WorkQueue(capacity: limits.queueMax) { $0.namespace }
        barrier = WriteBarrier(patience: limits.barrierPatience)
        generator = SeededGenerator(seed: seed)
        let known = Set(watched.map { $0.type })
        for type in R.access.reads where !known.contains(type) {
            preconditionFailure(
                "\(R.name) reads \(type.plural), but no trigger names a type of it: it would wait "
                    + "for ever to see them; add a Trigger.none(on:)")
        }
    }

    /// The reconciler's name.
    public static var name: String { R.name }
    /// The reconciler's access list.
    public static var access: Access { R.access }
    /// The root's kind and the kinds of all triggers.
    public var watched: [any ClusterObject.Type] {
        var kinds: [any ClusterObject.Type] = [rootType]
        for trigger in reconciler.triggers
        where !kinds.contains(where: { $0 == trigger.source }) {
            kinds.append(trigger.source)
        }
        return kinds
    }
    /// The queue, for metrics.
    public var statistics: MachineStatistics {
        var result = counts
        result.depth = queue.count
        result.adds = queue.additions
        result.inFlight = flights.count
        result.inFlightMax = limits.inFlightMax
        result.waits = waits
        result.dueSince = dueSince
        return result
    }

    /// Takes one input; see `PlanningMachine`.
    public mutating func handle(_ input: MachineInput, at now: Moment) -> [MachineCommand] {
        adjustForClockSteps(now)
        waits = []
        var commands: [MachineCommand] = []
        switch input {
        case .changed(let changes, let view):
            self.view = view
            for change in changes { note(change, now) }
        case .finished(let token, let outcome):
            commands += finish(token, outcome, now)
        case .leadership(let leadership): isLeading = leadership != nil
        case .timer: scheduled = nil
        }
        releaseHeld(now)
        commands += plan(now)
        commands += schedule(now)
        return commands
    }

    // MARK: - Input

    /// Queues every root that a change concerns.
    private mutating func note(_ change: AnyChange, _ now: Moment) {
        if let own = change.of(R.Root.self) {
            if own.old?.metadata.uid != own.new?.metadata.uid { ledgers[own.key] = nil }
            if R.isNewIntent(own) { ledgers[own.key]?.pause = .none }
            enqueue(own.key, now)
        }
        for trigger in reconciler.triggers {
            for key in trigger.roots(of: change, in: view) { enqueue(key, now) }
        }
    }

    mutating func enqueue(_ key: RootKey, _ now: Moment) {
        if case .conflict = ledgers[key]?.pause { ledgers[key]?.pause = .none }
        let due = ledgers[key]?.notBefore(now.instant) ?? now.instant
        if !queue.add(key, due: due) { overflowed = true }
    }

    /// Wakes are kept as times of the wall clock; when that is set, what was computed from it is
    /// computed again. A wake is never late by more than the longest sleep.
    private mutating func adjustForClockSteps(_ now: Moment) {
        let offset = now.time - Timestamp(nanoseconds: now.instant.nanoseconds)
        let looked = lastLook
        lastLook = now.time
        guard let before = clockOffset else {
            clockOffset = offset
            return
        }
        let step = offset - before
        guard step > limits.clockStepMin || step < .zero - limits.clockStepMin else { return }
        clockOffset = offset
        clockSteps.append(
            ClockStep(before: now.time + (.zero - step), size: step, since: looked))
        clockSteps.removeFirst(max(0, clockSteps.count - limits.clockStepsMax))
        startedAt = startedAt + step
        // What waits for a time that a wrong clock has written is looked at by a right one.
        for key in wakes.keys.sorted() { queue.add(key, due: now.instant) }
    }

    private mutating func releaseHeld(_ now: Moment) {
        for (key, timedOut) in barrier.release(in: view, at: now.instant) {
            if timedOut { counts.barrierTimeouts += 1 }
            enqueue(key, now)
        }
        if overflowed && queue.count < limits.queueMax / 2 {
            overflowed = false
            for root in view.all(R.Root.self) { enqueue(root.key, now) }
        }
    }

    // MARK: - Planning

    /// Plans what is due as long as there is room.
    private mutating func plan(_ now: Moment) -> [MachineCommand] {
        guard isLeading else { return [] }
        if !isSynced { isSynced = R.access.reads.allSatisfy { view.isSynced($0) } }
        guard isSynced else { return [] }
        var commands: [MachineCommand] = []
        while flights.count < limits.inFlightMax, let key = queue.take(at: now.instant) {
            waits.append(queue.lastWait)
            if let held = barrier.deadline(of: key) {
                queue.finish(key, again: held)
            } else if let pause = ledgers[key]?.notBefore(now.instant) {
                queue.finish(key, again: pause)
            } else if let command = plan(key, now) {
                commands.append(command)
            }
        }
        return commands
    }

    private mutating func plan(_ key: RootKey, _ now: Moment) -> MachineCommand? {
        wakes[key] = nil
        ledgers[key]?.pause = .none
        guard let world = reconciler.observe(key, in: view) else {
            ledgers[key] = nil
            barrier.forget(key)
            queue.finish(key)
            return nil
        }
        var plan = reconciler.plan(world, context(key, now))
        guard !plan.isIdle else {
            rest(key, until: plan.wake, now)
            return nil
        }
        trim(&plan)
        return launch(plan, key, isReport: false)
    }

    /// The key rests until something changes or its wake comes. Where a failure was known, the next
    /// plan is made without it, so that a status which tells of it is put right.
    private mutating func rest(_ key: RootKey, until wake: Timestamp?, _ now: Moment) {
        let hadFailed = ledgers[key]?.lastFailure != nil
        ledgers[key] = nil
        if hadFailed {
            queue.finish(key, again: now.instant)
        } else {
            queue.finish(key)
            setWake(key, wake, now, isLate: true)
        }
    }

    mutating func launch(_ plan: Plan, _ key: RootKey, isReport: Bool) -> MachineCommand {
        tokens += 1
        let token = PlanToken(tokens)
        flights[token] = Flight(key: key, wake: plan.wake, isReport: isReport)
        let root =
            view[key]?.reference
            ?? ObjectRef(type: R.Root.type, namespace: key.namespace, name: key.name)
        return .apply(plan, token: token, root: root)
    }

    func context(_ key: RootKey, _ now: Moment) -> PlanContext {
        PlanContext(
            now: now, startedAt: startedAt,
            seed: SeededGenerator.hash(key.description, seed: seed),
            lastFailure: ledgers[key]?.lastFailure, clockSteps: clockSteps)
    }

    /// Cuts a plan that is too long. What is cut off is planned again after what was kept.
    private func trim(_ plan: inout Plan) {
        var room = limits.planActionsMax
        guard plan.steps.reduce(0, { $0 + $1.count }) > room else { return }
        var kept: [[Action]] = []
        for step in plan.steps where room > 0 {
            kept.append(Array(step.prefix(room)))
            room -= kept.last?.count ?? 0
        }
        plan.steps = kept
        plan.status = nil
    }

    // MARK: - Waiting

    mutating func setWake(_ key: RootKey, _ wake: Timestamp?, _ now: Moment, isLate: Bool) {
        guard let wake else { return }
        let at = now.instant(at: wake)
        let floor = isLate && at <= now.instant ? now.instant + limits.lateWakeDelay : at
        wakes[key] = wake
        queue.add(key, due: max(floor, ledgers[key]?.notBefore(now.instant) ?? floor))
    }

    private mutating func schedule(_ now: Moment) -> [MachineCommand] {
        var next = now.instant + limits.sleepMax
        dueSince = nil
        if isLeading, isSynced, let due = queue.nextDeadline(), due <= now.instant {
            dueSince = due
        }
        if isLeading, isSynced, flights.count < limits.inFlightMax,
            let due = queue.nextDeadline()
        {
            next = min(next, max(due, now.instant))
        }
        if let due = barrier.nextDeadline { next = min(next, due) }
        if let scheduled, scheduled <= next, scheduled > now.instant { return [] }
        scheduled = next
        return [.wake(at: next)]
    }
}

extension Reconciler {
    /// Whether a change of the root is one of what is wanted, not only of what was observed.
    static func isNewIntent(_ change: Change<Root>) -> Bool {
        guard let old = change.old?.metadata, let new = change.new?.metadata else { return true }
        return old.uid != new.uid || old.generation != new.generation
            || old.deletionTime != new.deletionTime || old.annotations != new.annotations
            || old.labels != new.labels
    }
}
