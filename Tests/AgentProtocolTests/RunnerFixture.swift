import AgentProtocol
import KubernetesCore

/// A machine with a clock, for tests that tell it things one after another.
struct RunnerFixture {
    var machine: RunnerMachine
    var now = Moment(instant: Instant(nanoseconds: 0), time: Timestamp(seconds: 1_000_000))
    var last: SyncRequest?

    init(slots: Int = 1, drain: Duration = .seconds(60)) {
        var configuration = RunnerMachine.Configuration(
            namespace: "shop", pod: "qa-1", instance: "i1", slots: slots, seed: 7)
        configuration.drainLimit = drain
        machine = RunnerMachine(configuration)
    }

    mutating func advance(_ duration: Duration) {
        now = Moment(instant: now.instant + duration, time: now.time + duration)
    }

    /// Gives an input, remembers the request that came of it, and returns the other commands.
    @discardableResult
    mutating func give(_ input: RunnerInput, after pause: Duration = .milliseconds(20))
        -> [RunnerCommand]
    {
        advance(pause)
        return machine.handle(input, at: now).filter { command in
            if case .sync(let request) = command {
                last = request
                return false
            }
            return true
        }
    }

    /// Answers the latest request.
    @discardableResult
    mutating func reply(
        _ leases: [SyncReply.Order] = [], stored: [LeaseID] = [],
        refused: [SyncReply.Refusal] = []
    ) -> [RunnerCommand] {
        guard let last else { return [] }
        let commands = give(
            .reply(SyncReply(to: last, leases: leases, stored: stored, refused: refused)))
        give(.timer)
        return commands
    }

    /// A fixture in which `id` runs.
    static func running(_ id: LeaseID, _ spec: LeaseSpec, slots: Int = 1) -> RunnerFixture {
        var fixture = RunnerFixture(slots: slots)
        fixture.give(.timer)
        fixture.reply([.init(id, spec: spec)])
        fixture.give(.prepared(id, restored: nil, note: nil))
        fixture.give(.started(id))
        fixture.give(.timer)
        return fixture
    }
}
