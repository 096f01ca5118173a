/// A set of code points: `[a-z\d]`, `\pL`, `.`.
struct PatternClass: Sendable {
    /// One member that is given by a Unicode property rather than by ranges.
    struct Property: Sendable {
        var property: UnicodeProperty
        var negated: Bool
    }

    private var ranges: [ClosedRange<UInt32>] = []
    private var properties: [Property] = []
    private var complements: [PatternClass] = []
    /// Whether the set is everything but what is listed.
    var negated = false
    /// Whether letters count in either case.
    var folds = false
    private var asciiLow: UInt64 = 0
    private var asciiHigh: UInt64 = 0

    /// Adds all from `low` to `high`.
    mutating func add(_ low: UInt32, _ high: UInt32) { ranges.append(low...high) }

    /// Adds everything that has `property`, or with `negated` everything that has not.
    mutating func add(_ property: UnicodeProperty, negated: Bool) {
        properties.append(Property(property: property, negated: negated))
    }

    /// Adds everything that `other` holds.
    mutating func add(_ other: PatternClass) {
        if other.negated {
            complements.append(other.sealed())
        } else {
            ranges += other.ranges
            properties += other.properties
            complements += other.complements
        }
    }

    /// The same set, ready for quick answers.
    func sealed() -> PatternClass {
        var result = self
        result.ranges.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<UInt32>] = []
        for range in result.ranges {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] =
                    last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        result.ranges = merged
        for value in UInt32(0)..<128 where result.slowlyContains(value) {
            if value < 64 {
                result.asciiLow |= 1 << UInt64(value)
            } else {
                result.asciiHigh |= 1 << UInt64(value - 64)
            }
        }
        return result
    }

    /// Whether `value` is in this set, which must be sealed.
    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return asciiLow & (1 << UInt64(value)) != 0 }
        if value < 128 { return asciiHigh & (1 << UInt64(value - 64)) != 0 }
        return slowlyContains(value)
    }

    private func slowlyContains(_ value: UInt32) -> Bool {
        var found = holds(value)
        if !found && folds {
            for other in PatternFolding.variants(of: value) where holds(other) {
                found = true
                break
            }
        }
        return found != negated
    }

    private func holds(_ value: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        if low < ranges.count && ranges[low].contains(value) { return true }
        for item in properties where item.property.holds(value) != item.negated { return true }
        for other in complements where other.contains(value) { return true }
        return false
    }
}

/// Letters that are one letter but for their case, by Unicode's simple case folding.
enum PatternFolding {
    /// What all case variants of `value` have in common.
    static func canonical(_ value: UInt32) -> UInt32 {
        if value < 128 {
            return value >= 0x41 && value <= 0x5A ? value + 32 : value
        }
        guard let scalar = Unicode.Scalar(value) else { return value }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(upper.properties.lowercaseMapping) ?? upper).value
    }

    /// The case variants of `value`, without itself.
    static func variants(of value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        var result: [UInt32] = []
        if let lower = single(scalar.properties.lowercaseMapping) { result.append(lower.value) }
        if let upper = single(scalar.properties.uppercaseMapping) { result.append(upper.value) }
        if let title = single(scalar.properties.titlecaseMapping) { result.append(title.value) }
        let common = canonical(value)
        result.append(common)
        // Letters whose third variant no mapping of the other two leads to.
        switch common {
        case 0x6B: result.append(0x212A)
        case 0x73: result.append(0x17F)
        case 0xE5: result.append(0x212B)
        case 0x3BC: result.append(0xB5)
        case 0x3C9: result.append(0x2126)
        case 0x3B8: result += [0x3D1, 0x3F4]
        case 0x3C3: result.append(0x3C2)
        case 0xDF: result.append(0x1E9E)
        default: break
        }
        return result
    }

    private static func single(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { return nil }
        return first
    }
}
