public import KubernetesCore

/// Takes part in an election over one Lease.
///
/// Another's lease has run out when its record has not changed for the whole duration by our own
/// steady clock; no clock of another machine is ever compared. Our own leadership is valid for the
/// lease's duration after the *beginning* of the last renewal that succeeded, and is given up at
/// the renew deadline, so that what is under way ends before anyone else can take over.
public struct LeaseMachine: Sendable {
    /// How an election is timed. The defaults are those of Kubernetes' own components.
    public struct Timing: Sendable, Equatable {
        /// How long a lease lasts that is not renewed.
        public var duration: Duration = .seconds(15)
        /// After how long without a successful renewal a leader gives up.
        public var renewDeadline: Duration = .seconds(10)
        /// How often it is tried to get or to renew the lease.
        public var retryPeriod: Duration = .seconds(2)

        /// The defaults: 15, 10 and 2 seconds.
        public init() {}
    }

    /// What the machine is told.
    public enum Input: Sendable {
        /// Start.
        case begin
        /// The Lease as it was read; nil where there is none.
        case read(LeaseRecord?)
        /// Our write succeeded; the Lease as it is now.
        case written(LeaseRecord)
        /// Our write met a newer Lease, or one that exists already, or none any more.
        case refused
        /// The request got no answer, or one that says nothing of the Lease.
        case failed
        /// The instant of an earlier `wake` has come.
        case timer
        /// End: give the lease back where it is ours.
        case stop
    }

    /// What the machine wants done.
    public enum Command: Sendable, Equatable {
        /// Read the Lease.
        case read
        /// Write the Lease; to be given up after `within`.
        case write(Action, within: Duration)
        /// Send `.timer` at this instant; a later command replaces an earlier one.
        case wake(at: Instant)
        /// Tell everyone that this process leads, or (nil) does not.
        case lead(Leadership?)
        /// The leadership is lost and will not be taken up again: the process has to end.
        case lost(String)
        /// The end that was asked for has come.
        case stopped
    }

    private enum Open: Sendable, Equatable {
        case reading
        case acquiring(since: Moment)
        case renewing(since: Moment)
        case releasing
    }

    private let identity: String
    private let lease: ObjectRef
    private let timing: Timing
    private var generator: SeededGenerator
    private var open: Open?
    private var record: LeaseRecord?
    /// When the record was last seen to have changed.
    private var changedAt: Instant?
    private var leading: Leadership?
    private var renewedAt: Instant?
    private var isStopping = false
    private var hasEnded = false

    /// A participant.
    /// - Parameters:
    ///   - identity: unique for this process; two processes of the same identity would both lead.
    ///   - lease: the Lease, without a UID.
    ///   - seed: for the jitter of the tries.
    public init(
        identity: String, lease: ObjectRef, timing: Timing = Timing(), seed: UInt64
    ) {
        self.identity = identity
        self.lease = lease
        self.timing = timing
        generator = SeededGenerator(seed: seed)
    }

    /// This process's leadership, while it has one.
    public var leadership: Leadership? { leading }

    /// Takes one input and returns commands, to be carried out in order.
    public mutating func handle(_ input: Input, at now: Moment) -> [Command] {
        guard !hasEnded else { return [] }
        if let lost = expire(now) { return lost }
        switch input {
        case .begin: return open == nil ? read() : []
        case .read(let found):
            open = nil
            return isStopping ? release(now) : take(found, now)
        case .written(let written): return confirm(written, now)
        case .refused:
            open = nil
            record?.metadata.resourceVersion = .unknown
            return isStopping ? end() : read()
        case .failed:
            open = nil
            if isStopping { return leading == nil ? end() : release(now) }
            return [.wake(at: next(now))]
        case .timer: return timer(now)
        case .stop:
            isStopping = true
            return open == nil ? release(now) : []
        }
    }

    // MARK: - Steps

    private mutating func read() -> [Command] {
        open = .reading
        return [.read]
    }

    private mutating func timer(_ now: Moment) -> [Command] {
        guard open == nil else { return [.wake(at: next(now))] }
        if isStopping { return release(now) }
        guard leading != nil, let record, record.metadata.resourceVersion != .unknown else {
            return read()
        }
        return renew(record, now)
    }

    private mutating func take(_ found: LeaseRecord?, _ now: Moment) -> [Command] {
        guard let found else {
            // Somebody deleted the lease; whoever held it may not know yet.
            if let record, leading == nil, !isFree(record, now) { return [.wake(at: next(now))] }
            record = nil
            open = .acquiring(since: now)
            return [.write(creation(now), within: writeLimit(now))]
        }
        if found != record { changedAt = now.instant }
        record = found
        if found.holder == identity, leading != nil { return renew(found, now) }
        if leading != nil {
            return lose("the lease \(lease.name) is held by \(found.holder)")
        }
        guard isFree(found, now) else { return [.wake(at: next(now))] }
        open = .acquiring(since: now)
        return [.write(takeover(found, now), within: writeLimit(now))]
    }

