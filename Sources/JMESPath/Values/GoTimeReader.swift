import CivilCalendar

/// Reads the parts of a time one after another, as Go does.
struct GoTimeReader {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    private var rest: ArraySlice<UInt8>
    private var year: Int64 = 0
    private var month: Int64?
    private var day: Int64?
    private var yearDay: Int64?
    private var hour: Int64 = 0
    private var minute: Int64 = 0
    private var second: Int64 = 0
    private var nanoseconds: Int64 = 0
    private var isAfternoon = false
    private var isMorning = false
    private var offset: Int64 = 0

    init(_ text: String) { rest = Array(text.utf8)[...] }

    /// The time, where all was read and there is such a time.
    var time: GoTime? {
        guard rest.isEmpty else { return nil }
        var hour = hour
        if isAfternoon, hour < 12 { hour += 12 }
        if isMorning, hour == 12 { hour = 0 }
        guard let days else { return nil }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
        return GoTime(seconds: seconds - offset, nanoseconds: nanoseconds, offset: offset)
    }

    private var days: Int64? {
        guard let yearDay else {
            let (month, day) = (month ?? 1, day ?? 1)
            guard day >= 1, day <= CivilTime.days(inMonth: month, of: year) else { return nil }
            return CivilTime.daysSinceEpoch(year, month, day)
        }
        let days = CivilTime.daysSinceEpoch(year, 1, 1) + yearDay - 1
        let fields = CivilTime(seconds: days * 86_400)
        guard yearDay >= 1, fields.year == year, month == nil || month == fields.month,
            day == nil || day == fields.day
        else { return nil }
        return days
    }

    /// Reads one part; false where the text does not say it.
    mutating func read(_ part: GoTimeLayout.Part, next: GoTimeLayout.Part?) -> Bool {
        switch part {
        case .text(let text): return skip(text)
        case .longYear, .year, .longMonth, .month, .numberMonth, .zeroMonth:
            return readYearOrMonth(part)
        case .longWeekday: return name(Self.weekdays, prefix: nil) != nil
        case .weekday: return name(Self.weekdays, prefix: 3) != nil
        case .day, .spaceDay, .zeroDay:
            if part == .spaceDay, rest.first == 0x20 { rest.removeFirst() }
            day = number(isFixed: part == .zeroDay)
            return day != nil
        case .spaceYearDay, .zeroYearDay:
            for _ in 0..<2 where part == .spaceYearDay && rest.first == 0x20 { rest.removeFirst() }
            yearDay = yearDayNumber(isFixed: part == .zeroYearDay)
            return yearDay != nil
        case .hour, .hour12, .zeroHour12:
            guard let value = number(isFixed: part == .zeroHour12) else { return false }
            hour = value
            return value <= (part == .hour ? 23 : 12)
        case .minute, .zeroMinute:
            guard let value = number(isFixed: part == .zeroMinute) else { return false }
            minute = value
            return value < 60
        case .second, .zeroSecond:
            guard let value = number(isFixed: part == .zeroSecond), value < 60 else { return false }
            second = value
            // A fraction may follow even where the layout has none.
            if next?.isFraction != true { readFraction(digits: nil) }
            return true
        case .fraction(let digits): return readFraction(digits: digits)
        case .anyFraction:
            readFraction(digits: nil)
            return true
        case .upperHalf: return readHalf("PM", "AM")
        case .lowerHalf: return readHalf("pm", "am")
        case .zoneName: return readZoneName()
        case .zone(let zone): return readZone(zone)
        }
    }

    private mutating func readYearOrMonth(_ part: GoTimeLayout.Part) -> Bool {
        switch part {
        case .longYear:
            guard let value = digits(4) else { return false }
            year = value
            return true
        case .year:
            guard let value = digits(2) else { return false }
            year = value >= 69 ? 1900 + value : 2000 + value
            return true
        case .longMonth: month = name(Self.months, prefix: nil)
        case .month: month = name(Self.months, prefix: 3)
        default: month = number(isFixed: part == .zeroMonth)
        }
        return month.map { (1...12).contains($0) } ?? false
    }

    // MARK: Pieces

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Skips a text; a run of spaces stands for any run.
    private mutating func skip(_ text: String) -> Bool {
        var wanted = Array(text.utf8)[...]
        while let byte = wanted.first {
            if byte == 0x20 {
                if let found = rest.first, found != 0x20 { return false }
                wanted = wanted.drop { $0 == 0x20 }
                rest = rest.drop { $0 == 0x20 }
                continue
            }
            guard rest.first == byte else { return false }
            wanted.removeFirst()
            rest.removeFirst()
        }
        return true
    }

