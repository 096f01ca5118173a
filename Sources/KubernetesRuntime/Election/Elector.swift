public import ControlLoop
public import KubernetesCore
import Locking
public import Logging
public import ServiceLifecycle

/// Takes part in the election over one Lease: carries out what a `LeaseMachine` says.
///
/// `run` ends by throwing `ElectionError.lost` where a leadership is lost: the process then ends as
/// a whole, because nothing that was planned while it led may be written any more. On shutdown the
/// lease is given back; so this service has to be shut down after everything that writes.
public actor Elector: Service {
    /// What an elector reads and writes.
    public static let access = Access.election

    private var machine: LeaseMachine
    private let lease: Key<LeaseRecord>
    private let leadership: LeadershipState
    private let applier: Applier
    private let client: any KubernetesReading
    private let time: any TimeSource
    private let metrics: RuntimeMetrics?
    private let flights: FlightRecorder?
    private let logger: Logger
    private let signal = Signal()
    private nonisolated let isStopping = Mutex(false)
    private var record: LeaseRecord?

    /// An elector.
    /// - Parameters:
    ///   - identity: unique for this process, as in the pod's name and something random.
    ///   - leadership: where the outcome is shown.
    public init(
        identity: String, lease: Key<LeaseRecord>, leadership: LeadershipState, applier: Applier,
        client: any KubernetesReading, timing: LeaseMachine.Timing = LeaseMachine.Timing(),
        seed: UInt64, time: any TimeSource = SystemTime(), metrics: RuntimeMetrics? = nil,
        flights: FlightRecorder? = nil, logger: Logger
    ) {
        machine = LeaseMachine(
            identity: identity,
            lease: ObjectRef(type: .lease, namespace: lease.namespace, name: lease.name),
            timing: timing, seed: seed)
        self.lease = lease
        self.leadership = leadership
        self.applier = applier
        self.client = client
        self.time = time
        self.metrics = metrics
        self.flights = flights
        self.logger = logger
    }

    /// Takes part until told to shut down or cancelled; throws where a leadership is lost.
    public func run() async throws {
        metrics?.leader.set(0, [lease.name])
        defer { leadership.set(nil) }
        try await withGracefulShutdownHandler {
            try await takePart()
        } onGracefulShutdown: {
            self.isStopping.withLock { $0 = true }
            self.signal.raise()
        }
    }

    private func takePart() async throws(ElectionError) {
        var input: LeaseMachine.Input? = .begin
        var wakeAt: Instant?
        var hasStopped = false
        while !Task.isCancelled {
            var request: LeaseMachine.Command?
            if let input {
                for command in machine.handle(input, at: time.now) {
                    switch command {
                    case .read, .write: request = command
                    case .wake(let at): wakeAt = at
                    case .lead(let current): show(current)
                    case .lost(let why): throw .lost(why)
                    case .stopped: return
                    }
                }
            }
            input = nil
            if let request {
                input = await carryOut(request)
            } else if isStopping.withLock({ $0 }), !hasStopped {
                hasStopped = true
                input = .stop
            } else {
                await signal.wait(until: wakeAt, time)
                if !isStopping.withLock({ $0 }) || hasStopped { input = .timer }
            }
        }
    }

    private func show(_ current: Leadership?) {
        if (current == nil) != (leadership.current == nil) {
            let news =
                current.map { "this process leads, as \($0.holder), term \($0.term)" }
                ?? "this process does not lead any more"
            logger.notice("\(news)")
            flights?.note(news)
        }
        leadership.set(current)
        metrics?.leader.set(current == nil ? 0 : 1, [lease.name])
    }

    /// Sends one request and says what came of it.
    private func carryOut(_ request: LeaseMachine.Command) async -> LeaseMachine.Input {
        switch request {
        case .write(let action, let limit):
            switch await applier.perform(action, access: Elector.access, within: limit) {
            case .done(let write?):
                let written = LeaseRecord(
                    after: action, on: record, uid: write.object.uid, version: write.version)
                record = written
                leadership.note(holder: written.holder)
                return .written(written)
            case .stale: return .refused
            case .failed(let failure) where failure.code == 409: return .refused
            case .done(nil), .failed, .deposed: return .failed
            }
        default:
            do throws(APIError) {
                let found = try await client.get(lease, within: .seconds(4))
                record = found
                leadership.note(holder: found.holder)
                return .read(found)
            } catch {
                if error.code == .notFound { return .read(nil) }
                logger.warning("the lease \(lease) could not be read: \(error)")
                return .failed
            }
        }
    }
}
