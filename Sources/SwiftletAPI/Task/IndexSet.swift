/// A set of small numbers that is written as ranges, as in `0-3,7`.
public struct IndexSet: Hashable, Sendable {
    private var members: Set<Int> = []

    /// No numbers.
    public init() {}

    /// Reads ranges; numbers from `bound` on, and what is no range, are left out.
    public init(_ text: String, below bound: Int) {
        for part in text.split(separator: ",") {
            let ends = part.split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false
            ).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0,
                first <= last, first < bound
            else { continue }
            members.formUnion(first...min(last, bound - 1))
        }
    }

    /// How many numbers are in it.
    public var count: Int { members.count }

    /// Whether `index` is in it.
    public func contains(_ index: Int) -> Bool { members.contains(index) }

    /// Puts `index` in.
    public mutating func insert(_ index: Int) { members.insert(index) }

    /// The numbers in order.
    public var sorted: [Int] { members.sorted() }

    /// The numbers as ranges, in order.
    public var text: String {
        var ranges: [(first: Int, last: Int)] = []
        for index in sorted {
            if let last = ranges.last, last.last + 1 == index {
                ranges[ranges.count - 1].last = index
            } else {
                ranges.append((index, index))
            }
        }
        return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ",")
    }
}
