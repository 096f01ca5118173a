/// What a pool has learned from the attempts that succeeded in it, and how fast it is.
public struct PoolExperience: Hashable, Sendable {
    /// How many types are told apart; those met later share one sample.
    public static let typesMax = 32
    /// How many attempts of a type there must have been before its durations are relied on.
    public static let leastRuns = 3

    /// Tasks that have ended, since the pool was made.
    public struct Totals: Hashable, Sendable {
        /// Tasks that succeeded.
        public var succeeded = 0
        /// Tasks that failed.
        public var failed = 0
        /// Attempts of ended tasks beyond the first.
        public var retried = 0
        /// The latest end that was counted, in milliseconds since 1970.
        public var countedUntil: Int64 = 0

        /// None.
        public init() {}
    }

    /// How long attempts took, by type of task.
    public private(set) var byType: [String: DurationSample] = [:]
    /// How long attempts took, over all types.
    public private(set) var runs = DurationSample()
    /// How long tasks waited from when it was their turn until they ran.
    public private(set) var waits = DurationSample()
    /// What attempts used at most, by type of task.
    public private(set) var usage: [String: UsageSample] = [:]
    /// Tasks that have ended; those that were deleted since count as well.
    public private(set) var totals = Totals()

    /// A pool that has done nothing.
    public init() {}

    /// An experience by all its parts; of too many types the first by name stay.
    public init(
        byType: [String: DurationSample], runs: DurationSample, waits: DurationSample,
        usage: [String: UsageSample] = [:], totals: Totals = Totals()
    ) {
        for (type, sample) in byType.sorted(by: { $0.key < $1.key }).prefix(Self.typesMax) {
            self.byType[type] = sample
        }
        for (type, sample) in usage.sorted(by: { $0.key < $1.key }).prefix(Self.typesMax) {
            self.usage[type] = sample
        }
        self.runs = runs
        self.waits = waits
        self.totals = totals
    }

    /// Counts an attempt that succeeded.
    public mutating func countRun(type: String, milliseconds: Int64) {
        let name = byType[type] != nil || byType.count < Self.typesMax ? type : "*"
        byType[name, default: DurationSample()].add(milliseconds: milliseconds)
        runs.add(milliseconds: milliseconds)
    }

    /// Counts what an attempt that succeeded used at most.
    public mutating func countUsage(type: String, milliCPU: Int, memoryBytes: Int) {
        let name = usage[type] != nil || usage.count < Self.typesMax ? type : "*"
        usage[name, default: UsageSample()].add(milliCPU: milliCPU, memoryBytes: memoryBytes)
    }

    /// Counts a task that has ended, at a time in milliseconds since 1970.
    public mutating func countEnd(succeeded: Bool, failed: Bool, attempts: Int, at time: Int64) {
        if succeeded { totals.succeeded += 1 }
        if failed { totals.failed += 1 }
        totals.retried += max(0, min(attempts, 1_000) - 1)
        totals.countedUntil = max(totals.countedUntil, time)
    }

    /// What tasks of `type` are expected to need; nothing where too few have been seen.
    public func expectedUsage(type: String) -> ResourceAmounts {
        (usage[type] ?? usage["*"])?.expected ?? .none
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
