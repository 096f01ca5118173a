/// What attempts used at most while they ran: of processor and memory, as histograms that forget.
public struct UsageSample: Hashable, Sendable {
    /// By how much more than what was used is set aside for an attempt that names no needs.
    public static let margin = 1.2
    /// What share of earlier attempts used no more than what is expected.
    static let share = 0.95

    /// Thousandths of a processor.
    public private(set) var milliCPU = DurationSample()
    /// Memory in units of 1 KiB.
    public private(set) var kibibytes = DurationSample()

    /// No attempts.
    public init() {}

    /// A sample by both its parts.
    public init(milliCPU: DurationSample, kibibytes: DurationSample) {
        self.milliCPU = milliCPU
        self.kibibytes = kibibytes
    }

    /// Counts what an attempt used at most.
    public mutating func add(milliCPU: Int, memoryBytes: Int) {
        self.milliCPU.add(milliseconds: Int64(max(0, milliCPU)))
        kibibytes.add(milliseconds: Int64(max(0, memoryBytes) / 1_024))
    }

    /// What the next attempt is expected to need, the margin included; nothing where too few
    /// attempts were seen.
    public var expected: ResourceAmounts {
        guard milliCPU.count >= PoolExperience.leastRuns else { return .none }
        func needed(_ sample: DurationSample, unit: Double) -> Int64 {
            let used = sample.quantileMilliseconds(Self.share) ?? 0
            return Int64((Double(used) * Self.margin).rounded(.up) * unit)
        }
        return ResourceAmounts(
            milliCPU: needed(milliCPU, unit: 1), memory: needed(kibibytes, unit: 1_024))
    }
}