    private func isFree(_ record: LeaseRecord, _ now: Moment) -> Bool {
        let duration = max(timing.duration, .seconds(min(record.durationSeconds, 3_600)))
        return record.holder.isEmpty || record.holder == identity
            || (changedAt.map { now.instant - $0 >= duration } ?? false)
    }

    private mutating func confirm(_ written: LeaseRecord, _ now: Moment) -> [Command] {
        let since: Moment
        switch open {
        case .acquiring(let begun), .renewing(let begun): since = begun
        case .releasing: return end()
        case .reading, nil: return []
        }
        open = nil
        record = written
        changedAt = now.instant
        renewedAt = since.instant
        let leadership = Leadership(
            holder: identity, term: written.transitions,
            validUntil: since.instant + timing.duration)
        leading = leadership
        if let lost = expire(now) { return lost }
        if isStopping { return [.lead(leadership)] + release(now) }
        return [.lead(leadership), .wake(at: now.instant + timing.retryPeriod)]
    }

    /// Gives up where the last renewal lies too far back.
    private mutating func expire(_ now: Moment) -> [Command]? {
        guard leading != nil, let renewedAt,
            now.instant - renewedAt >= timing.renewDeadline
        else { return nil }
        return lose(
            "the lease \(lease.name) could not be renewed for \(timing.renewDeadline.inSeconds) s")
    }

    private mutating func lose(_ why: String) -> [Command] {
        leading = nil
        hasEnded = true
        open = nil
        return isStopping ? [.lead(nil), .stopped] : [.lead(nil), .lost(why)]
    }

    private mutating func renew(_ record: LeaseRecord, _ now: Moment) -> [Command] {
        open = .renewing(since: now)
        return [
            .write(renewal(of: record, now), within: writeLimit(now)), .wake(at: next(now)),
        ]
    }

    private mutating func release(_ now: Moment) -> [Command] {
        guard leading != nil, let record, record.holder == identity else { return end() }
        guard record.metadata.resourceVersion != .unknown else { return end() }
        open = .releasing
        leading = nil
        let spec: JSONValue = [
            "holderIdentity": "", "leaseDurationSeconds": 1,
            "renewTime": .string(now.time.microText),
        ]
        return [.lead(nil), .write(patch(record, spec), within: .seconds(2))]
    }

    private mutating func end() -> [Command] {
        hasEnded = true
        open = nil
        defer { leading = nil }
        return leading == nil ? [.stopped] : [.lead(nil), .stopped]
    }

    /// The next try: jittered, so that replicas do not move in step; a leader's on time.
    private mutating func next(_ now: Moment) -> Instant {
        guard leading == nil else { return now.instant + timing.retryPeriod }
        let seconds = timing.retryPeriod.inSeconds * (1 + 0.2 * generator.fraction())
        return now.instant + .milliseconds(Int64(seconds * 1_000))
    }

    /// A renewal that hangs must not outlast the leadership.
    private func writeLimit(_ now: Moment) -> Duration {
        guard let renewedAt, leading != nil else { return timing.renewDeadline }
        let rest = timing.renewDeadline - (now.instant - renewedAt)
        return max(.milliseconds(500), min(rest, timing.retryPeriod * 2))
    }

    // MARK: - Writes

    private func spec(_ now: Moment, transitions: Int, acquired: String) -> JSONValue {
        [
            "holderIdentity": .string(identity),
            "leaseDurationSeconds": .integer(timing.duration.components.seconds),
            "acquireTime": .string(acquired), "renewTime": .string(now.time.microText),
            "leaseTransitions": .int(transitions),
        ]
    }

    private func creation(_ now: Moment) -> Action {
        .create(
            [
                "apiVersion": .string(ResourceType.lease.apiVersion), "kind": "Lease",
                "metadata": ["name": .string(lease.name), "namespace": .string(lease.namespace)],
                "spec": spec(now, transitions: 0, acquired: now.time.microText),
            ], of: .lease)
    }

    private func takeover(_ found: LeaseRecord, _ now: Moment) -> Action {
        let (term, overflow) = found.transitions.addingReportingOverflow(1)
        return patch(
            found, spec(now, transitions: overflow ? 0 : term, acquired: now.time.microText))
    }

    private func renewal(of record: LeaseRecord, _ now: Moment) -> Action {
        patch(record, ["renewTime": .string(now.time.microText)])
    }

    private func patch(_ record: LeaseRecord, _ spec: JSONValue) -> Action {
        .patch(
            record.reference, ["spec": spec], subresource: nil,
            resourceVersion: record.metadata.resourceVersion)
    }
}
