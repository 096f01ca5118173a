import CivilCalendar

/// A date, a time, or both, as RFC 3339 writes them.
struct TOMLDate {
    /// Whether there is such a day and such a time.
    private(set) var isValid = true
    private var rest: ArraySlice<UInt8>

    /// Nil where the bytes do not begin like one: as `1979-` or `07:`.
    init?(_ bytes: [UInt8]) {
        rest = bytes[...]
        let digits = bytes.prefix { TOMLScalar.digit($0, radix: 10) != nil }.count
        let mark = digits < bytes.count ? bytes[digits] : 0
        let isDate = digits == 4 && mark == UInt8(ascii: "-")
        guard isDate || digits == 2 && mark == UInt8(ascii: ":") else { return nil }
        isValid = isDate ? takeDate() : takeTime()
        isValid = isValid && rest.isEmpty
    }

    private mutating func takeDate() -> Bool {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"),
            let day = number(2), (1...12).contains(month), day >= 1,
            day <= CivilTime.days(inMonth: Int64(month), of: Int64(year))
        else { return false }
        guard !rest.isEmpty else { return true }
        guard skip("T") || skip("t") || skip(" "), takeTime() else { return false }
        guard !rest.isEmpty, !skip("Z"), !skip("z") else { return true }
        guard skip("+") || skip("-"), let hours = number(2), skip(":"), let minutes = number(2)
        else { return false }
        return hours < 24 && minutes < 60
    }

    private mutating func takeTime() -> Bool {
        guard let hours = number(2), skip(":"), let minutes = number(2), skip(":"),
            let seconds = number(2), hours < 24, minutes < 60, seconds <= 60
        else { return false }
        guard skip(".") else { return true }
        let fraction = rest.prefix { TOMLScalar.digit($0, radix: 10) != nil }.count
        rest = rest.dropFirst(fraction)
        return fraction > 0
    }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first.map(UInt32.init) == mark.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard rest.count >= digits else { return nil }
        var result = 0
        for byte in rest.prefix(digits) {
            guard let digit = TOMLScalar.digit(byte, radix: 10) else { return nil }
            result = result * 10 + digit
        }
        rest = rest.dropFirst(digits)
        return result
    }
}
