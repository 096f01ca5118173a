public import KubernetesCore
import Locking

/// Wakes one waiter. Raising it twice wakes once; raising it while nobody waits is remembered.
public final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// A signal that is not raised.
    public init() {}

    /// Wakes the waiter, or the next one.
    public func raise() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRaised = true
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when the signal is raised or the surrounding work is cancelled. One waiter at a
    /// time: a second one takes the first one's place, which returns.
    public func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                settle(continuation)?.resume()
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// Returns when the signal is raised, `deadline` has come by the steady clock of this process,
    /// or the surrounding work is cancelled. Without a deadline it waits for the signal alone.
    public func wait(until deadline: Instant?) async { await wait(until: deadline, SystemTime()) }

    /// Takes a waiter in; returns who has to go on at once.
    private func settle(
        _ continuation: CheckedContinuation<Void, Never>
    ) -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            if state.isRaised || Task.isCancelled {
                state.isRaised = false
                return continuation
            }
            defer { state.waiter = continuation }
            return state.waiter
        }
    }

    /// Returns when the signal is raised, `deadline` has come, or the surrounding work is
    /// cancelled.
    func wait(until deadline: Instant?, _ time: any TimeSource) async {
        guard let deadline else { return await wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { await time.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
