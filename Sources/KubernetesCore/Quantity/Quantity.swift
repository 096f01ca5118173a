/// An amount of a resource, as in `500m`, `1.5Gi`, `2e3`: exact to 1e-9, at most 2⁶³−1 either way.
///
/// Finer parts are rounded away from zero and larger amounts held at the bounds, as a
/// kube-apiserver does; no operation traps. Two quantities are equal if their amounts are, whatever
/// their units.
public struct Quantity: Sendable, CustomStringConvertible {
    /// How an amount is written.
    public enum Format: Hashable, Sendable {
        /// With powers of 1000: `m`, `k`, `M`.
        case decimal
        /// With powers of 1024: `Ki`, `Mi`.
        case binary
        /// With an exponent: `e3`.
        case exponent
    }

    private static let unit: Int128 = 1_000_000_000
    private static let limit = Int128(Int64.max) * unit

    /// The amount in billionths.
    private let nano: Int128
    /// How the amount is written.
    public let format: Format

    private init(nano: Int128, format: Format) {
        self.nano = min(max(nano, -Quantity.limit), Quantity.limit)
        self.format = format
    }

    /// Nothing.
    public static let zero = Quantity(0)

    /// A whole amount.
    public init(_ value: Int, _ format: Format = .decimal) {
        self.init(nano: Int128(value) * Quantity.unit, format: format)
    }

    /// An amount in thousandths.
    public init(milli: Int, _ format: Format = .decimal) {
        self.init(nano: Int128(milli) * (Quantity.unit / 1_000), format: format)
    }

    /// Reads a quantity.
    public init(_ text: String) throws(QuantityError) {
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { throw .format }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.prefix(while: TextFormat.isDigit)
        rest.removeFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: TextFormat.isDigit)
            rest.removeFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw .format }
        let (scale, format) = try Quantity.scale(String(decoding: rest, as: UTF8.self))
        let amount = Quantity.amount(Array(whole + fraction), shift: -fraction.count, scale)
        let isFraction = amount < Quantity.unit && amount > 0
        self.init(
            nano: isNegative ? -amount : amount,
            format: format == .binary && isFraction ? .decimal : format)
    }

    /// Reads a quantity from JSON: a string or a number.
    public init(reading value: JSONValue) throws(QuantityError) {
        switch value {
        case .string(let text): try self.init(text)
        case .integer(let number): self.init(nano: Int128(number) * Quantity.unit, format: .decimal)
        case .double(let number): try self.init(GoText.general(number))
        default: throw .format
        }
    }

    private enum Scale {
        case decimal(Int)
        case binary(Int)
    }

    private static func scale(_ suffix: String) throws(QuantityError) -> (Scale, Format) {
        let decimals = ["n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15]
        if let power = decimals[suffix] { return (.decimal(power), .decimal) }
        if suffix == "E" { return (.decimal(18), .decimal) }
        let binaries = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]
        if let power = binaries[suffix] { return (.binary(power), .binary) }
        guard let first = suffix.first, first == "e" || first == "E",
            let power = Int(suffix.dropFirst())
        else { throw .suffix }
        return (.decimal(min(max(power, -1_000), 1_000)), .exponent)
    }

    /// The amount of decimal digits times ten to `shift` times `scale`, rounded up to billionths.
    private static func amount(_ digits: [UInt8], shift: Int, _ scale: Scale) -> Int128 {
        var significant = digits.drop { $0 == 0x30 }
        var power = shift + 9
        var factor: Int128 = 1
        switch scale {
        case .decimal(let more): power += more
        case .binary(let bits): factor = Int128(1) << Int128(bits)
        }
        var isInexact = false
        if significant.count > 37 {
            let cut = significant.count - 37
            isInexact = significant.suffix(cut).contains { $0 != 0x30 }
            significant.removeLast(cut)
            power += cut
        }
        guard !significant.isEmpty else { return 0 }
        if significant.count + power > 40 { return limit }
        var mantissa: Int128 = 0
        for digit in significant { mantissa = mantissa * 10 + Int128(digit - 0x30) }
        var divisor: Int128 = 1
        while power < 0, divisor <= Int128.max / 10 {
            divisor *= 10
            power += 1
        }
        // What is below 1e-38 of a unit rounds up to the smallest amount there is.
        if power < 0 { return 1 }
        let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
        guard quotient <= limit / factor else { return limit }
        var result = quotient * factor
        let (rest, overflow) = remainder.multipliedReportingOverflow(by: factor)
        if overflow {
            result += (remainder / max(divisor / factor, 1)) + 1
        } else {
            result += rest / divisor
            if rest % divisor != 0 || isInexact { result += 1 }
        }
        for _ in 0..<power {
            guard result <= limit / 10 else { return limit }
            result *= 10
        }
        return min(result, limit)
    }
}

extension Quantity: Hashable, Comparable {
    /// Whether two amounts are the same.
    public static func == (left: Quantity, right: Quantity) -> Bool { left.nano == right.nano }

    /// The smaller of two amounts.
    public static func < (left: Quantity, right: Quantity) -> Bool { left.nano < right.nano }

