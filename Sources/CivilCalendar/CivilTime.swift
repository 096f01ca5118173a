/// A date and a time of day of the proleptic Gregorian calendar, as clocks and calendars of one
/// offset show them.
public struct CivilTime: Hashable, Sendable {
    /// Days since 1970-01-01.
    public let dayNumber: Int64
    /// The year; 0 is the one before the year 1.
    public let year: Int64
    /// 1 to 12.
    public let month: Int64
    /// 1 to 31.
    public let day: Int64
    /// 0 for the first of January.
    public let dayOfYear: Int64
    /// 0 for Sunday.
    public let weekday: Int64
    /// 0 to 23.
    public let hour: Int64
    /// 0 to 59.
    public let minute: Int64
    /// 0 to 59.
    public let second: Int64

    /// What is shown `seconds` after 1970-01-01T00:00:00.
    public init(seconds: Int64) {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        dayNumber = days
        (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
        weekday = ((days + 4) % 7 + 7) % 7
        // Years are counted from March, so that a leap day is the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let fromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * fromMarch + 2) / 153
        day = fromMarch - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        dayOfYear = days - CivilTime.daysSinceEpoch(year, 1, 1)
    }

    /// How many days a month has.
    public static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether a year has a 29th of February.
    public static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days from 1970-01-01 to a date; days beyond their month count on into the next.
    public static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// As RFC 3339 writes it, to the second and without an offset: `2026-03-01T09:30:00`.
    public var text: String {
        CivilTime.pad(year, 4) + "-" + CivilTime.pad(month, 2) + "-" + CivilTime.pad(day, 2) + "T"
            + CivilTime.pad(hour, 2) + ":" + CivilTime.pad(minute, 2) + ":"
            + CivilTime.pad(second, 2)
    }

    /// `number` with zeros before it, at least `width` digits long.
    public static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.utf8.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
