public import ControlLoop
public import KubernetesCore
import Locking
public import Logging
public import ServiceLifecycle

/// Keeps one kind in the cache in step with the server: carries out what a `WatchMachine` says.
public actor Informer<Object: KubeObject>: Service, Following {
    private let client: any KubernetesReading
    private let cache: ClusterCache
    private let selection: Selection
    private let time: any TimeSource
    private let logger: Logger
    private let metrics: RuntimeMetrics?
    private var machine: WatchMachine<Object>
    private var wakeAt: Instant?
    private let rearmed = Signal()
    /// Counts streams, so that nothing of an old one is taken for the new one's.
    private var stream = 0
    private var abandoned: Step?
    private nonisolated let contact = Mutex(Contact())
    /// Whether the cache has been told that the kind is stale.
    private var isStale = false

    /// An informer of one kind.
    /// - Parameters:
    ///   - selection: which objects; everything where nothing is given.
    ///   - seed: for the jitter of its waits.
    public init(
        _ kind: Object.Type, client: any KubernetesReading, cache: ClusterCache,
        selection: Selection = .everything, limits: WatchLimits = WatchLimits(), seed: UInt64,
        time: any TimeSource = SystemTime(), metrics: RuntimeMetrics? = nil, logger: Logger
    ) {
        self.client = client
        self.cache = cache
        self.selection = selection
        self.time = time
        self.metrics = metrics
        var logger = logger
        logger[metadataKey: "kind"] = "\(Object.type.kind)"
        self.logger = logger
        machine = WatchMachine(
            limits: limits, seed: SeededGenerator.hash(Object.type.plural, seed: seed))
    }

    /// Follows the kind until the surrounding work is cancelled or told to shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
    }

    private func follow() async {
        var step = handle(.begin)
        while !Task.isCancelled {
            await deliver(step.deltas)
            await tellStanding()
            switch step.question {
            case .list(let query)?: step = await list(query)
            case .watch(let query)?: step = await watch(query)
            case nil:
                await time.sleep(until: wakeAt ?? time.now.instant + .seconds(1))
                step = handle(.timer)
            }
        }
    }

    nonisolated func lag(after limit: Duration) -> String? {
        let now = time.now.instant
        guard let since = contact.withLock({ $0.failingSince(at: now) }), now - since > limit
        else { return nil }
        return "\(Object.type.plural) could not be followed for \(Int((now - since).inSeconds)) s"
    }

    // MARK: - The machine

    /// What one input led to.
    private struct Step: Sendable {
        enum Question: Sendable {
            case list(ListQuery)
            case watch(WatchQuery)
        }

        var deltas: [Delta<Object>] = []
        var question: Question?
        var isAbandoned = false
    }

    private func handle(_ inputs: WatchMachine<Object>.Input...) -> Step { handle(all: inputs) }

    private func handle(all inputs: [WatchMachine<Object>.Input]) -> Step {
        var step = Step()
        let now = time.now.instant
        for input in inputs {
            for command in machine.handle(input, at: now) {
                switch command {
                case .list(let query):
                    step.question = .list(query)
                    contact.withLock { $0.askedAt = now }
                case .watch(let query):
                    step.question = .watch(query)
                    contact.withLock { $0.askedAt = now }
                case .abandon: step.isAbandoned = true
                case .wake(let at):
                    wakeAt = at
                    rearmed.raise()
                case .deliver(let delta):
                    step.deltas.append(delta)
                    contact.withLock { $0.failedAt = nil }
                case .report(let object):
                    metrics?.unreadable.increment([Object.type.plural])
                    logger.warning("\(object)")
                case .complain(let error, let failures):
                    metrics?.watchFailures.increment([Object.type.plural])
                    contact.withLock { $0.failedAt = $0.failedAt ?? now }
                    // The first failure is how every long watch ends some day.
                    logger.log(
                        level: failures > 1 ? .warning : .debug,
                        "following \(Object.type.plural) failed \(failures) times: \(error)")
                }
            }
            if step.isAbandoned { break }
        }
        return step
    }

    private func deliver(_ deltas: [Delta<Object>]) async {
        if !deltas.isEmpty { await cache.apply(deltas) }
    }

    /// Says in the cache when the kind cannot be followed for long, and when it can again.
    private func tellStanding() async {
        let now = time.now.instant
        let since = contact.withLock { $0.failedAt }
        let isStaleNow = since.map { now - $0 >= StaleKind.after } ?? false
        guard isStaleNow != isStale else { return }
        isStale = isStaleNow
        if isStaleNow {
            await cache.publish(StaleKind(Object.type))
        } else {
            await cache.retract(StaleKind.key(of: Object.type))
        }
    }

    // MARK: - Questions

    private func list(_ query: ListQuery) async -> Step {
        do throws(APIError) {
            return handle(.page(try await client.list(Object.self, in: selection, query)))
        } catch {
            return handle(.closed(error))
        }
    }

    /// How a watch came to its end.
    private enum End: Sendable {
        case closed(APIError?)
        case abandoned(Step)
    }

    /// Follows a watch until it ends or the machine gives it up, and returns what comes next.
    /// Events and timer run beside each other; both go through the machine one at a time.
    private func watch(_ query: WatchQuery) async -> Step {
        stream += 1
        abandoned = nil
        let number = stream
        var outcome: Step?
        await withTaskGroup(of: End?.self) { group in
            group.addTask { await self.read(query, number) }
            group.addTask { await self.watchTimer(number) }
            if case .some(.some(let end)) = await group.next() { outcome = finish(end) }
            // What the stream still says is from before this decision.
            stream += 1
            group.cancelAll()
        }
        return outcome ?? Step()
    }

    private func finish(_ end: End) -> Step {
        switch end {
        case .closed(let error):
            contact.withLock { $0.ended(at: time.now.instant) }
            return Task.isCancelled ? Step() : handle(.closed(error))
        case .abandoned(let step): return step
        }
    }

    private func read(_ query: WatchQuery, _ number: Int) async -> End? {
        var failure: APIError?
        do throws(APIError) {
            try await client.follow(Object.self, in: selection, query) { events in
                await self.take(events, of: number)
            }
        } catch {
            failure = error
        }
        if let abandoned, number == stream { return .abandoned(abandoned) }
        return .closed(failure)
    }

    /// Takes a batch of events in and says whether the stream is still wanted. What the batch
    /// changes is in the cache before the next one is read.
    private func take(_ events: [WatchEvent<Object>], of number: Int) async -> Bool {
        guard number == stream, abandoned == nil else { return false }
        var step = handle(all: events.map { .event($0) })
        let deltas = step.deltas
        step.deltas = []
        if step.isAbandoned { abandoned = step }
        await deliver(deltas)
        await tellStanding()
        return !step.isAbandoned
    }

    private func watchTimer(_ number: Int) async -> End? {
        while !Task.isCancelled {
            await rearmed.wait(until: wakeAt, time)
            guard !Task.isCancelled, number == stream, abandoned == nil,
                let due = wakeAt, time.now.instant >= due
            else { continue }
            wakeAt = nil
            let step = handle(.timer)
            if step.isAbandoned { return .abandoned(step) }
        }
        return nil
    }
}
