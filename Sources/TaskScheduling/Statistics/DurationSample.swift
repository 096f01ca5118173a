/// How long things took, as a histogram that forgets: when it has counted `countMax`, everything
/// counts half, so that what happened lately weighs most.
///
/// Buckets grow by a fourth of a doubling, so that a quantile is off by a tenth at most. Values are
/// milliseconds from 1 to 2³⁰, twelve days; what lies outside counts at the end.
public struct DurationSample: Hashable, Sendable {
    /// How many values it counts before everything counts half.
    public static let countMax = 512
    /// How many buckets there are: four for each doubling.
    static let bucketMax = 120

    private var buckets: [Int]
    /// How many values there are, those that count half included.
    public private(set) var count = 0
    private var sum = 0

    /// No values.
    public init() { buckets = [] }

    /// Counts a duration; a negative one counts as none at all.
    public mutating func add(milliseconds: Int64) {
        let value = Int(min(max(0, milliseconds), 1 << 30))
        if count >= Self.countMax {
            buckets = buckets.map { $0 / 2 }
            count = buckets.reduce(0, +)
            sum /= 2
        }
        let bucket = Self.bucket(of: value)
        while buckets.count <= bucket { buckets.append(0) }
        buckets[bucket] += 1
        count += 1
        sum += value
    }

    /// The mean; nil where there are no values.
    public var meanMilliseconds: Int? { count > 0 ? sum / count : nil }

    /// What `share` (from 0 to 1) of all values stay under, about; nil where there are none.
    public func quantileMilliseconds(_ share: Double) -> Int? {
        guard count > 0 else { return nil }
        let wanted = Double(count) * min(max(0, share), 1)
        var seen = 0
        for (bucket, number) in buckets.enumerated() {
            seen += number
            if Double(seen) >= wanted, number > 0 { return Self.upperBound(of: bucket) }
        }
        return Self.upperBound(of: buckets.count - 1)
    }

    // MARK: - As numbers

    /// Everything it knows, as numbers: the sum, then the buckets without their empty end.
    public var numbers: [Int] { [sum] + buckets }

    /// What `numbers` gave; nil where they are none that it could have given.
    public init?(numbers: [Int]) {
        guard let first = numbers.first, (0...(1 << 40)).contains(first),
            numbers.count <= Self.bucketMax + 2,
            numbers.dropFirst().allSatisfy({ (0...Self.countMax).contains($0) })
        else { return nil }
        sum = first
        buckets = Array(numbers.dropFirst())
        count = buckets.reduce(0, +)
    }

    private static func bucket(of value: Int) -> Int {
        guard value > 1 else { return 0 }
        let doubling = Int.bitWidth - 1 - value.leadingZeroBitCount
        let base = 1 << doubling
        // Which fourth of the way to the next doubling.
        let fourth = (value - base) * 4 / base
        return min(doubling * 4 + fourth, bucketMax)
    }

    private static func upperBound(of bucket: Int) -> Int {
        let base = 1 << (bucket / 4)
        return base + base * (bucket % 4 + 1) / 4
    }
}
