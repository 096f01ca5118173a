import KubernetesCore

/// A point in time with the offset from UTC that it was written with. Any year from 0 to 9999 can
/// be read.
struct GoTime: Equatable {
    /// Seconds since 1970-01-01T00:00:00Z.
    var seconds: Int64
    /// Nanoseconds behind them, 0 to 999,999,999.
    var nanoseconds: Int64
    /// Seconds east of UTC.
    var offset: Int64

    private static let billion: Int64 = 1_000_000_000
    /// Seconds from the start of the year 1, where Go's time starts, to 1970.
    private static let yearOne: Int64 = 62_135_596_800

    init(seconds: Int64, nanoseconds: Int64 = 0, offset: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.offset = offset
    }

    init(_ time: Timestamp) {
        seconds = time.seconds
        nanoseconds = time.nanoseconds - time.seconds * Self.billion
        offset = 0
    }

    /// Whether this is the earlier moment.
    func isBefore(_ other: GoTime) -> Bool {
        (seconds, nanoseconds) < (other.seconds, other.nanoseconds)
    }

    /// The length of time from `other` to this, held inside what a duration can be.
    func since(_ other: GoTime) -> GoDuration {
        let difference =
            (Int128(seconds) - Int128(other.seconds)) * Int128(Self.billion)
            + Int128(nanoseconds - other.nanoseconds)
        return GoDuration(nanoseconds: Int64(clamping: difference))
    }

    /// This much later, with the same offset.
    func adding(_ duration: GoDuration) -> GoTime {
        let sum = nanoseconds + duration.nanoseconds % Self.billion
        let carry: Int64 = sum < 0 ? -1 : sum / Self.billion
        return GoTime(
            seconds: seconds + duration.nanoseconds / Self.billion + carry,
            nanoseconds: sum - carry * Self.billion, offset: offset)
    }

    /// The last moment that is a multiple of `duration` since the year 1; this where `duration` is
    /// not above zero.
    func truncated(to duration: GoDuration) -> GoTime {
        guard duration.nanoseconds > 0 else { return self }
        let total =
            (Int128(seconds) + Int128(Self.yearOne)) * Int128(Self.billion) + Int128(nanoseconds)
        let unit = Int128(duration.nanoseconds)
        let rest = ((total % unit) + unit) % unit
        return adding(GoDuration(nanoseconds: -Int64(rest)))
    }

    /// What a clock and a calendar show at this time with `offset`.
    var fields: CivilTime { CivilTime(seconds: seconds + offset) }

    /// The text of RFC 3339, to the second.
    var text: String {
        let fields = fields
        func pad(_ number: Int64, _ width: Int) -> String {
            let digits = String(number.magnitude)
            let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
            return (number < 0 ? "-" : "") + zeros + digits
        }
        var result = pad(fields.year, 4) + "-" + pad(fields.month, 2) + "-" + pad(fields.day, 2)
        result += "T" + pad(fields.hour, 2) + ":" + pad(fields.minute, 2)
        result += ":" + pad(fields.second, 2)
        guard offset != 0 else { return result + "Z" }
        let minutes = Int64(offset.magnitude) / 60
        return result + (offset < 0 ? "-" : "+") + pad(minutes / 60, 2) + ":"
            + pad(minutes % 60, 2)
    }
}

/// A date and a time of day in the proleptic Gregorian calendar.
struct CivilTime {
    var year: Int64
    var month: Int64
    var day: Int64
    var hour: Int64
    var minute: Int64
    var second: Int64
    /// From 0, a Sunday.
    var weekday: Int64

    /// What is shown `seconds` after 1970-01-01T00:00:00.
    init(seconds: Int64) {
        let rest = ((seconds % 86_400) + 86_400) % 86_400
        let days = (seconds - rest) / 86_400
        (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
        weekday = ((days + 4) % 7 + 7) % 7
        // Years are counted from March, so that a leap day is the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
