/// A duration as Kyverno reads it: `1h30m`, `1.5s`, `-10ms`, `0`; nothing without a unit else.
struct GoDuration: Hashable, Comparable, Sendable {
    /// The length in nanoseconds.
    let nanoseconds: Int64

    private static let units: [String: UInt64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
        "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    /// A number of seconds, its fraction cut off and the length held inside Int64 nanoseconds.
    init(seconds: Double) {
        guard !seconds.isNaN else {
            nanoseconds = 0
            return
        }
        let whole = seconds.rounded(.towardZero) * 1e9
        nanoseconds =
            whole >= 9.2e18 ? Int64.max : whole <= -9.2e18 ? Int64.min : Int64(whole)
    }

    /// Reads a duration; nil where `text` is none or does not fit Int64 nanoseconds.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual([UInt8(ascii: "0")]) {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = GoDuration.part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= Int64.min.magnitude else { return nil }
            total = sum
        }
        if isNegative {
            nanoseconds = total == Int64.min.magnitude ? Int64.min : -Int64(total)
        } else {
            guard let positive = Int64(exactly: total) else { return nil }
            nanoseconds = positive
        }
    }

    /// Takes one number with its unit off the front.
    private static func part(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let whole = rest.prefix(while: isDigit)
        rest.removeFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: isDigit)
            rest.removeFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let unit = rest.prefix { !isDigit($0) && $0 != UInt8(ascii: ".") }
        rest.removeFirst(unit.count)
        guard let scale = units[String(decoding: unit, as: UTF8.self)] else { return nil }
        var amount: UInt64 = 0
        for digit in whole {
            let (next, overflow) = amount.multipliedReportingOverflow(by: 10)
            guard !overflow, next <= UInt64.max - 9 else { return nil }
            amount = next + UInt64(digit - 0x30)
        }
        let (length, overflow) = amount.multipliedReportingOverflow(by: scale)
        guard !overflow, length <= Int64.min.magnitude else { return nil }
        // A fraction is less than its unit, at most an hour: the sum still fits.
        let share = Double("0." + String(decoding: fraction, as: UTF8.self) + "0") ?? 0
        return length + UInt64((share * Double(scale)).rounded(.down))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func < (left: GoDuration, right: GoDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
