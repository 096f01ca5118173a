/// How often each kind of fault was injected.
public struct FaultCounts: Hashable, Sendable {
    /// By the fault's name.
    public private(set) var counts: [String: Int] = [:]

    /// None.
    public init() {}

    /// In all.
    public var total: Int { counts.values.reduce(0, +) }

    /// By name, in order of names.
    public var sorted: [(name: String, count: Int)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    mutating func count(_ fault: StaticString) { counts["\(fault)", default: 0] += 1 }

    /// Adds those of another run.
    public mutating func add(_ other: FaultCounts) {
        for (name, count) in other.counts { counts[name, default: 0] += count }
    }
}
