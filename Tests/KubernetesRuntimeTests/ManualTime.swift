import KubernetesCore
import KubernetesRuntime
import Locking

/// Clocks that stand still until a test moves them.
final class ManualTime: TimeSource {
    private struct Sleeper {
        let until: Instant
        let signal: Signal
    }

    private struct State {
        var elapsed: Int64 = 0
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    var now: Moment {
        let elapsed = state.withLock { $0.elapsed }
        return Moment(
            instant: Instant(nanoseconds: elapsed),
            time: Timestamp(nanoseconds: 1_767_225_600_000_000_000 + elapsed))
    }

    func sleep(until instant: Instant) async {
        let signal = Signal()
        let id = state.withLock { state -> Int? in
            guard instant.nanoseconds > state.elapsed else { return nil }
            state.next += 1
            state.sleepers[state.next] = Sleeper(until: instant, signal: signal)
            return state.next
        }
        guard let id else { return }
        await signal.wait()
        state.withLock { $0.sleepers[id] = nil }
    }

    /// Moves both clocks on and wakes whose time has come.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.elapsed += duration.nanoseconds
            let woken = state.sleepers.filter { $0.value.until.nanoseconds <= state.elapsed }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values
        }
        for sleeper in woken { sleeper.signal.raise() }
    }

    /// How many wait for a time that has not come.
    var sleeping: Int { state.withLock { $0.sleepers.count } }

    /// Moves the clocks on by `step`, so often, each time waiting until all of `count` parties
    /// sleep again.
    func pass(_ step: Duration, times: Int, sleepers count: Int) async -> Bool {
        for _ in 0..<times {
            guard await until(rounds: 200_000, { sleeping >= count }) else { return false }
            advance(by: step)
        }
        return await until(rounds: 200_000) { sleeping >= count }
    }

    /// Gives everyone else many turns; the clocks move on by `step` every few of them.
    func pass(_ step: Duration, rounds: Int) async {
        for round in 0..<rounds {
            await Task.yield()
            if round % 20 == 19 { advance(by: step) }
        }
    }

    /// Gives everyone else a turn until `condition` holds; fails softly by returning false. With
    /// `step`, the clocks move on a little after each round without success.
    func until(
        step: Duration? = nil, rounds: Int = 20_000, _ condition: () async -> Bool
    ) async -> Bool {
        for round in 0..<rounds {
            if await condition() { return true }
            await Task.yield()
            if let step, round % 20 == 19 { advance(by: step) }
        }
        return await condition()
    }
}
