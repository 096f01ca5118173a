public import ControlLoop
import KubernetesCore
import Locking

/// Whether this process leads, where every part of it can see it.
public final class LeadershipState: Sendable {
    private struct State {
        var leadership: Leadership?
        var signals: [Signal] = []
        var holder: String?
    }

    private let state: Mutex<State>

    /// A process that does not lead yet.
    public init() { state = Mutex(State()) }

    private init(_ leadership: Leadership) { state = Mutex(State(leadership: leadership)) }

    /// For a process that is alone: it leads without an election.
    public static func alone() -> LeadershipState {
        LeadershipState(
            Leadership(holder: "alone", term: 0, validUntil: Instant(nanoseconds: .max)))
    }

    /// The leadership, as last renewed.
    public var current: Leadership? { state.withLock { $0.leadership } }

    /// Who held the lease when it was last read, this process or another; nil where nobody did, or
    /// nobody has looked yet. For people: nothing may be decided by it.
    public var holder: String? { state.withLock { $0.holder } }

    /// Notes who holds the lease.
    func note(holder: String) {
        state.withLock { $0.holder = holder.isEmpty ? nil : holder }
    }

    /// Sets it, and wakes who waits where it began or ended.
    func set(_ leadership: Leadership?) {
        let signals = state.withLock { state in
            let isChange = (state.leadership?.term) != (leadership?.term)
            state.leadership = leadership
            return isChange ? state.signals : []
        }
        for signal in signals { signal.raise() }
    }

    /// Raises `signal` whenever leadership begins or ends.
    public func subscribe(_ signal: Signal) {
        state.withLock { $0.signals.append(signal) }
    }
}
