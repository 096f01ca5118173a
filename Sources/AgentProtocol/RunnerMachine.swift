public import KubernetesCore

/// Decides what a runner does: the agent's side of the sync protocol.
///
/// Level-triggered: a reply says everything that the agent should hold, and the machine moves there
/// from wherever it is. So lost, repeated and reordered replies are harmless. It starts no attempt
/// twice, keeps a finished report until the gateway says that it is stored, and stops what is not
/// its own any more, but only on the word of a fresh reply: one that echoes the latest request.
public struct RunnerMachine: Sendable {
    /// What a machine is made with.
    public struct Configuration: Hashable, Sendable {
        /// The namespace of the agent's pod.
        public var namespace: String
        /// The name of the agent's pod.
        public var pod: String
        /// Chosen at random by each start of the runner.
        public var instance: String
        /// How many attempts run at once.
        public var slots: Int
        /// Where the spread of retries comes from.
        public var seed: UInt64
        /// How often checkpoint folders are looked at.
        public var checkpointInterval = Duration.seconds(2)
        /// How long a gateway may keep a request waiting for news.
        public var pollSeconds = 20
        /// How long a runner that is asked to end waits for its attempts and their reports.
        public var drainLimit = Duration.seconds(60)

        /// A configuration with the usual durations.
        public init(namespace: String, pod: String, instance: String, slots: Int, seed: UInt64) {
            self.namespace = namespace
            self.pod = pod
            self.instance = instance
            self.slots = min(max(slots, 1), ProtocolLimits.slotsMax)
            self.seed = seed
        }
    }

    let configuration: Configuration
    var attempts: [LeaseID: RunnerAttempt] = [:]
    /// The reports of attempts that are over and forgotten, for a gateway that asks for one again:
    /// an attempt is never started twice.
    var past: [LeaseID: LeaseReport] = [:]
    var pastOrder: [LeaseID] = []
    var usage: SyncRequest.Usage?
    var drainUntil: Instant?
    var hasExited = false

    // The conversation with the gateway; see RunnerMachine+Sync.
    var sequence = 0
    var waitingSince: Instant?
    var syncAt: Instant?
    var notBefore: Instant?
    var failures = 0
    var idleReplies = 0
    var toldDraining = false
    var random: UInt64

    /// A runner that holds nothing yet and calls the gateway as soon as it is given an input.
    public init(_ configuration: Configuration) {
        self.configuration = configuration
        random = configuration.seed
    }

    /// Takes what has happened and says what is to be done, in this order.
    public mutating func handle(_ input: RunnerInput, at now: Moment) -> [RunnerCommand] {
        guard !hasExited else { return [] }
        var commands: [RunnerCommand] = []
        if sequence == 0 && syncAt == nil { syncAt = now.instant }
        switch input {
        case .recovered(let reports): recover(reports)
        case .reply(let reply): accept(reply, at: now, &commands)
        case .syncFailed(let failed, let retryAfter):
            fail(failed, retryAfter: retryAfter, at: now)
        case .usage(let measured): usage = measured
        case .shutdown: beginDrain(at: now, &commands)
        case .timer: break
        case .prepared(let id, let restored, let note):
            prepared(id, restored, note, at: now, &commands)
        case .prepareFailed(let id, let reason):
            guard attempts[id]?.phase == .preparing else { break }
            finish(id, AttemptExit(.notStarted(reason)), at: now, &commands)
        case .started(let id): started(id, at: now, &commands)
        case .progress(let id, let progress): note(progress, of: id, at: now)
        case .exited(let id, let exit): exited(id, exit, at: now, &commands)
        case .committed(let id, let ref):
            committed(id, .success(ref), at: now, &commands)
        case .commitUnchanged(let id): committed(id, .success(nil), at: now, &commands)
        case .commitFailed(let id, let failure):
            committed(id, .failure(failure), at: now, &commands)
        }
        advance(at: now, &commands)
        return commands
    }

    /// When `timer` is to be given, if nothing else happens before.
    public var deadline: Instant? {
        guard !hasExited else { return nil }
        var result = drainUntil
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            result = min(result ?? instant, instant)
        }
        for attempt in attempts.values { consider(attempt.due) }
        if let syncAt { consider(max(syncAt, notBefore ?? syncAt)) }
        if let waitingSince { consider(waitingSince + patience) }
        return result
    }

    /// The leases that the agent holds and how each is, in ascending order.
    public var reports: [LeaseReport] {
        attempts.values.filter(\.isOurs).map(\.report).sorted { $0.id < $1.id }
    }

    /// Whether the agent has been asked to end.
    public var isDraining: Bool { drainUntil != nil }

    /// Whether the last request was answered.
    public var isConnected: Bool { sequence > 0 && failures == 0 }

    /// Does what is due at `now`.
    private mutating func advance(at now: Moment, _ commands: inout [RunnerCommand]) {
        for id in attempts.keys.sorted() { advance(id, at: now, &commands) }
        fillSlots(&commands)
        syncIfDue(at: now, &commands)
        exitIfDone(at: now, &commands)
    }

    private mutating func recover(_ reports: [LeaseReport]) {
        for report in reports where report.state == .finished && attempts[report.id] == nil {
            attempts[report.id] = RunnerAttempt(finished: report)
        }
    }

    private mutating func beginDrain(at now: Moment, _ commands: inout [RunnerCommand]) {
        guard drainUntil == nil else { return }
        drainUntil = now.instant + configuration.drainLimit
        for id in attempts.keys.sorted() { requestStop(id, .drained, at: now, &commands) }
        requestSync(at: now.instant)
    }

    private mutating func exitIfDone(at now: Moment, _ commands: inout [RunnerCommand]) {
        guard let drainUntil else { return }
        guard now.instant >= drainUntil || (attempts.isEmpty && toldDraining) else { return }
        for (id, attempt) in attempts.sorted(by: { $0.key < $1.key }) where attempt.takesSlot {
            commands.append(.signal(id, .kill))
        }
        hasExited = true
        commands.append(.exit)
    }
}
