/// The rule for times after the last change of a zone: a `TZ` text of POSIX with the extensions of
/// RFC 9636, as in `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneFooter: Hashable, Sendable {
    /// A day of the year, and the second of it.
    private enum Day: Hashable, Sendable {
        /// The day of the year from 1, where the 29th of February is never counted.
        case julian(Int)
        /// The day of the year from 0.
        case ordinal(Int)
        /// A weekday of a week (5 for the last) of a month.
        case week(month: Int64, week: Int64, weekday: Int64)
    }

    private struct Turn: Hashable, Sendable {
        let day: Day
        /// Seconds after the day began, by the clocks before the change.
        let second: Int64
    }

    private let standard: Int64
    private let summer: (offset: Int64, begins: Turn, ends: Turn)?

    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard Self.skipName(&rest), let west = Self.span(&rest) else { return nil }
        standard = -west
        guard !rest.isEmpty else {
            summer = nil
            return
        }
        guard Self.skipName(&rest) else { return nil }
        var offset = standard + 3_600
        if let next = rest.first, next != UInt8(ascii: ",") {
            guard let west = Self.span(&rest) else { return nil }
            offset = -west
        }
        guard Self.take(",", &rest), let begins = Self.turn(&rest), Self.take(",", &rest),
            let ends = Self.turn(&rest), rest.isEmpty
        else { return nil }
        summer = (offset, begins, ends)
    }

    /// Seconds east of UTC at a time.
    func offset(at time: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilTime(seconds: time + standard).year
        let begins = Self.seconds(of: summer.begins, year) - standard
        let ends = Self.seconds(of: summer.ends, year) - summer.offset
        let isSummer =
            begins < ends ? begins <= time && time < ends : !(ends <= time && time < begins)
        return isSummer ? summer.offset : standard
    }

    private static func seconds(of turn: Turn, _ year: Int64) -> Int64 {
        let first = CivilTime.daysSinceEpoch(year, 1, 1)
        let day: Int64
        switch turn.day {
        case .julian(let number):
            day = first + Int64(number - 1) + (CivilTime.isLeap(year) && number >= 60 ? 1 : 0)
        case .ordinal(let number): day = first + Int64(number)
        case .week(let month, let week, let weekday):
            let start = CivilTime.daysSinceEpoch(year, month, 1)
            let ahead = (weekday - CivilTime(seconds: start * 86_400).weekday + 7) % 7
            let found = start + ahead + (week - 1) * 7
            let end = start + CivilTime.days(inMonth: month, of: year)
            day = found < end ? found : found - 7
        }
        return day * 86_400 + turn.second
    }

    // MARK: - Reading

    private static func take(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Letters, or anything between angle brackets.
    private static func skipName(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if take("<", &rest) {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[(end + 1)...]
            return true
        }
        let name = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return range.contains(number) ? number : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private static func span(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let isNegative = take("-", &rest)
        if !isNegative { _ = take("+", &rest) }
        guard let hours = digits(&rest, 0...167) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] {
            guard take(":", &rest) else { break }
            guard let number = digits(&rest, 0...59) else { return nil }
            seconds += number * unit
        }
        return Int64(isNegative ? -seconds : seconds)
    }

    private static func turn(_ rest: inout ArraySlice<UInt8>) -> Turn? {
        let day: Day
        if take("M", &rest) {
            guard let month = digits(&rest, 1...12), take(".", &rest),
                let week = digits(&rest, 1...5), take(".", &rest),
                let weekday = digits(&rest, 0...6)
            else { return nil }
            day = .week(month: Int64(month), week: Int64(week), weekday: Int64(weekday))
        } else if take("J", &rest) {
            guard let number = digits(&rest, 1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = digits(&rest, 0...365) else { return nil }
            day = .ordinal(number)
        }
        guard take("/", &rest) else { return Turn(day: day, second: 7_200) }
        return span(&rest).map { Turn(day: day, second: $0) }
    }

    static func == (left: ZoneFooter, right: ZoneFooter) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset
            && left.summer?.begins == right.summer?.begins
            && left.summer?.ends == right.summer?.ends
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(standard)
        hasher.combine(summer?.offset)
        hasher.combine(summer?.begins)
        hasher.combine(summer?.ends)
    }
}
