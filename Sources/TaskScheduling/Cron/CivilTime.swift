/// A date and a time of day without a zone, in the proleptic Gregorian calendar.
struct CivilTime: Hashable, Sendable {
    /// Days since 1970-01-01.
    var day: Int64
    /// Seconds since the day began, 0 to 86 399.
    var second: Int64

    init(day: Int64, second: Int64) {
        self.day = day
        self.second = second
    }

    /// The civil time that a clock of UTC shows `seconds` after 1970 began.
    init(seconds: Int64) {
        var (day, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if second < 0 {
            day -= 1
            second += 86_400
        }
        self.init(day: day, second: second)
    }

    /// Seconds since 1970 began, were this a time in UTC.
    var seconds: Int64 { day * 86_400 + second }

    /// The day of the week, 0 for Sunday.
    var weekday: Int { Int(((day % 7) + 11) % 7) }

    /// Year, month and day of the month (Hinnant, "chrono-compatible low-level date algorithms").
    var date: (year: Int64, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = Int(part < 10 ? part + 3 : part - 9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            Int(dayOfYear - (153 * part + 2) / 5 + 1)
        )
    }

    /// Days since 1970-01-01 of a date; the month and the day inside their ranges.
    static func day(year: Int64, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let part = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * part + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}
