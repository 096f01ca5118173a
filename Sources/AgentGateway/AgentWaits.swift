public import KubernetesCore
import Locking

/// Who waits for news, by the UIDs of agents or of tasks. Nothing is missed between a look at the
/// cache and the wait: each wait names the look that it follows, and ends at once if something came
/// after it.
public final class AgentWaits: Sendable {
    /// A look at the cache.
    struct Look: Hashable, Sendable {
        fileprivate var all: UInt64
        /// One number for each UID of the look.
        fileprivate var changes: [UInt64]
    }

    private struct Agent {
        var changes: UInt64 = 0
        var waiters: Set<UInt64> = []
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Void, Never>
        var agents: [UID]
    }

    private struct State {
        var all: UInt64 = 0
        var agents: [UID: Agent] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var next: UInt64 = 0
        /// Waits that were over before they began.
        var over: Set<UInt64> = []
        var isEnding = false

        /// Takes a wait off the board, so that it is resumed once, whatever else wakes it.
        mutating func take(_ id: UInt64) -> CheckedContinuation<Void, Never>? {
            guard let waiter = waiters.removeValue(forKey: id) else { return nil }
            for agent in waiter.agents { agents[agent]?.waiters.remove(id) }
            return waiter.continuation
        }

        func look(for uids: [UID]) -> Look {
            Look(all: all, changes: uids.map { agents[$0]?.changes ?? 0 })
        }
    }

    /// Most agents whose changes are counted; far above what one cluster has.
    private let agentsMax: Int

    private let state = Mutex(State())

    /// A board on which nobody waits.
    public convenience init() { self.init(agentsMax: 100_000) }

    init(agentsMax: Int) { self.agentsMax = agentsMax }

    /// Something has changed for these agents.
    public func wake(_ agents: some Sequence<UID>) {
        let woken = state.withLock { state in
            var woken: [CheckedContinuation<Void, Never>] = []
            for agent in agents where state.agents[agent] != nil {
                state.agents[agent]?.changes &+= 1
                for id in state.agents[agent]?.waiters ?? [] {
                    if let waiter = state.take(id) { woken.append(waiter) }
                }
            }
            return woken
        }
        for waiter in woken { waiter.resume() }
    }

    /// Something has changed for every agent.
    public func wakeAll() {
        let woken = state.withLock { state in
            state.all &+= 1
            return Array(state.waiters.keys).compactMap { state.take($0) }
        }
        for waiter in woken { waiter.resume() }
    }

    /// Nobody waits any more, now or later.
    func end() {
        state.withLock { $0.isEnding = true }
        wakeAll()
    }

    /// Whether nobody may wait any more.
    var isEnding: Bool { state.withLock { $0.isEnding } }

    /// How many wait.
    var count: Int { state.withLock { $0.waiters.count } }

    /// A look, to be taken before the cache is read.
    func look(for agent: UID) -> Look { look(for: [agent]) }

    /// A look at what is known of several, to be taken before the cache is read.
    func look(for uids: [UID]) -> Look {
        state.withLock { state in
            if state.agents.count > agentsMax {
                state.agents = state.agents.filter { !$0.value.waiters.isEmpty }
                // Changes of those that were forgotten are counted anew: looks that others have
                // taken are old, so that none of them misses one.
                state.all &+= 1
            }
            for uid in uids where state.agents[uid] == nil { state.agents[uid] = Agent() }
            return state.look(for: uids)
        }
    }

    /// Waits until something changes after `look`, or for `limit`, or until the task is cancelled.
    func wait(for agent: UID, after look: Look, atMost limit: Duration) async {
        await wait(for: [agent], after: look, atMost: limit)
    }

    /// Waits until something changes for one of several after `look`, which was taken for the same
    /// UIDs, or for `limit`, or until the task is cancelled.
    func wait(for uids: [UID], after look: Look, atMost limit: Duration) async {
        guard limit > .zero else { return }
        let id = state.withLock { state in
            state.next &+= 1
            return state.next
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled as soon as the wait has ended otherwise.
                try? await Task.sleep(for: limit)
                self.endWait(id)
            }
            await withTaskCancellationHandler {
                await suspend(id, for: uids, after: look)
            } onCancel: {
                endWait(id)
            }
            group.cancelAll()
        }
        state.withLock { _ = $0.over.remove(id) }
    }

    /// Puts a wait on the board until it is woken, unless it is over already.
    private func suspend(_ id: UInt64, for uids: [UID], after look: Look) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isNews = state.look(for: uids) != look
                let isOver = state.over.remove(id) != nil
                if isNews || isOver || state.isEnding { return true }
                state.waiters[id] = Waiter(continuation: continuation, agents: uids)
                for uid in uids { state.agents[uid, default: Agent()].waiters.insert(id) }
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func endWait(_ id: UInt64) {
        let waiter = state.withLock { state in
            let waiter = state.take(id)
            if waiter == nil { state.over.insert(id) }
            return waiter
        }
        waiter?.resume()
    }
}
