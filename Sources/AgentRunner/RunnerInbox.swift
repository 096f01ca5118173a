import AgentProtocol
import Locking

/// What has happened to a runner and has not been dealt with yet.
///
/// Its size is bounded by what can be under way at once: of each attempt one thing is being done at
/// a time, and of what says how things stand now, as progress and usage, the newest takes the place
/// of the one before. So nothing that an attempt does fills it, however often it does it
/// (`what says how things stand waits once, whatever else waits stays in order`).
final class RunnerInbox: Sendable {
    /// Most inputs that wait: far above what the slots of one runner can bring about.
    static let countMax = 16 * ProtocolLimits.slotsMax

    private let waiting = Mutex<[RunnerInput]>([])
    /// Says that there is something, once for all that has come since it was last heard.
    let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// An empty inbox.
    init() {
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes an input, from any thread.
    func put(_ input: RunnerInput) {
        waiting.withLock { waiting in
            if let place = waiting.firstIndex(where: { Self.replaces(input, $0) }) {
                waiting[place] = input
            } else {
                precondition(
                    waiting.count < Self.countMax, "more happens to a runner than it has begun")
                waiting.append(input)
            }
        }
        ringer.yield()
    }

    /// All that waits, in the order in which it came.
    func take() -> [RunnerInput] {
        waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
    }

    /// Whether `new` says all that `old` says.
    private static func replaces(_ new: RunnerInput, _ old: RunnerInput) -> Bool {
        switch (new, old) {
        case (.progress(let one, _), .progress(let other, _)): one == other
        case (.usage, .usage), (.timer, .timer), (.shutdown, .shutdown): true
        default: false
        }
    }
}
