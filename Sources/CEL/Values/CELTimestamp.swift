import CivilCalendar
import KubernetesCore

/// A point in time from the year 1 to 9999, to the nanosecond, with the offset it was written with.
public struct CELTimestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// Nanoseconds behind them, 0 to 999,999,999.
    public let nanoseconds: Int32
    /// The offset from UTC in seconds, which counts only for the text.
    public let offset: Int32

    static let secondsMin: Int64 = -62_135_596_800
    static let secondsMax: Int64 = 253_402_300_799

    /// A time; `nil` outside the years 1 to 9999.
    public init?(seconds: Int64, nanoseconds: Int32 = 0, offset: Int32 = 0) {
        guard seconds >= Self.secondsMin, seconds <= Self.secondsMax,
            (0..<1_000_000_000).contains(nanoseconds)
        else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.offset = offset
    }

    /// Whether both are the same moment.
    public static func == (left: CELTimestamp, right: CELTimestamp) -> Bool {
        left.seconds == right.seconds && left.nanoseconds == right.nanoseconds
    }

    /// Feeds the moment.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }

    /// -1, 0 or 1.
    func compare(_ other: CELTimestamp) -> Int {
        if seconds != other.seconds { return seconds < other.seconds ? -1 : 1 }
        if nanoseconds == other.nanoseconds { return 0 }
        return nanoseconds < other.nanoseconds ? -1 : 1
    }

    /// The time `duration` nanoseconds later; `nil` outside the range.
    func adding(_ duration: Int64) -> CELTimestamp? {
        let billion: Int64 = 1_000_000_000
        var seconds = self.seconds + duration / billion
        var rest = Int64(nanoseconds) + duration % billion
        if rest < 0 {
            rest += billion
            seconds -= 1
        } else if rest >= billion {
            rest -= billion
            seconds += 1
        }
        return CELTimestamp(seconds: seconds, nanoseconds: Int32(rest), offset: offset)
    }

    /// The nanoseconds from `other` to this; `nil` where they do not fit.
    func since(_ other: CELTimestamp) -> Int64? {
        let (product, overflow) = (seconds - other.seconds)
            .multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = product.addingReportingOverflow(
            Int64(nanoseconds) - Int64(other.nanoseconds))
        return overflow || carried ? nil : sum
    }

    /// RFC 3339 with as many digits of the fraction as there are, in the offset it was written
    /// with.
    public var text: String {
        var result = CivilTime(seconds: seconds + Int64(offset)).text
        if nanoseconds != 0 {
            var digits = CivilTime.pad(Int64(nanoseconds), 9)
            while digits.hasSuffix("0") { digits.removeLast() }
            result += "." + digits
        }
        guard offset != 0 else { return result + "Z" }
        let minutes = Int64(offset.magnitude) / 60
        return result + (offset < 0 ? "-" : "+") + CivilTime.pad(minutes / 60, 2) + ":"
            + CivilTime.pad(minutes % 60, 2)
    }

    /// Reads RFC 3339. An error tells a malformed text from one outside the range.
    init(parsing text: String) throws(CELError) {
        let bytes = Array(text.utf8)
        let malformed = CELError(
            "type conversion error from 'string' to 'google.protobuf.Timestamp'")
        func number(_ start: Int, _ count: Int) throws(CELError) -> Int64 {
            var result: Int64 = 0
            for at in start..<start + count {
                guard at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 else {
                    throw malformed
                }
                result = result * 10 + Int64(bytes[at] - 0x30)
            }
            return result
        }
        func expect(_ at: Int, _ letter: String) throws(CELError) {
            guard at < bytes.count, bytes[at] == letter.utf8.first else { throw malformed }
        }
        let (year, month, day) = (try number(0, 4), try number(5, 2), try number(8, 2))
        let (hour, minute, second) = (try number(11, 2), try number(14, 2), try number(17, 2))
        try expect(4, "-")
        try expect(7, "-")
        try expect(10, "T")
        try expect(13, ":")
        try expect(16, ":")
        guard (1...12).contains(month), day >= 1, day <= CivilTime.days(inMonth: month, of: year),
            hour < 24, minute < 60, second < 60
        else { throw malformed }
        var at = 19
        var fraction: Int64 = 0
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            let first = at
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
            guard at > first else { throw malformed }
            for place in 0..<9 {
                fraction = fraction * 10
                if first + place < at { fraction += Int64(bytes[first + place] - 0x30) }
            }
        }
        let offset = try Self.zone(Array(bytes[min(at, bytes.count)...]), malformed)
        let days = CivilTime.daysSinceEpoch(year, month, day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        guard
            let time = CELTimestamp(
                seconds: seconds, nanoseconds: Int32(fraction), offset: Int32(offset))
        else { throw CELError("timestamp overflow") }
        self = time
    }

    private static func zone(_ bytes: [UInt8], _ malformed: CELError) throws(CELError) -> Int64 {
        if bytes == [UInt8(ascii: "Z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            let sign = [UInt8(ascii: "+"): Int64(1), UInt8(ascii: "-"): -1][bytes[0]]
        else { throw malformed }
        var digits: [Int64] = []
        for at in [1, 2, 4, 5] {
            guard bytes[at] >= 0x30, bytes[at] <= 0x39 else { throw malformed }
            digits.append(Int64(bytes[at] - 0x30))
        }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { throw malformed }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
