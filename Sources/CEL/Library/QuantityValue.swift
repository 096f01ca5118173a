/// A Kubernetes quantity as CEL sees it: exact at any size, and aware of how the server keeps it,
/// because `isInteger` depends on that.
public struct QuantityValue: Sendable, Hashable {
    /// The most digits and the largest power of ten that are read.
    private static let sizeMax = 2_000

    /// The amount in billionths.
    private let nano: BigInteger
    /// What the server keeps in 64 bits: a number times a power of ten; `nil` where it needs more.
    private let fast: Fast?

    private struct Fast: Sendable, Hashable {
        var value: Int64
        var scale: Int
    }

    /// Whether both are the same amount.
    public static func == (left: QuantityValue, right: QuantityValue) -> Bool {
        left.nano == right.nano
    }

    /// Feeds the amount.
    public func hash(into hasher: inout Hasher) { hasher.combine(nano) }

    private init(nano: BigInteger, fast: Fast?) {
        self.nano = nano
        self.fast = fast
    }

    /// A whole amount.
    init(_ value: Int64) {
        self.init(
            nano: BigInteger(value).timesPowerOfTen(9), fast: Fast(value: value, scale: 0))
    }

    private static let formatError = CELError(
        "quantities must match the regular expression "
            + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    private static let suffixError = CELError("unable to parse quantity's suffix")

    private static let decimals: [String: Int] = [
        "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
    ]
    private static let binaries: [String: Int] = [
        "Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60,
    ]

    /// Reads `1.5Gi`, `100m`, `2e3`.
    init(parsing text: String) throws(CELError) {
        var rest = Array(text.unicodeScalars)[...]
        guard !rest.isEmpty else { throw Self.formatError }
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        let whole = rest.prefix(while: CELLexer.isDigit)
        rest.removeFirst(whole.count)
        var fraction: ArraySlice<Unicode.Scalar> = []
        if rest.first == "." {
            rest.removeFirst()
            fraction = rest.prefix(while: CELLexer.isDigit)
            rest.removeFirst(fraction.count)
        }
        let suffix = StringLibrary.join(rest)
        let letters = rest.drop { "eEinumkKMGTP".unicodeScalars.contains($0) }
        let digits = letters.first == "-" || letters.first == "+" ? letters.dropFirst() : letters
        guard digits.allSatisfy(CELLexer.isDigit) else { throw Self.formatError }
        guard whole.count + fraction.count <= Self.sizeMax else { throw Self.formatError }
        let leading = whole.drop { $0 == "0" }
        let number = StringLibrary.join(leading) + StringLibrary.join(fraction)
        let shift = -fraction.count
        var amount = BigInteger(digits: number)
        if isNegative { amount = amount.negated }
        if let bits = Self.binaries[suffix] {
            self = Self.binary(amount, shift, bits, digits: leading.count)
            return
        }
        let power = try Self.power(suffix)
        let scale = shift + power
        var fast: Fast?
        if number.utf8.count <= 18, scale >= -9, let value = Int64(number.isEmpty ? "0" : number) {
            fast = Fast(value: isNegative ? -value : value, scale: scale)
        }
        self.init(nano: amount.timesPowerOfTen(scale + 9), fast: fast)
    }

    private static func power(_ suffix: String) throws(CELError) -> Int {
        if let power = decimals[suffix] { return power }
        guard let first = suffix.first, first == "e" || first == "E",
            let power = CELConversions.integer(String(suffix.dropFirst())),
            power.magnitude <= UInt64(sizeMax)
        else { throw suffixError }
        return Int(power)
    }

    private static func binary(
        _ amount: BigInteger, _ shift: Int, _ bits: Int, digits: Int
    ) -> QuantityValue {
        let product = amount.times(UInt64(1) << UInt64(bits))
        var nano = product.timesPowerOfTen(shift + 9)
        let limit = BigInteger(Int64.max).timesPowerOfTen(9)
        if nano.compare(limit) > 0 { nano = limit }
        // The server keeps a whole number of units in 64 bits only where it surely fits.
        let room = 15 - digits - Int(Double(bits) * 0.3) - 1
        var fast: Fast?
        if shift == 0, room >= 0, let value = product.int64 { fast = Fast(value: value, scale: 0) }
        return QuantityValue(nano: nano, fast: fast)
    }

    /// -1, 0 or 1.
    func compare(_ other: QuantityValue) -> Int { nano.compare(other.nano) }

    /// -1, 0 or 1.
    var sign: Int { nano.sign }

    func adding(_ other: QuantityValue) -> QuantityValue {
        QuantityValue(
            nano: nano.plus(other.nano),
            fast: fast.flatMap { own in other.fast.flatMap { Self.sum(own, $0) } })
    }

    var negated: QuantityValue {
        QuantityValue(
            nano: nano.negated,
            fast: fast.flatMap {
                $0.value == .min ? nil : Fast(value: -$0.value, scale: $0.scale)
            })
    }

    private static func sum(_ a: Fast, _ b: Fast) -> Fast? {
        if b.value == 0 { return a }
        if a.value == 0 { return b }
        let scale = min(a.scale, b.scale)
        guard let x = raised(a.value, a.scale - scale), let y = raised(b.value, b.scale - scale)
        else { return nil }
        let (sum, overflow) = x.addingReportingOverflow(y)
        return overflow ? nil : Fast(value: sum, scale: scale)
    }

    private static func raised(_ value: Int64, _ power: Int) -> Int64? {
        guard power <= 18 else { return value == 0 ? 0 : nil }
        var result = value
        for _ in 0..<power {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        return result
    }

    /// The amount where the server keeps it as a whole number.
    var integer: Int64? {
        guard let fast, fast.scale >= 0 else { return nil }
        return Self.raised(fast.value, fast.scale)
    }

    var approximate: Double {
        if let fast { return Double(fast.value) * (Double("1e\(fast.scale)") ?? 0) }
        return nano.approximate * 1e-9
    }
}

/// A whole number of any size.
struct BigInteger: Sendable, Hashable {
    private var isNegative: Bool
    /// Digits in base 10^9, the least first; none for zero.
    private var limbs: [UInt32]

    private static let base: UInt64 = 1_000_000_000

    private init(isNegative: Bool, limbs: [UInt32]) {
        var limbs = limbs
        while limbs.last == 0 { limbs.removeLast() }
        self.limbs = limbs
        self.isNegative = isNegative && !limbs.isEmpty
    }

    init(_ value: Int64) {
        self.init(digits: String(value.magnitude))
        isNegative = value < 0
    }

    /// The number that decimal digits spell; none spell zero.
    init(digits: String) {
        var limbs: [UInt32] = []
        var rest = Array(digits.utf8)[...]
        while !rest.isEmpty {
            var limb: UInt32 = 0
            for byte in rest.suffix(9) { limb = limb * 10 + UInt32(byte &- 0x30) }
            limbs.append(limb)
            rest = rest.dropLast(9)
        }
        self.init(isNegative: false, limbs: limbs)
    }

    var sign: Int { limbs.isEmpty ? 0 : isNegative ? -1 : 1 }

    var negated: BigInteger { BigInteger(isNegative: !isNegative, limbs: limbs) }

    func times(_ factor: UInt64) -> BigInteger {
        var result: [UInt32] = []
        // The factor is at most 2^60; a limb below 2^30 makes products below 2^90, so it is cut.
        let (high, low) = (factor / Self.base, factor % Self.base)
        var carry: UInt64 = 0
        var previous: UInt64 = 0
        for limb in limbs + [0, 0, 0] {
            let sum = UInt64(limb) * low + previous * high + carry
            result.append(UInt32(sum % Self.base))
            carry = sum / Self.base
            previous = UInt64(limb)
        }
        return BigInteger(isNegative: isNegative, limbs: result)
    }

    /// The number times ten to `power`; what is lost below one is rounded away from zero.
    func timesPowerOfTen(_ power: Int) -> BigInteger {
        if limbs.isEmpty { return self }
        if power >= 0 {
            let whole = Array(repeating: UInt32(0), count: power / 9)
            var factor: UInt64 = 1
            for _ in 0..<power % 9 { factor *= 10 }
            return BigInteger(isNegative: isNegative, limbs: whole + limbs).times(factor)
        }
        var rest = limbs
        var isInexact = false
        let drop = min(-power / 9, rest.count)
        isInexact = rest.prefix(drop).contains { $0 != 0 }
        rest.removeFirst(drop)
        var divisor: UInt64 = 1
        for _ in 0..<(-power % 9) { divisor *= 10 }
        var remainder: UInt64 = 0
        for index in rest.indices.reversed() {
            let value = remainder * Self.base + UInt64(rest[index])
            rest[index] = UInt32(value / divisor)
            remainder = value % divisor
        }
        let cut = BigInteger(isNegative: false, limbs: rest)
        let up = isInexact || remainder != 0 ? cut.plus(BigInteger(1)) : cut
        return BigInteger(isNegative: isNegative, limbs: up.limbs)
    }

    private static func compareLimbs(_ a: [UInt32], _ b: [UInt32]) -> Int {
        if a.count != b.count { return a.count < b.count ? -1 : 1 }
        for index in a.indices.reversed() where a[index] != b[index] {
            return a[index] < b[index] ? -1 : 1
        }
        return 0
    }

    func compare(_ other: BigInteger) -> Int {
        if sign != other.sign { return sign < other.sign ? -1 : 1 }
        let result = Self.compareLimbs(limbs, other.limbs)
        return isNegative ? -result : result
    }

    func plus(_ other: BigInteger) -> BigInteger {
        if isNegative == other.isNegative {
            var result: [UInt32] = []
            var carry: UInt64 = 0
            for index in 0...max(limbs.count, other.limbs.count) {
                let sum =
                    carry + UInt64(index < limbs.count ? limbs[index] : 0)
                    + UInt64(index < other.limbs.count ? other.limbs[index] : 0)
                result.append(UInt32(sum % Self.base))
                carry = sum / Self.base
            }
            return BigInteger(isNegative: isNegative, limbs: result)
        }
        guard Self.compareLimbs(limbs, other.limbs) >= 0 else { return other.plus(self) }
        var result = limbs
        var borrow: Int64 = 0
        for index in result.indices {
            var difference = Int64(result[index]) - borrow
            if index < other.limbs.count { difference -= Int64(other.limbs[index]) }
            borrow = difference < 0 ? 1 : 0
            result[index] = UInt32(difference < 0 ? difference + Int64(Self.base) : difference)
        }
        return BigInteger(isNegative: isNegative, limbs: result)
    }

    /// The number where it fits.
    var int64: Int64? {
        var result: Int64 = 0
        for limb in limbs.reversed() {
            let (product, overflow) = result.multipliedReportingOverflow(by: Int64(Self.base))
            let (sum, carried) = product.addingReportingOverflow(Int64(limb))
            if overflow || carried { return nil }
            result = sum
        }
        return isNegative ? -result : result
    }

    var approximate: Double {
        let magnitude = limbs.reversed().reduce(0.0) { $0 * Double(Self.base) + Double($1) }
        return isNegative ? -magnitude : magnitude
    }
}
