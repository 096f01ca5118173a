/// What an agent has done so far, and the scores that follow from it.
public struct AgentExperience: Hashable, Sendable {
    /// Attempts of one type of task.
    public struct Tally: Hashable, Sendable {
        /// Attempts that succeeded.
        public var succeeded = 0
        /// Attempts that failed by themselves; losses of the agent count too.
        public var failed = 0

        /// Nothing yet.
        public init() {}

        /// The share of successes, drawn towards a half while there are few attempts.
        public var score: Double { Double(succeeded + 2) / Double(succeeded + failed + 4) }
    }

    /// How many types are told apart; those met later share one tally.
    public static let typesMax = 32

    /// By type of task.
    public private(set) var byType: [String: Tally] = [:]
    /// Over all types.
    public private(set) var total = Tally()

    /// A newcomer.
    public init() {}

    /// Counts one attempt.
    public mutating func count(type: String, succeeded: Bool) {
        let name = byType[type] != nil || byType.count < Self.typesMax ? type : "*"
        if succeeded {
            total.succeeded += 1
            byType[name, default: Tally()].succeeded += 1
        } else {
            total.failed += 1
            byType[name, default: Tally()].failed += 1
        }
    }

    /// How well it does each type of task, from 0 to 1.
    public var specialization: [String: Double] { byType.mapValues(\.score) }
}
