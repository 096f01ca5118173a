/// How much of each resource something needs or has. Exact whole numbers; never negative.
public struct ResourceAmounts: Hashable, Sendable {
    /// The largest amount that is counted; what lies above is treated as this much.
    static let limit: Int64 = 1 << 60

    /// Thousandths of a processor.
    public let milliCPU: Int64
    /// Bytes of memory.
    public let memory: Int64
    /// Bytes of local disk.
    public let ephemeralStorage: Int64

    /// Amounts by resource, held inside 0 … 2⁶⁰ so that sums of them cannot overflow.
    public init(milliCPU: Int64 = 0, memory: Int64 = 0, ephemeralStorage: Int64 = 0) {
        self.milliCPU = min(max(0, milliCPU), Self.limit)
        self.memory = min(max(0, memory), Self.limit)
        self.ephemeralStorage = min(max(0, ephemeralStorage), Self.limit)
    }

    /// Nothing of anything.
    public static let none = ResourceAmounts()

    /// As much of everything as can be counted: an agent that declares no limits.
    public static let unlimited = ResourceAmounts(
        milliCPU: limit, memory: limit, ephemeralStorage: limit)

    /// What is the smaller of both, resource by resource.
    public func held(below other: ResourceAmounts) -> ResourceAmounts {
        ResourceAmounts(
            milliCPU: min(milliCPU, other.milliCPU), memory: min(memory, other.memory),
            ephemeralStorage: min(ephemeralStorage, other.ephemeralStorage))
    }

    /// One of `parts` equal parts, rounded down.
    public func divided(into parts: Int) -> ResourceAmounts {
        let parts = Int64(max(1, parts))
        return ResourceAmounts(
            milliCPU: milliCPU / parts, memory: memory / parts,
            ephemeralStorage: ephemeralStorage / parts)
    }

    /// The sum, held below the limit.
    static func + (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        ResourceAmounts(
            milliCPU: left.milliCPU + right.milliCPU, memory: left.memory + right.memory,
            ephemeralStorage: left.ephemeralStorage + right.ephemeralStorage)
    }

    /// The difference, never below nothing.
    static func - (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        ResourceAmounts(
            milliCPU: left.milliCPU - right.milliCPU, memory: left.memory - right.memory,
            ephemeralStorage: left.ephemeralStorage - right.ephemeralStorage)
    }

    /// Whether it is at most as much as `other`, resource by resource.
    func isWithin(_ other: ResourceAmounts) -> Bool {
        milliCPU <= other.milliCPU && memory <= other.memory
            && ephemeralStorage <= other.ephemeralStorage
    }

    /// Whether this much is there in `room`. What is not asked for is not looked at, so that an
    /// agent which is over-committed on disk still takes tasks that ask for no disk.
    func fits(in room: ResourceAmounts) -> Bool {
        (milliCPU == 0 || milliCPU <= room.milliCPU)
            && (memory == 0 || memory <= room.memory)
            && (ephemeralStorage == 0 || ephemeralStorage <= room.ephemeralStorage)
    }
}
