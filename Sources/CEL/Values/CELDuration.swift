import KubernetesCore

/// Texts of durations, which are nanoseconds.
enum CELDuration {
    private static let units: [(String, Int64)] = [
        ("ns", 1), ("us", 1_000), ("\u{B5}s", 1_000), ("\u{3BC}s", 1_000), ("ms", 1_000_000),
        ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Seconds with their fraction, as in `1.5s`.
    static func text(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        var result = (nanoseconds < 0 ? "-" : "") + String(magnitude / 1_000_000_000)
        let rest = magnitude % 1_000_000_000
        if rest != 0 {
            var digits = CivilTime.pad(Int64(rest), 9)
            while digits.hasSuffix("0") { digits.removeLast() }
            result += "." + digits
        }
        return result + "s"
    }

    /// Reads Go's syntax: `1h30m`, `-1.5s`, `0`; `nil` where it is none or does not fit.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        let negative = rest.hasPrefix("-")
        if negative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = component(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= UInt64(1) << 63 else { return nil }
            total = sum
        }
        if negative { return total == UInt64(1) << 63 ? .min : -Int64(total) }
        return Int64(exactly: total)
    }

    private static func component(_ rest: inout Substring) -> UInt64? {
        let whole = digits(&rest)
        var fraction = ""
        if rest.hasPrefix(".") {
            rest.removeFirst()
            fraction = digits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let unitText = rest.unicodeScalars.prefix { !($0 == "." || CELLexer.isDigit($0)) }
        guard let unit = units.first(where: { $0.0.unicodeScalars.elementsEqual(unitText) })?.1
        else { return nil }
        rest.unicodeScalars.removeFirst(unitText.count)
        guard let number = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: UInt64(unit))
        guard !overflow else { return nil }
        // Digits of the fraction beyond what a nanosecond can show do not count.
        var scale = UInt64(unit)
        var extra: UInt64 = 0
        var numerator: UInt64 = 0
        var denominator: UInt64 = 1
        for digit in fraction.utf8.prefix(18) {
            numerator = numerator * 10 + UInt64(digit - 0x30)
            denominator *= 10
        }
        let wide = numerator.multipliedFullWidth(by: scale)
        if denominator > wide.high { extra = denominator.dividingFullWidth(wide).quotient }
        scale = extra
        let (sum, carried) = product.addingReportingOverflow(scale)
        return carried ? nil : sum
    }

    private static func digits(_ rest: inout Substring) -> String {
        let run = rest.unicodeScalars.prefix(while: CELLexer.isDigit)
        rest.unicodeScalars.removeFirst(run.count)
        return String(run)
    }
}
