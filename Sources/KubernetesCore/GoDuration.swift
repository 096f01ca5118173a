/// A length of time as Go reads and writes it (package `time`): `1h30m`, `1.5s`, `-10ms`.
public struct GoDuration: Hashable, Comparable, Sendable {
    /// The length.
    public let nanoseconds: Int64

    /// A length of so many nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A number of seconds, its fraction cut off and the length held inside Int64 nanoseconds.
    public init(seconds: Double) {
        guard !seconds.isNaN else {
            nanoseconds = 0
            return
        }
        let whole = seconds.rounded(.towardZero) * 1e9
        nanoseconds =
            whole >= 9.2e18 ? Int64.max : whole <= -9.2e18 ? Int64.min : Int64(whole)
    }

    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1_000), ("\u{B5}s", 1_000), ("\u{3BC}s", 1_000), ("ms", 1_000_000),
        ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Reads a duration; `nil` where `text` is none or does not fit.
    public init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual("0".utf8) {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = Self.part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= UInt64(1) << 63 else { return nil }
            total = sum
        }
        if isNegative, total == UInt64(1) << 63 {
            nanoseconds = .min
        } else if let magnitude = Int64(exactly: total) {
            nanoseconds = isNegative ? -magnitude : magnitude
        } else {
            return nil
        }
    }

    /// A number and its unit.
    private static func part(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let isDigit = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
        let whole = rest.prefix(while: isDigit)
        rest.removeFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit)
            rest.removeFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        guard let unit = units.first(where: { $0.name.utf8.elementsEqual(name) }) else {
            return nil
        }
        rest.removeFirst(name.count)
        guard let number = whole.isEmpty ? 0 : UInt64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
        // Digits beyond what 63 bits hold do not count; the rest is calculated as Go does.
        var (numerator, scale) = (UInt64(0), 1.0)
        for digit in fraction {
            let (shifted, isTooLarge) = numerator.multipliedReportingOverflow(by: 10)
            let (next, isTooMuch) = shifted.addingReportingOverflow(UInt64(digit - 0x30))
            guard !isTooLarge, !isTooMuch, next <= 1 << 63 else { break }
            (numerator, scale) = (next, scale * 10)
        }
        let extra = UInt64(Double(numerator) * (Double(unit.nanoseconds) / scale))
        let (sum, carried) = product.addingReportingOverflow(extra)
        return overflow || carried ? nil : sum
    }

    /// The length in seconds.
    public var seconds: Double {
        Double(nanoseconds / 1_000_000_000) + Double(nanoseconds % 1_000_000_000) / 1e9
    }

    /// The text: hours, minutes and seconds; below a second one smaller unit.
    public var text: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case 1..<1_000: return "\(sign)\(magnitude)ns"
        case 1_000..<1_000_000: return sign + Self.fraction(magnitude, 1_000) + "\u{B5}s"
        case 1_000_000..<1_000_000_000: return sign + Self.fraction(magnitude, 1_000_000) + "ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        var result = Self.fraction(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        if minutes > 0 { result = "\(minutes % 60)m" + result }
        if minutes >= 60 { result = "\(minutes / 60)h" + result }
        return sign + result
    }

    /// `number` divided by `unit`, a power of ten, with no more digits than needed.
    private static func fraction(_ number: UInt64, _ unit: UInt64) -> String {
        let rest = number % unit
        guard rest != 0 else { return String(number / unit) }
        // The leading 1 keeps the zeros behind the point.
        var digits = String(unit + rest).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(number / unit).\(digits)"
    }

    /// Whether `left` is the shorter one.
    public static func < (left: GoDuration, right: GoDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
