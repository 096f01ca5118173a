import NIOCore
import Synchronization

/// Closes channels that were not done in time. One look a second serves all of them; nothing is
/// scheduled for a request that goes well.
final class Deadlines: Sendable {
    /// Names one deadline.
    struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var open: [Token: (due: ContinuousClock.Instant, channel: any Channel)] = [:]
        var expired: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many channels were closed.
    var expired: UInt64 { state.withLock { $0.expired } }

    /// Closes `channel` in `time`, unless it is taken back.
    func set(_ time: Duration, on channel: any Channel) -> Token {
        let due = ContinuousClock.now + time
        return state.withLock { state in
            state.lastNumber += 1
            let token = Token(number: state.lastNumber)
            state.open[token] = (due, channel)
            return token
        }
    }

    /// Takes a deadline back: what it stood for is done.
    func clear(_ token: Token) {
        state.withLock { $0.open[token] = nil }
    }

    /// Watches over the deadlines until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            let now = ContinuousClock.now
            let late = state.withLock { state -> [any Channel] in
                let late = state.open.filter { $0.value.due <= now }
                for token in late.keys { state.open[token] = nil }
                state.expired += UInt64(late.count)
                return late.values.map(\.channel)
            }
            for channel in late { channel.close(promise: nil) }
        }
    }
}
