import CivilCalendar

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
            (1...12).contains(month), day >= 1, day <= CivilTime.days(inMonth: month, of: year),
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
        let days = CivilTime.daysSinceEpoch(year, month, day)
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
        return Timestamp.format(seconds) + "." + CivilTime.pad(rest, 6) + "Z"
    }

    /// This time to the millisecond; what Swiftlet's own status fields carry.
    public var milliText: String {
        let rest = (nanoseconds - seconds * 1_000_000_000) / 1_000_000
        return Timestamp.format(seconds) + "." + CivilTime.pad(rest, 3) + "Z"
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

    private static func format(_ seconds: Int64) -> String { CivilTime(seconds: seconds).text }
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
