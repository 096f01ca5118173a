import ControlLoop
import KubernetesCore

/// What the shell of the election keeps besides its machine.
struct ElectorShell: Sendable {
    static let lease = Key<LeaseRecord>(namespace: "swiftlet-system", name: "swiftlet-operator")
    static let access = Access(reads: [], writes: [.create(.lease), .patch(.lease)])

    let identity: String
    var machine: LeaseMachine
    var record: LeaseRecord?
    var hasOpenRequest = false
    var wakeAt: Instant?
    /// Whether the end was asked for while a request was open.
    var stopWaits = false

    init(identity: String, timing: LeaseMachine.Timing, seed: UInt64, defects: Defects) {
        self.identity = identity
        var timing = timing
        if defects.contains(.stolenLeadership) { timing.duration = .zero }
        machine = LeaseMachine(
            identity: identity,
            lease: ObjectRef(
                type: .lease, namespace: ElectorShell.lease.namespace,
                name: ElectorShell.lease.name),
            timing: timing, seed: seed)
    }
}

extension OperatorProcess {
    /// Gives the election an input and does what it says, as `Elector` does: one request at a time.
    mutating func elect(_ input: LeaseMachine.Input, at now: Moment) -> [OperatorEffect] {
        if case .stop = input, elector.hasOpenRequest {
            elector.stopWaits = true
            return []
        }
        var effects: [OperatorEffect] = []
        for command in elector.machine.handle(input, at: now) {
            switch command {
            case .read:
                elector.hasOpenRequest = true
                let lease = ObjectRef(
                    type: .lease, namespace: ElectorShell.lease.namespace,
                    name: ElectorShell.lease.name)
                effects.append(.send(.get(lease), within: .seconds(4), .election(nil)))
            case .write(let action, let limit):
                effects += write(action, limit, at: now)
            case .wake(let at):
                elector.wakeAt = at
                effects.append(.wakeElector(at: at))
            case .lead(let current): effects += lead(current)
            case .lost(let why): effects.append(.exit(why))
            case .stopped: effects.append(.exit("asked to"))
            }
        }
        return effects
    }

    private mutating func write(
        _ action: Action, _ limit: Duration, at now: Moment
    ) -> [OperatorEffect] {
        elector.hasOpenRequest = true
        do throws(WriteFailure) {
            let request = try rules.request(for: action, access: ElectorShell.access)
            return [.send(request, within: limit, .election(action))]
        } catch {
            elector.hasOpenRequest = false
            return elect(.failed, at: now)
        }
    }

    private mutating func lead(_ current: Leadership?) -> [OperatorEffect] {
        let changed = leadership?.term != current?.term
        leadership = current
        guard changed else { return [] }
        var effects: [OperatorEffect] = [.watchPresence]
        for index in machines.indices { effects += turnSoon(index) }
        return effects
    }

    /// Looks at the clock for the election.
    mutating func electorTimer(at now: Moment) -> [OperatorEffect] {
        guard !elector.hasOpenRequest, let due = elector.wakeAt, due <= now.instant else {
            return []
        }
        elector.wakeAt = nil
        return elect(.timer, at: now)
    }

    /// Gives the election the answer to its request.
    mutating func elect(
        _ answer: Result<[UInt8], APIError>, for action: Action?, at now: Moment
    ) -> [OperatorEffect] {
        elector.hasOpenRequest = false
        let input: LeaseMachine.Input
        if let action {
            input = outcome(of: verdict(on: answer, of: action), action)
        } else {
            input = found(answer)
        }
        var effects = elect(input, at: now)
        if elector.stopWaits, !elector.hasOpenRequest {
            elector.stopWaits = false
            effects += elect(.stop, at: now)
        }
        if let due = elector.wakeAt { effects.append(.wakeElector(at: due)) }
        return effects
    }

    private mutating func outcome(
        of verdict: WriteRules.Verdict, _ action: Action
    ) -> LeaseMachine.Input {
        switch verdict {
        case .settled(.done(let write?)):
            let written = LeaseRecord(
                after: action, on: elector.record, uid: write.object.uid, version: write.version)
            elector.record = written
            return .written(written)
        case .settled(.stale), .lookUp: return .refused
        case .settled(.failed(let failure)) where failure.code == 409: return .refused
        case .settled(.done(nil)), .settled(.failed), .settled(.deposed): return .failed
        }
    }

    private mutating func found(_ answer: Result<[UInt8], APIError>) -> LeaseMachine.Input {
        switch answer {
        case .success(let body):
            do throws(JSONError) {
                let record = try LeaseRecord(reading: try JSONDocument(parsing: body).root)
                elector.record = record
                return .read(record)
            } catch {
                return .failed
            }
        case .failure(let error): return error.code == .notFound ? .read(nil) : .failed
        }
    }
}
