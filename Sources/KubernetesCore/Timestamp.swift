/// A point in time of the wall clock: nanoseconds since 1970-01-01T00:00:00Z.
///
/// Reads and writes RFC 3339 without Foundation. The range is that of Int64 nanoseconds, the years
/// 1677 to 2262; texts outside it are refused, never wrapped.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let nanoseconds: Int64

    /// The time `nanoseconds` after 1970-01-01T00:00:00Z.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The time `seconds` after 1970-01-01T00:00:00Z, held inside the range.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Reads an RFC 3339 text such as `2026-03-01T09:30:00Z`, `…:00.123456Z` or `…:00+01:00`; `nil`
    /// where it is none or lies outside the range.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes: bytes.span)
    }

    /// Reads the bytes of such a text.
    init?(bytes: Span<UInt8>) {
        guard bytes.count >= 20, bytes.count <= 35,
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = Timestamp.digits(bytes, 0, 4), let month = Timestamp.digits(bytes, 5, 2),
            let day = Timestamp.digits(bytes, 8, 2), let hour = Timestamp.digits(bytes, 11, 2),
            let minute = Timestamp.digits(bytes, 14, 2),
            let second = Timestamp.digits(bytes, 17, 2),
            (1...12).contains(month), day >= 1, day <= Timestamp.days(inMonth: month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            var scale: Int64 = 100_000_000
            let first = at
            while at < bytes.count, let digit = Timestamp.digits(bytes, at, 1) {
                fraction += digit * scale
                scale /= 10
                at += 1
            }
            guard at > first else { return nil }
        }
        guard let offset = Timestamp.offsetSeconds(bytes, at) else { return nil }
        let days = Timestamp.daysSinceEpoch(year, month, day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = product.addingReportingOverflow(fraction)
        guard !overflow, !carried else { return nil }
        nanoseconds = sum
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 {
        let quotient = nanoseconds / 1_000_000_000
        return nanoseconds < 0 && nanoseconds % 1_000_000_000 != 0 ? quotient - 1 : quotient
    }

    /// This time to the second, as Kubernetes writes `metav1.Time`: `2026-03-01T09:30:00Z`.
    public var description: String { Timestamp.format(seconds) + "Z" }

    /// This time to the microsecond, as Kubernetes writes `metav1.MicroTime`.
    public var microText: String {
        let rest = (nanoseconds - seconds * 1_000_000_000) / 1_000
        return Timestamp.format(seconds) + "." + Timestamp.pad(rest, 6) + "Z"
    }

    /// This time to the millisecond; what Swiftlet's own status fields carry.
    public var milliText: String {
        let rest = (nanoseconds - seconds * 1_000_000_000) / 1_000_000
        return Timestamp.format(seconds) + "." + Timestamp.pad(rest, 3) + "Z"
    }

    /// The earlier of two times.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time `duration` later, held inside the range.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        guard overflow else { return Timestamp(nanoseconds: sum) }
        return Timestamp(nanoseconds: duration.nanoseconds < 0 ? .min : .max)
    }

    /// The time `duration` earlier, held inside the range.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = time.nanoseconds.subtractingReportingOverflow(duration.nanoseconds)
        guard overflow else { return Timestamp(nanoseconds: sum) }
        return Timestamp(nanoseconds: duration.nanoseconds < 0 ? .max : .min)
    }

    /// How much later `left` is than `right`.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(
            right.nanoseconds)
        guard overflow else { return .nanoseconds(difference) }
        return .nanoseconds(left > right ? Int64.max : Int64.min)
    }

    private static func digits(_ bytes: Span<UInt8>, _ at: Int, _ count: Int) -> Int64? {
        var result: Int64 = 0
        for offset in at..<at + count {
            guard offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 else {
                return nil
            }
            result = result * 10 + Int64(bytes[offset] - 0x30)
        }
        return result
    }

    private static func offsetSeconds(_ bytes: Span<UInt8>, _ at: Int) -> Int64? {
        guard at < bytes.count else { return nil }
        if bytes[at] == UInt8(ascii: "Z") || bytes[at] == UInt8(ascii: "z") {
            return at + 1 == bytes.count ? 0 : nil
        }
        guard at + 6 == bytes.count, bytes[at + 3] == UInt8(ascii: ":"),
            let hours = digits(bytes, at + 1, 2), let minutes = digits(bytes, at + 4, 2),
            hours < 24, minutes < 60
        else { return nil }
        switch bytes[at] {
        case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
        default: return nil
        }
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func format(_ seconds: Int64) -> String {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T"
            + pad(rest / 3_600, 2) + ":" + pad(rest / 60 % 60, 2) + ":" + pad(rest % 60, 2)
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension Duration {
    /// This duration in whole nanoseconds, held inside Int64.
    public var nanoseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = product.addingReportingOverflow(components.attoseconds / 1_000_000_000)
        guard overflow || carried else { return sum }
        return components.seconds < 0 ? .min : .max
    }

    /// This duration in seconds with their fraction.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension JSONNode {
    /// This RFC 3339 text as a time.
    public func timestamp() throws(JSONError) -> Timestamp {
        let token = storage.tape[index]
        if token.kind == .string {
            // The usual case makes no string.
            let bytes = storage.bytes
            let place = Int(token.start)..<Int(token.start) + Int(token.length)
            if let time = Timestamp(bytes: bytes.span.extracting(place)) { return time }
        }
        guard let time = Timestamp(try string()) else { throw mismatch("an RFC 3339 time") }
        return time
    }
}
