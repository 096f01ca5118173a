public import KubernetesCore
import Locking

/// Who waits for news, by the UID of an agent or of a task. Nothing is missed between a look at the
/// cache and the wait: each wait names the look that it follows, and ends at once if something came
/// after it.
public final class AgentWaits: Sendable {
    /// A look at the cache.
    struct Look: Hashable, Sendable {
        fileprivate var all: UInt64
        fileprivate var agent: UInt64
    }

    private struct Agent {
        var changes: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private struct State {
        var all: UInt64 = 0
        var agents: [UID: Agent] = [:]
        var next: UInt64 = 0
        /// Waits that were over before they began.
        var over: Set<UInt64> = []
        var isEnding = false
    }

    /// Most agents whose changes are counted; far above what one cluster has.
    private static let agentsMax = 100_000

    private let state = Mutex(State())

    /// A board on which nobody waits.
    public init() {}

    /// Something has changed for these agents.
    public func wake(_ agents: some Sequence<UID>) {
        let woken = state.withLock { state in
            var woken: [CheckedContinuation<Void, Never>] = []
            for agent in agents where state.agents[agent] != nil {
                state.agents[agent]?.changes &+= 1
                woken += state.agents[agent]?.waiters.values.map { $0 } ?? []
                state.agents[agent]?.waiters = [:]
            }
            return woken
        }
        for waiter in woken { waiter.resume() }
    }

    /// Something has changed for every agent.
    public func wakeAll() {
        let woken = state.withLock { state in
            state.all &+= 1
            let woken = state.agents.values.flatMap(\.waiters.values)
            for agent in state.agents.keys { state.agents[agent]?.waiters = [:] }
            return woken
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

    /// A look, to be taken before the cache is read.
    func look(for agent: UID) -> Look {
        state.withLock { state in
            if state.agents.count > Self.agentsMax {
                state.agents = state.agents.filter { !$0.value.waiters.isEmpty }
            }
            let known = state.agents[agent] ?? Agent()
            state.agents[agent] = known
            return Look(all: state.all, agent: known.changes)
        }
    }

    /// Waits until something changes after `look`, or for `limit`, or until the task is cancelled.
    func wait(for agent: UID, after look: Look, atMost limit: Duration) async {
        guard limit > .zero else { return }
        let id = state.withLock { state in
            state.next &+= 1
            return state.next
        }
        let alarm = Task {
            // Cancelled as soon as the wait has ended otherwise.
            try? await Task.sleep(for: limit)
            self.endWait(id, of: agent)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let agentNow = state.agents[agent, default: Agent()].changes
                    let isNews = Look(all: state.all, agent: agentNow) != look
                    let isOver = state.over.remove(id) != nil
                    if isNews || isOver || state.isEnding { return true }
                    state.agents[agent, default: Agent()].waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            endWait(id, of: agent)
        }
        alarm.cancel()
        await alarm.value
        state.withLock { _ = $0.over.remove(id) }
    }

    private func endWait(_ id: UInt64, of agent: UID) {
        let waiter = state.withLock { state in
            let waiter = state.agents[agent]?.waiters.removeValue(forKey: id)
            if waiter == nil { state.over.insert(id) }
            return waiter
        }
        waiter?.resume()
    }
}