    /// Exactly `count` digits.
    private mutating func digits(_ count: Int) -> Int64? {
        let found = rest.prefix(count)
        guard found.count == count, found.allSatisfy(Self.isDigit) else { return nil }
        rest.removeFirst(count)
        return found.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Two digits, or one where `isFixed` is false.
    private mutating func number(isFixed: Bool) -> Int64? {
        let count = rest.prefix(2).prefix(while: Self.isDigit).count
        return count == 2 || !isFixed ? digits(max(count, 1)) : nil
    }

    private mutating func yearDayNumber(isFixed: Bool) -> Int64? {
        let count = rest.prefix(3).prefix(while: Self.isDigit).count
        return count == 3 || !isFixed ? digits(max(count, 1)) : nil
    }

    /// The place, from 1, of the name that comes next, in any case of its letters.
    private mutating func name(_ names: [String], prefix: Int?) -> Int64? {
        func lower(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte }
        for (index, name) in names.enumerated() {
            let wanted = name.utf8.prefix(prefix ?? name.utf8.count)
            guard rest.lazy.map(lower).starts(with: wanted.map(lower)) else { continue }
            rest.removeFirst(wanted.count)
            return Int64(index + 1)
        }
        return nil
    }

    /// The digits behind a point or a comma: as many as `digits` says, or any number, or none.
    @discardableResult
    private mutating func readFraction(digits: Int?) -> Bool {
        guard let point = rest.first, point == UInt8(ascii: ".") || point == UInt8(ascii: ",")
        else {
            return digits == nil
        }
        let run = rest.dropFirst().prefix(while: Self.isDigit)
        let count = digits ?? run.count
        guard count > 0, run.count >= count else { return digits == nil }
        var value: Int64 = 0
        for place in 0..<9 {
            let digit = place < count ? run[run.startIndex + place] - 0x30 : 0
            value = value * 10 + Int64(digit)
        }
        nanoseconds = value
        rest.removeFirst(1 + count)
        return true
    }

    private mutating func readHalf(_ after: String, _ before: String) -> Bool {
        isAfternoon = rest.starts(with: after.utf8)
        isMorning = rest.starts(with: before.utf8)
        guard isAfternoon || isMorning else { return false }
        rest.removeFirst(2)
        return true
    }

    /// A zone's abbreviation. Which offset it means is not known here; only UTC and `GMT+3` say.
    private mutating func readZoneName() -> Bool {
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") {
            let run = rest.dropFirst().prefix(while: Self.isDigit)
            guard run.count == 2 else { return false }
            rest.removeFirst(3)
            return true
        }
        let letters = rest.prefix { $0 >= 0x41 && $0 <= 0x5A }
        if letters.starts(with: "UTC".utf8) {
            rest.removeFirst(3)
            return true
        }
        if letters.elementsEqual("GMT".utf8) {
            rest.removeFirst(3)
            return readHoursOfGMT()
        }
        guard (3...5).contains(letters.count), letters.count != 5 || letters.last == 0x54,
            letters.count != 4 || letters.last == 0x54 || letters.elementsEqual("WITA".utf8)
        else { return false }
        rest.removeFirst(letters.count)
        return true
    }

    private mutating func readHoursOfGMT() -> Bool {
        guard let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return true
        }
        let run = rest.dropFirst().prefix(while: Self.isDigit)
        guard let hours = Int64(String(decoding: run, as: UTF8.self)), hours < 24 else {
            return true
        }
        rest.removeFirst(1 + run.count)
        offset = (sign == UInt8(ascii: "-") ? -hours : hours) * 3_600
        return true
    }

    private mutating func readZone(_ zone: GoTimeLayout.Zone) -> Bool {
        if zone.allowsZ, rest.first == UInt8(ascii: "Z") {
            rest.removeFirst()
            return true
        }
        guard let sign = rest.popFirst(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
        else { return false }
        var values: [Int64] = [0, 0, 0]
        for index in 0..<zone.parts {
            if index > 0, zone.hasColons, rest.popFirst() != UInt8(ascii: ":") { return false }
            guard let value = digits(2), value <= (index == 0 ? 24 : 59) else { return false }
            values[index] = value
        }
        let total = values[0] * 3_600 + values[1] * 60 + values[2]
        offset = sign == UInt8(ascii: "-") ? -total : total
        return true
    }
}
