import Locking
import NIOCore

/// Closes channels that were not done in time. One look a second serves all of them; nothing is
/// scheduled for a request that goes well.
final class Deadlines: Sendable {
    /// Names one deadline.
    struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Deadline {
        let due: ContinuousClock.Instant
        let channel: any Channel
        let fault: ConnectionFault?
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var open: [Token: Deadline] = [:]
        var expired: UInt64 = 0
    }

    private let state = Mutex(State())
    private let faults: ConnectionFaults

    init(faults: ConnectionFaults) { self.faults = faults }

    /// How many channels were closed.
    var expired: UInt64 { state.withLock { $0.expired } }

    /// Closes `channel` in `time`, unless it is taken back, and tells of `fault`.
    func set(_ time: Duration, on channel: any Channel, for fault: ConnectionFault?) -> Token {
        let due = ContinuousClock.now + time
        return state.withLock { state in
            state.lastNumber += 1
            let token = Token(number: state.lastNumber)
            state.open[token] = Deadline(due: due, channel: channel, fault: fault)
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
            let late = state.withLock { state -> [Deadline] in
                let late = state.open.filter { $0.value.due <= now }
                for token in late.keys { state.open[token] = nil }
                state.expired += UInt64(late.count)
                return Array(late.values)
            }
            for deadline in late {
                if let fault = deadline.fault { faults.note(fault) }
                deadline.channel.close(promise: nil)
            }
        }
    }
}
