public import ControlLoop
import KubernetesCore
import Locking
public import Logging
public import ServiceLifecycle

/// Writes notes as Kubernetes Events. Recording never waits and never fails: what is too much, or
/// what the server does not take, is dropped and counted.
public actor EventRecorder: Service {
    /// What a recorder writes.
    public static let access = Access.events

    private let applier: Applier
    private let time: any TimeSource
    private let metrics: RuntimeMetrics?
    private let logger: Logger
    private let signal = Signal()
    private nonisolated let waiting = Mutex<[Note]>([])
    private nonisolated let isStopping = Mutex(false)
    private var aggregation: EventAggregation

    /// Most notes that wait to be written.
    private static let waitingMax = 2_000

    /// A recorder.
    /// - Parameters:
    ///   - component: who reports, as in `swiftlet`.
    ///   - instance: which process of it, as in the pod's name.
    ///   - seed: different in every process, so that their events never share a name.
    public init(
        applier: Applier, component: String = "swiftlet", instance: String, seed: UInt64,
        limits: EventAggregation.Limits = EventAggregation.Limits(),
        time: any TimeSource = SystemTime(), metrics: RuntimeMetrics? = nil, logger: Logger
    ) {
        self.applier = applier
        self.time = time
        self.metrics = metrics
        self.logger = logger
        aggregation = EventAggregation(
            component: component, instance: instance, seed: seed, limits: limits)
    }

    /// Takes notes to be written soon.
    public nonisolated func record(_ notes: [Note]) {
        guard !notes.isEmpty else { return }
        let dropped = waiting.withLock { waiting in
            let room = max(0, EventRecorder.waitingMax - waiting.count)
            waiting += notes.prefix(room)
            return max(0, notes.count - room)
        }
        if dropped > 0 { metrics?.events.increment(["dropped"], by: Double(dropped)) }
        signal.raise()
    }

    /// Writes until the surrounding work is cancelled or told to shut down; what waits by then is
    /// written first, once.
    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isCancelled {
                let isLast = isStopping.withLock { $0 }
                for command in take() { await write(command) }
                if isLast { return }
                await signal.wait(until: aggregation.nextDeadline(time.now.instant), time)
            }
        } onGracefulShutdown: {
            self.isStopping.withLock { $0 = true }
            self.signal.raise()
        }
    }

    private func take() -> [EventAggregation.Command] {
        let notes = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let now = time.now
        let before = aggregation.dropped
        var commands: [EventAggregation.Command] = []
        for note in notes { commands += aggregation.add(note, at: now) }
        if notes.isEmpty { commands = aggregation.flush(now) }
        let dropped = aggregation.dropped - before
        if dropped > 0 { metrics?.events.increment(["dropped"], by: Double(dropped)) }
        return commands
    }

    private func write(_ command: EventAggregation.Command) async {
        // Names of Events are made from this process's seed: one that exists already was written
        // by us, and only the answer was lost.
        let result = await applier.perform(
            command.action, access: EventRecorder.access, isNameOurs: true)
        switch result {
        case .done(let write):
            aggregation.finished(command.id, stored: write?.object)
            metrics?.events.increment(["written"])
        case .stale, .failed, .deposed:
            aggregation.finished(command.id, stored: nil)
            metrics?.events.increment(["failed"])
            logger.debug("an event was not written: \(result)")
        }
    }
}