    /// By the amount.
    public func hash(into hasher: inout Hasher) { hasher.combine(nano) }
}

extension Quantity {
    /// The sum, held at the bounds, written as the left one unless that is zero.
    public static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nano: left.nano + right.nano, format: left.isZero ? right.format : left.format)
    }

    /// The difference, held at the bounds, written as the left one unless that is zero.
    public static func - (left: Quantity, right: Quantity) -> Quantity {
        Quantity(nano: left.nano - right.nano, format: left.isZero ? right.format : left.format)
    }

    /// The product, exact to 1e-9 and rounded away from zero, held at the bounds, written as this.
    public func multiplied(by factor: Quantity) -> Quantity {
        let wide = nano.magnitude.multipliedFullWidth(by: factor.nano.magnitude)
        let divisor = Quantity.unit.magnitude
        let isNegative = (nano < 0) != (factor.nano < 0)
        guard wide.high < divisor else { return bound(isNegative) }
        let (quotient, remainder) = divisor.dividingFullWidth((wide.high, wide.low))
        guard quotient < Quantity.limit.magnitude else { return bound(isNegative) }
        let amount = Int128(quotient) + (remainder == 0 ? 0 : 1)
        return Quantity(nano: isNegative ? -amount : amount, format: format)
    }

    /// The quotient, cut off after `places` decimals (at most 9; fewer than none cut off whole
    /// digits), held at the bounds, written as this; `nil` where the divisor is zero.
    public func divided(by divisor: Quantity, places: Int) -> Quantity? {
        guard !divisor.isZero else { return nil }
        let isNegative = (nano < 0) != (divisor.nano < 0)
        let places = min(max(places, -27), 9)
        func power(_ exponent: Int) -> UInt128 {
            (0..<exponent).reduce(1) { result, _ in result * 10 }
        }
        let scaled = nano.magnitude.multipliedFullWidth(by: power(max(places, 0)))
        let (whole, overflow) = divisor.nano.magnitude.multipliedReportingOverflow(
            by: power(max(-places, 0)))
        // A divisor beyond all amounts leaves nothing.
        guard !overflow else { return Quantity(nano: 0, format: format) }
        guard scaled.high < whole else { return bound(isNegative) }
        let quotient = whole.dividingFullWidth(scaled).quotient
        let (amount, isTooLarge) = quotient.multipliedReportingOverflow(by: power(9 - places))
        guard !isTooLarge, amount < Quantity.limit.magnitude else { return bound(isNegative) }
        return Quantity(nano: isNegative ? -Int128(amount) : Int128(amount), format: format)
    }

    private func bound(_ isNegative: Bool) -> Quantity {
        Quantity(nano: isNegative ? -Quantity.limit : Quantity.limit, format: format)
    }

    /// This amount times `factor`, for estimates; rounded away from zero. A factor that is no
    /// number gives zero.
    public func scaled(by factor: Double) -> Quantity {
        let product = Double(nano) * factor
        guard !product.isNaN else { return Quantity(nano: 0, format: format) }
        let bound = Double(Quantity.limit)
        if product.magnitude >= bound {
            return Quantity(nano: product < 0 ? -Quantity.limit : Quantity.limit, format: format)
        }
        return Quantity(nano: Int128(product.rounded(.awayFromZero)), format: format)
    }

    /// Whether the amount is zero.
    public var isZero: Bool { nano == 0 }

    /// Whether the amount is below zero.
    public var isNegative: Bool { nano < 0 }

    /// The amount, rounded away from zero.
    public var value: Int64 { rounded(to: Quantity.unit) }

    /// The amount in thousandths, rounded away from zero and held inside Int64.
    public var milliValue: Int64 { rounded(to: Quantity.unit / 1_000) }

    /// The amount as a floating-point number, for estimates.
    public var inDouble: Double { Double(nano) / Double(Quantity.unit) }

    private func rounded(to unit: Int128) -> Int64 {
        let (quotient, remainder) = nano.quotientAndRemainder(dividingBy: unit)
        let result = remainder == 0 ? quotient : quotient + (nano < 0 ? -1 : 1)
        return Int64(clamping: result)
    }

    /// The canonical text: no fraction, the largest unit that needs none, no exponent that is no
    /// multiple of three.
    public var description: String {
        guard nano != 0 else { return "0" }
        let small = nano.magnitude < Quantity.unit.magnitude * 1_024
        if format == .binary, !small { return binaryText }
        var mantissa = nano
        var power = -9
        while mantissa % 1_000 == 0, power < 18 {
            mantissa /= 1_000
            power += 3
        }
        if format == .exponent { return power == 0 ? "\(mantissa)" : "\(mantissa)e\(power)" }
        let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return "\(mantissa)" + suffixes[(power + 9) / 3]
    }

    private var binaryText: String {
        var mantissa = Int128(value)
        var step = 0
        let suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
        while mantissa % 1_024 == 0, step < 6 {
            mantissa /= 1_024
            step += 1
        }
        return "\(mantissa)" + suffixes[step]
    }

    /// The canonical text as JSON.
    public var json: JSONValue { .string(description) }
}
