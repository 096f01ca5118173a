import KubernetesCore

/// Getters of times and durations.
enum TimeLibrary {
    static let functions: [CELFunction] = clocks + dates

    private static func define(
        _ name: String, onDurations: (@Sendable (Int64) -> Int64)? = nil,
        _ get: @escaping @Sendable (CivilTime, CELTimestamp) -> Int64
    ) -> [CELFunction] {
        var signatures = ["timestamp.() -> int", "timestamp.(string) -> int"]
        if onDurations != nil { signatures.append("duration.() -> int") }
        return CELFunction.define(name, signatures) { a, e throws(CELError) in
            switch a[0] {
            case .timestamp(let time):
                var offset: Int64 = 0
                if a.count > 1 {
                    guard case .string(let zone) = a[1] else { throw .noOverload }
                    offset = try TimeZones.offset(zone, time.seconds, e.zones)
                }
                return .int(get(CivilTime(seconds: time.seconds + offset), time))
            case .duration(let nanoseconds):
                guard let onDurations, a.count == 1 else { throw .noOverload }
                return .int(onDurations(nanoseconds))
            default: throw .noOverload
            }
        }
    }

    private static let clocks: [CELFunction] =
        define("getHours", onDurations: { $0 / 3_600_000_000_000 }) { civil, _ in civil.hour }
        + define("getMinutes", onDurations: { $0 / 60_000_000_000 }) { civil, _ in civil.minute }
        + define("getSeconds", onDurations: { $0 / 1_000_000_000 }) { civil, _ in civil.second }
        + define("getMilliseconds", onDurations: { $0 / 1_000_000 }) { _, time in
            Int64(time.nanoseconds) / 1_000_000
        }

    private static let dates: [CELFunction] =
        define("getFullYear") { civil, _ in civil.year }
        + define("getMonth") { civil, _ in civil.month - 1 }
        + define("getDayOfYear") { civil, _ in civil.dayOfYear }
        + define("getDayOfMonth") { civil, _ in civil.day - 1 }
        + define("getDate") { civil, _ in civil.day }
        + define("getDayOfWeek") { civil, _ in civil.weekday }
}

/// Offsets from UTC.
enum TimeZones {
    /// The offset of `zone` at `seconds`: an offset as `+02:00`, or a name that `zones` knows.
    static func offset(
        _ zone: String, _ seconds: Int64, _ zones: CELZones
    ) throws(CELError) -> Int64 {
        if zone == "UTC" || zone.isEmpty { return 0 }
        if let fixed = fixed(zone) { return fixed }
        let isName =
            zone.utf8.count <= 64 && !zone.contains("..") && !zone.hasPrefix("/")
            && zone.unicodeScalars.allSatisfy {
                CELLexer.isLetter($0) || CELLexer.isDigit($0)
                    || "/+-".unicodeScalars.contains($0)
            }
        guard isName, let data = zones.data(zone), let file = ZoneFile(data) else {
            throw CELError("unknown time zone \(zone)")
        }
        return file.offset(at: seconds)
    }

    private static func fixed(_ zone: String) -> Int64? {
        let negative = zone.hasPrefix("-")
        let body = negative || zone.hasPrefix("+") ? zone.dropFirst() : zone[...]
        let parts = body.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 2, parts[1].utf8.count == 2,
            let hours = CELConversions.unsigned(String(parts[0])),
            let minutes = CELConversions.unsigned(String(parts[1])), hours <= 23, minutes <= 59
        else { return nil }
        let seconds = Int64(hours * 3_600 + minutes * 60)
        return negative ? -seconds : seconds
    }
}

/// A time zone from a TZif file (RFC 8536).
struct ZoneFile {
    private var times: [Int64] = []
    private var kinds: [Int] = []
    private var offsets: [Int64] = []
    private var isDaylight: [Bool] = []
    private var rule: ZoneRule?

    /// `nil` where `bytes` are no such file.
    init?(_ bytes: [UInt8]) {
        guard let header = Self.header(bytes, 0) else { return nil }
        var start = 44
        var width = 4
        var counts = header
        if bytes[4] >= UInt8(ascii: "2") {
            // The second block has 64-bit times.
            start = 44 + Self.length(header, width: 4)
            guard let second = Self.header(bytes, start) else { return nil }
            counts = second
            start += 44
            width = 8
        }
        let end = start + Self.length(counts, width: width)
        guard end <= bytes.count, counts.types > 0 else { return nil }
        for index in 0..<counts.times {
            times.append(Self.integer(bytes, start + index * width, width))
            kinds.append(Int(bytes[start + counts.times * width + index]))
        }
        let types = start + counts.times * (width + 1)
        for index in 0..<counts.types {
            offsets.append(Self.integer(bytes, types + index * 6, 4))
            isDaylight.append(bytes[types + index * 6 + 4] != 0)
        }
        guard kinds.allSatisfy({ $0 < offsets.count }) else { return nil }
        if width == 8, end < bytes.count {
            let footer = bytes[(end + 1)...].prefix { $0 != 0x0A }
            rule = ZoneRule(String(decoding: footer, as: UTF8.self))
        }
    }

    /// The offset from UTC at `seconds`.
    func offset(at seconds: Int64) -> Int64 {
        guard let last = times.last else { return rule?.offset(at: seconds) ?? offsets[0] }
        if seconds >= last, let rule { return rule.offset(at: seconds) }
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        if low > 0 { return offsets[kinds[low - 1]] }
        return offsets[isDaylight.firstIndex(of: false) ?? 0]
    }

