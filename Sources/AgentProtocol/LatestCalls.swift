public import KubernetesCore

/// The latest call of each agent, so that what an earlier one says is not taken for news.
public struct LatestCalls: Sendable {
    /// One call of one start of a runner.
    public struct Call: Hashable, Sendable {
        /// Which start of the runner.
        public let instance: String
        /// Which of its calls.
        public let sequence: Int

        /// The call that `request` is.
        public init(_ request: SyncRequest) {
            instance = request.instance
            sequence = request.sequence
        }
    }

    /// Most agents that are known; where there are more, all are forgotten.
    private static let agentsMax = 100_000

    private var latest: [UID: Call] = [:]

    /// Nobody has called.
    public init() {}

    /// Notes a call. False where a later one of the same runner has come already, or this one came
    /// twice: what it says is old.
    public mutating func take(_ request: SyncRequest, of agent: UID) -> Bool {
        let call = Call(request)
        if let known = latest[agent], known.instance == call.instance,
            known.sequence >= call.sequence
        {
            return false
        }
        if latest.count >= LatestCalls.agentsMax { latest = [:] }
        latest[agent] = call
        return true
    }

    /// Whether no later call has come.
    public func isLatest(_ request: SyncRequest, of agent: UID) -> Bool {
        latest[agent] == Call(request)
    }
}
