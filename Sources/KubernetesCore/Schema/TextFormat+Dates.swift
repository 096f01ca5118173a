extension TextFormat {
    /// `2006-01-02`, a day that exists.
    static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && isDay(Array(text.utf8))
    }

    /// An RFC 3339 time, as `2006-01-02T15:04:05Z`; the part of the day is not checked further than
    /// for its form, and the zone may be missing digits' colon, as the API server has it.
    static func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, isDay(Array(bytes[0..<10])),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            let hour = number(bytes, 11), let minute = number(bytes, 14),
            let second = number(bytes, 17), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), hour <= 23, minute <= 59, second <= 59
        else { return false }
        var at = 19
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            let first = at
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
            guard at > first else { return false }
        }
        return isZone(Array(bytes[at...]))
    }

    private static func isZone(_ zone: [UInt8]) -> Bool {
        guard let first = zone.first else { return false }
        if first == UInt8(ascii: "Z") || first == UInt8(ascii: "z") { return zone.count == 1 }
        guard zone.count == 6, first == UInt8(ascii: "+") || first == UInt8(ascii: "-"),
            zone[3] == UInt8(ascii: ":"), let hours = number(zone, 1), let minutes = number(zone, 4)
        else { return false }
        return hours <= 23 && minutes <= 59
    }

    private static func isDay(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let century = number(bytes, 0), let rest = number(bytes, 2),
            let month = number(bytes, 5), let day = number(bytes, 8), (1...12).contains(month)
        else { return false }
        let year = century * 100 + rest
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day >= 1 && day <= days[month - 1]
    }

    /// The two digits at `at`.
    private static func number(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard at + 2 <= bytes.count, isDigit(bytes[at]), isDigit(bytes[at + 1]) else { return nil }
        return Int(bytes[at] - 0x30) * 10 + Int(bytes[at + 1] - 0x30)
    }
}