    private typealias Counts = (
        flags: Int, standards: Int, leaps: Int, times: Int, types: Int, letters: Int
    )

    private static func header(_ bytes: [UInt8], _ at: Int) -> Counts? {
        guard at >= 0, at + 44 <= bytes.count, Array(bytes[at..<at + 4]) == Array("TZif".utf8)
        else { return nil }
        let numbers = (0..<6).map { Int(integer(bytes, at + 20 + $0 * 4, 4)) }
        guard numbers.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    }

    private static func length(_ counts: Counts, width: Int) -> Int {
        counts.times * (width + 1) + counts.types * 6 + counts.letters
            + counts.leaps * (width + 4) + counts.standards + counts.flags
    }

    private static func integer(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int64 {
        var result: UInt64 = 0
        for byte in bytes[at..<at + width] { result = result << 8 | UInt64(byte) }
        return width == 4
            ? Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: result)))
            : Int64(bitPattern: result)
    }
}

/// The rule of a zone for times behind the last one in its file: `CST6CDT,M3.2.0,M11.1.0`.
struct ZoneRule {
    private let standard: Int64
    private var daylight: Int64?
    private var starts: Change?
    private var ends: Change?

    /// The week of a month and the day of the week, or a day of the year, and the time of day.
    private struct Change {
        var month: Int64 = 0
        var week: Int64 = 0
        var day: Int64 = 0
        var skipsLeapDay = false
        var time: Int64 = 7_200
    }

    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let names = parts.first, !names.isEmpty else { return nil }
        var scalars = Array(names.unicodeScalars)[...]
        Self.skipName(&scalars)
        guard let standard = Self.time(&scalars) else { return nil }
        self.standard = -standard
        guard !scalars.isEmpty else { return }
        Self.skipName(&scalars)
        daylight = scalars.isEmpty ? -standard + 3_600 : Self.time(&scalars).map { -$0 }
        guard parts.count == 3, let starts = Self.change(parts[1]),
            let ends = Self.change(parts[2])
        else { return nil }
        self.starts = starts
        self.ends = ends
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let daylight, let starts, let ends else { return standard }
        let year = CivilTime(seconds: seconds + standard).year
        let first = Self.moment(starts, year) - standard
        let last = Self.moment(ends, year) - daylight
        let isDaylight =
            first < last
            ? seconds >= first && seconds < last : !(seconds >= last && seconds < first)
        return isDaylight ? daylight : standard
    }

    private static func skipName(_ scalars: inout ArraySlice<Unicode.Scalar>) {
        if scalars.first == "<" {
            while let scalar = scalars.popFirst(), scalar != ">" {}
        } else {
            while let scalar = scalars.first, CELLexer.isLetter(scalar) { scalars.removeFirst() }
        }
    }

    private static func time(_ scalars: inout ArraySlice<Unicode.Scalar>) -> Int64? {
        var sign: Int64 = 1
        if scalars.first == "-" { sign = -1 }
        if scalars.first == "-" || scalars.first == "+" { scalars.removeFirst() }
        var total: Int64 = 0
        var unit: Int64 = 3_600
        var found = false
        while unit >= 1 {
            let digits = scalars.prefix(while: CELLexer.isDigit)
            guard digits.count <= 3, let number = Int64(StringLibrary.join(digits)) else { break }
            found = true
            total += number * unit
            scalars.removeFirst(digits.count)
            guard scalars.first == ":" else { break }
            scalars.removeFirst()
            unit /= 60
        }
        return found ? sign * total : nil
    }

    private static func change(_ text: String) -> Change? {
        let parts = text.split(separator: "/").map(String.init)
        guard let day = parts.first else { return nil }
        var result = Change()
        if parts.count > 1 {
            var scalars = Array(parts[1].unicodeScalars)[...]
            guard let time = time(&scalars) else { return nil }
            result.time = time
        }
        if day.hasPrefix("M") {
            let numbers = day.dropFirst().split(separator: ".").compactMap { Int64($0) }
            guard numbers.count == 3, (1...12).contains(numbers[0]), (1...5).contains(numbers[1]),
                (0...6).contains(numbers[2])
            else { return nil }
            (result.month, result.week, result.day) = (numbers[0], numbers[1], numbers[2])
            return result
        }
        result.skipsLeapDay = day.hasPrefix("J")
        guard let number = Int64(result.skipsLeapDay ? day.dropFirst() : day[...]),
            (0...366).contains(number)
        else { return nil }
        result.day = number
        return result
    }

    /// Seconds since 1970 of a change in `year`, by the clock on the wall.
    private static func moment(_ change: Change, _ year: Int64) -> Int64 {
        let newYear = CivilTime.daysSinceEpoch(year, 1, 1)
        if change.month == 0 {
            let isLeap = CivilTime.days(inMonth: 2, of: year) == 29
            var day = change.skipsLeapDay ? change.day - 1 : change.day
            if change.skipsLeapDay && isLeap && change.day >= 60 { day += 1 }
            return (newYear + day) * 86_400 + change.time
        }
        let first = CivilTime.daysSinceEpoch(year, change.month, 1)
        let weekday = ((first + 4) % 7 + 7) % 7
        var day = (change.day - weekday + 7) % 7 + (change.week - 1) * 7
        while day >= CivilTime.days(inMonth: change.month, of: year) { day -= 7 }
        return (first + day) * 86_400 + change.time
    }
}
