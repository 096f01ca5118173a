public import ControlLoop
import KubernetesCore
import Locking
public import Logging
public import ServiceLifecycle

/// The shell around a `PlanningMachine`: tells it what happened, carries out what it wants, and
/// decides nothing.
///
/// One loop calls the machine; plans are carried out beside it, as many at a time as the machine
/// asks for. It sleeps until something happens or the machine's next deadline.
public actor Controller<Machine: PlanningMachine>: Service {
    /// A plan that has ended.
    private struct Ended: Sendable {
        let id: String
        let plan: Plan
        let token: PlanToken
        let root: ObjectRef
        let outcome: Outcome
        let took: Duration
    }

    /// How the work goes on, for those who only look.
    private struct Pace: Sendable {
        var turnedAt: Instant?
        var dueSince: Instant?
        /// When each plan that is being carried out was begun.
        var running: [PlanToken: Instant] = [:]
    }

    private var machine: Machine
    private let cache: ClusterCache
    private let applier: Applier
    private let leadership: LeadershipState
    private let recorder: EventRecorder?
    private let time: any TimeSource
    private let metrics: RuntimeMetrics?
    private let flights: FlightRecorder?
    private let logger: Logger
    /// When this controller was made: numbers of decisions begin anew with every process.
    private let birth: String

    private let signal = Signal()
    private let mailbox: Mailbox
    private nonisolated let ended = Mutex<[Ended]>([])
    private nonisolated let isStopping = Mutex(false)
    private nonisolated let pace = Mutex(Pace())
    private var wakeAt: Instant?
    private var term: Int?
    private var counted = MachineStatistics()

    /// A controller of `machine`.
    /// - Parameter leadership: what the machine is told of it; the applier checks it for itself.
    public init(
        _ machine: Machine, cache: ClusterCache, applier: Applier, leadership: LeadershipState,
        recorder: EventRecorder? = nil, time: any TimeSource = SystemTime(),
        metrics: RuntimeMetrics? = nil, flights: FlightRecorder? = nil, logger: Logger
    ) {
        self.machine = machine
        self.cache = cache
        self.applier = applier
        self.leadership = leadership
        self.recorder = recorder
        self.time = time
        self.metrics = metrics
        self.flights = flights
        var logger = logger
        logger[metadataKey: "controller"] = "\(Machine.name)"
        self.logger = logger
        birth = String(time.now.time.nanoseconds / 1_000_000, radix: 36)
        mailbox = Mailbox(raising: signal)
        metrics?.declare(Machine.name, workersMax: machine.statistics.inFlightMax)
        metrics?.registry.addCollector { [weak self] in self?.measurePace() }
    }

    /// Runs until the surrounding work is cancelled or told to shut down; then what is being
    /// carried out is finished first.
    public func run() async throws {
        await cache.subscribe(mailbox, to: machine.watched)
        leadership.subscribe(signal)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled, !isStopping.withLock({ $0 }) {
                    for command in turn() { await carryOut(command, &group) }
                    // The loop also turns when nothing is due, so that standing still can be seen.
                    let pulse = time.now.instant + .seconds(30)
                    await signal.wait(until: wakeAt.map { min($0, pulse) } ?? pulse, time)
                }
            }
        } onGracefulShutdown: {
            self.isStopping.withLock { $0 = true }
            self.signal.raise()
        }
    }

    /// Why this controller counts as stalled, for liveness; nil where it does not. It turns at
    /// least once in the longest sleep of its machine, and every request of a plan has a time
    /// limit.
    public nonisolated func stall(
        after limit: Duration = .seconds(120), planLimit: Duration = .seconds(600)
    ) -> String? {
        let now = time.now.instant
        let pace = pace.withLock { $0 }
        if let last = pace.turnedAt, now - last > limit {
            let seconds = Int((now - last).inSeconds)
            return "the controller \(Machine.name) has not turned for \(seconds) s"
        }
        if let oldest = pace.running.values.min(), now - oldest > planLimit {
            let seconds = Int((now - oldest).inSeconds)
            return "a plan of the controller \(Machine.name) has not ended for \(seconds) s"
        }
        return nil
    }

    /// Why this controller counts as behind, for readiness; nil where it does not: a key has been
    /// due for longer than `limit` and nothing was done about it.
    public nonisolated func lag(after limit: Duration = .seconds(120)) -> String? {
        guard let since = pace.withLock({ $0.dueSince }) else { return nil }
        let wait = time.now.instant - since
        guard wait > limit else { return nil }
        return "a key of the controller \(Machine.name) waits for \(Int(wait.inSeconds)) s"
    }

    /// Tells the machine everything that happened. Nothing here waits.
    private func turn() -> [MachineCommand] {
        let now = time.now
        pace.withLock { $0.turnedAt = now.instant }
        var commands: [MachineCommand] = []
        if let changed = mailbox.take() { commands += tell(changed, now) }
        let current = leadership.current
        if current?.term != term {
            term = current?.term
            commands += tell(.leadership(current), now)
        }
        let done = ended.withLock { ended in
            defer { ended = [] }
            return ended
        }
        for end in done {
            note(end)
            commands += tell(.finished(end.token, end.outcome), now)
        }
        if let due = wakeAt, due <= now.instant {
            wakeAt = nil
            commands += tell(.timer, now)
        }
        for case .wake(let at) in commands { wakeAt = at }
        measure()
        return commands
    }

    private func tell(_ input: MachineInput, _ now: Moment) -> [MachineCommand] {
        let commands = machine.handle(input, at: now)
        guard let metrics else { return commands }
        for wait in machine.statistics.waits {
            metrics.queue.waited.observe(wait.inSeconds, [Machine.name, Machine.name])
        }
        return commands
    }

    private func carryOut(
        _ command: MachineCommand, _ group: inout DiscardingTaskGroup
    ) async {
        switch command {
        case .apply(let plan, let token, let root):
            group.addTask { await self.carryOut(plan, token, root) }
        case .wake: break
        case .publish(let object): await cache.publish(object)
        case .retract(let object): await cache.retract(object)
        }
    }

    private nonisolated func carryOut(
        _ plan: Plan, _ token: PlanToken, _ root: ObjectRef
    ) async {
        let begun = time.now.instant
        pace.withLock { $0.running[token] = begun }
        let id = "\(Machine.name)-\(birth)-\(token.number)"
        let outcome = await ReconcileID.$current.withValue(id) {
            logger.debug(
                "a plan is carried out",
                metadata: ["object": "\(root)", "writes": "\(plan.actions.count)"])
            return await applier.apply(plan, root: root, access: Machine.access)
        }
        let end = Ended(
            id: id, plan: plan, token: token, root: root, outcome: outcome,
            took: time.now.instant - begun)
        pace.withLock { $0.running[token] = nil }
        ended.withLock { $0.append(end) }
        signal.raise()
    }

    // MARK: - Telling

    /// Records what a plan had to tell: its notes where it wrote something, and why it was refused.
    private func note(_ end: Ended) {
        let name = [Machine.name]
        let result: String
        let about: Logger.Metadata = [ReconcileID.key: "\(end.id)", "object": "\(end.root)"]
        switch end.outcome {
        case .applied(let done):
            result = end.plan.wake == nil ? "success" : "requeue_after"
            if !done.isEmpty {
                recorder?.record(end.plan.notes)
                for note in end.plan.notes.prefix(20) { tell(note, about) }
            }
        case .stale(let object, _):
            result = "requeue"
            logger.debug(
                "the plan for \(end.root) was made for an older \(object)", metadata: about)
        case .deposed: result = "requeue"
        case .failed(let failure, _):
            result = "error"
            metrics?.reconcileErrors.increment(name)
            if failure.disposition == .terminal { metrics?.terminalErrors.increment(name) }
            if failure.reason == "Timeout" { metrics?.reconcileTimeouts.increment(name) }
            logger.warning("the plan for \(end.root) failed: \(failure)", metadata: about)
            if failure.isAnswer {
                recorder?.record([
                    Note(
                        .warning, reason: "WriteRefused",
                        message: "\(failure.target): \(failure.message)", about: end.root)
                ])
            }
        }
        metrics?.reconciles.increment([Machine.name, result])
        metrics?.reconcileTime.observe(end.took.inSeconds, name)
        metrics?.queue.worked.observe(end.took.inSeconds, name + name)
        flights?.record(
            end.plan, for: end.root, by: Machine.name, id: end.id, end.outcome, took: end.took)
    }

    /// Logs what becomes an Event, too: with a log alone one can follow what was decided and why.
    private func tell(_ note: Note, _ about: Logger.Metadata) {
        var about = about
        about["reason"] = "\(note.reason)"
        about["object"] = "\(note.about)"
        for (key, value) in note.annotations {
            about[key.split(separator: "/").last.map(String.init) ?? key] = "\(value)"
        }
        logger.log(level: note.kind == .normal ? .debug : .info, "\(note.message)", metadata: about)
    }

    private func measure() {
        let now = machine.statistics
        pace.withLock { $0.dueSince = now.dueSince }
        guard let metrics else { return }
        let name = [Machine.name]
        metrics.queue.depth.set(Double(now.depth), name + name)
        metrics.activeWorkers.set(Double(now.inFlight), name)
        metrics.queue.adds.increment(name + name, by: Double(now.adds - counted.adds))
        metrics.queue.retries.increment(name + name, by: Double(now.retries - counted.retries))
        metrics.barrierTimeouts.increment(
            name, by: Double(now.barrierTimeouts - counted.barrierTimeouts))
        counted = now
    }

    /// Sets what changes by itself as time goes by.
    private nonisolated func measurePace() {
        guard let metrics else { return }
        let now = time.now.instant
        let taken = pace.withLock { $0.running.values.map { (now - $0).inSeconds } }
        let name = [Machine.name, Machine.name]
        metrics.queue.unfinished.set(taken.reduce(0, +), name)
        metrics.queue.longest.set(taken.max() ?? 0, name)
    }
}
