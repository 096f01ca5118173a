/// What a pool has learned from the attempts that succeeded in it, and how fast it is.
public struct PoolExperience: Hashable, Sendable {
    /// How many types are told apart; those met later share one sample.
    public static let typesMax = 32
    /// How many attempts of a type there must have been before its durations are relied on.
    public static let leastRuns = 3

    /// How long attempts took, by type of task.
    public private(set) var byType: [String: DurationSample] = [:]
    /// How long attempts took, over all types.
    public private(set) var runs = DurationSample()
    /// How long tasks waited from when it was their turn until they ran.
    public private(set) var waits = DurationSample()

    /// A pool that has done nothing.
    public init() {}

    /// An experience by all its parts; of too many types the first by name stay.
    public init(
        byType: [String: DurationSample], runs: DurationSample, waits: DurationSample
    ) {
        for (type, sample) in byType.sorted(by: { $0.key < $1.key }).prefix(Self.typesMax) {
            self.byType[type] = sample
        }
        self.runs = runs
        self.waits = waits
    }

    /// Counts an attempt that succeeded.
    public mutating func countRun(type: String, milliseconds: Int64) {
        let name = byType[type] != nil || byType.count < Self.typesMax ? type : "*"
        byType[name, default: DurationSample()].add(milliseconds: milliseconds)
        runs.add(milliseconds: milliseconds)
    }

    /// Counts how long a task waited for its agent.
    public mutating func countWait(milliseconds: Int64) { waits.add(milliseconds: milliseconds) }

    /// What tasks of `type` are expected to take, in seconds rounded up, and from how many runs
    /// that is known; nil where too few have been seen.
    public func expected(type: String) -> (seconds: Int, runs: Int)? {
        guard let sample = byType[type] ?? byType["*"], sample.count >= Self.leastRuns,
            let mean = sample.meanMilliseconds
        else { return nil }
        return (max(1, (mean + 999) / 1_000), sample.count)
    }
}
