/// A duration as the programs of Kubernetes write it: `1h30m`, `1.5s`, `-10ms`; also `3 days`.
struct GoDuration: Hashable, Sendable {
    /// The length, held inside Int64 nanoseconds.
    let nanoseconds: Int64

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12,
    ]
    private static let longUnits: [String: Double] = [
        "ns": 1, "nano": 1, "us": 1e3, "micro": 1e3, "ms": 1e6, "milli": 1e6, "s": 1e9,
        "sec": 1e9, "m": 6e10, "min": 6e10, "h": 3.6e12, "hr": 3.6e12, "hour": 3.6e12,
        "d": 8.64e13, "day": 8.64e13, "w": 6.048e14, "wk": 6.048e14, "week": 6.048e14,
    ]

    /// Reads a duration; nil where `text` is none.
    init?(_ text: String) {
        guard let value = GoDuration.compact(text) ?? GoDuration.spoken(text) else { return nil }
        let limit = Double(Int64.max)
        nanoseconds =
            value >= limit ? Int64.max : value <= -limit ? Int64.min : Int64(value.rounded())
    }

    /// A sequence of numbers with units and no spaces.
    private static func compact(_ text: String) -> Double? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard digits != ".", let number = Double(digits.hasSuffix(".") ? digits + "0" : digits)
            else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let scale = units[String(unit)] else { return nil }
            rest = rest.dropFirst(unit.count)
            total += number * scale
        }
        return isNegative ? -total : total
    }

    /// One number and a unit in words, as in `3 days`.
    private static func spoken(_ text: String) -> Double? {
        let trimmed = text.drop { $0 == " " }
        let digits = trimmed.prefix { $0.isASCII && $0.isNumber }
        guard let number = Double(digits) else { return nil }
        var unit = trimmed.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        if longUnits[unit] == nil, unit.hasSuffix("s") { unit.removeLast() }
        return longUnits[unit].map { number * $0 }
    }
}
