import KubernetesCore
import SwiftletAPI

/// How many broken agents may still be replaced. When too many break in a while, something must be
/// wrong with all of them: then one is replaced at a time, to see whether it has passed.
struct RestartBudget {
    private let limit: Int
    private let window: Duration
    /// How far the clocks of two processes may be apart.
    private static let clockSlack = Duration.seconds(60)
    private(set) var memory: BackgroundAgentPoolStatus.Restarts

    init(_ pool: BackgroundAgentPool, at now: Timestamp) {
        limit = max(1, pool.spec.agent.restartBudget.restarts)
        window = .seconds(pool.spec.agent.restartBudget.windowSeconds)
        memory = pool.status.restarts
        let start = now - window
        // A time far ahead was noted by a clock that has been set back since.
        memory.times.removeAll { $0 <= start || $0 > now + Self.clockSlack }
    }

    /// Whether agents are replaced one at a time.
    var isExhausted: Bool { memory.probingSince != nil }

    /// Whether hardly any agent was replaced inside the window.
    var isQuiet: Bool { memory.times.isEmpty }

    /// When the next probe may begin; nil where none is due to begin.
    var nextProbe: Timestamp? {
        guard isExhausted, let last = memory.times.last else { return nil }
        return last + .nanoseconds(window.nanoseconds / Int64(limit))
    }

    /// How many agents may be replaced at `now`; while probing one, and only when no earlier probe
    /// is still on its way.
    func allowance(at now: Timestamp, isProbing: Bool) -> Int {
        guard isExhausted else { return max(0, limit - memory.times.count) }
        guard !isProbing else { return 0 }
        return nextProbe.map { now >= $0 } ?? true ? 1 : 0
    }

    /// Notes that `count` agents are replaced now.
    mutating func spend(_ count: Int, at now: Timestamp) {
        guard count > 0 else { return }
        memory.times += Array(repeating: now, count: count)
        memory.times = Array(memory.times.suffix(101))
        if memory.times.count >= limit && memory.probingSince == nil {
            memory.probingSince = now
        }
    }

    /// Notes that an agent which was made since the probing began is well: all is well again.
    mutating func recover() {
        memory.probingSince = nil
        memory.times = []
    }
}
