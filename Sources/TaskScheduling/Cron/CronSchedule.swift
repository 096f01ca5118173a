public import CivilCalendar

/// When a cron expression of five fields fires: minute, hour, day of month, month, day of week.
///
/// Lists, ranges, steps, names and the macros from `@yearly` to `@hourly` are understood. Where
/// both the day of month and the day of week are restricted, either is enough, as in cron(8).
///
/// A time that a zone's clocks skip counts as the moment at which they skip it; one that they show
/// twice counts as the first.
public struct CronSchedule: Hashable, Sendable {
    /// The furthest back or ahead that is looked, in days: eight years apart lie two leap days
    /// around a year such as 2100.
    public static let reachDays: Int64 = 2_930

    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    private let weekdays: UInt64
    private let anyDay: Bool
    private let anyWeekday: Bool

    /// Reads an expression; nil where it is none.
    public init?(_ text: String) {
        var text = text[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        let expression: Substring
        switch text {
        case "@yearly", "@annually": expression = "0 0 1 1 *"
        case "@monthly": expression = "0 0 1 * *"
        case "@weekly": expression = "0 0 * * 0"
        case "@daily", "@midnight": expression = "0 0 * * *"
        case "@hourly": expression = "0 * * * *"
        default: expression = text
        }
        let parts = expression.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard parts.count == 5,
            let minutes = CronField.minute.set(parts[0]), let hours = CronField.hour.set(parts[1]),
            let days = CronField.day.set(parts[2]), let months = CronField.month.set(parts[3]),
            let weekdays = CronField.weekday.set(parts[4])
        else { return nil }
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        // Sunday is 0 and 7.
        self.weekdays = weekdays | (weekdays >> 7 & 1)
        anyDay = parts[2].hasPrefix("*") || parts[2].hasPrefix("?")
        anyWeekday = parts[4].hasPrefix("*") || parts[4].hasPrefix("?")
    }

    /// The last time that it fired at or before `now`, not earlier than `earliest`; nil where it
    /// did not. Times are seconds since 1970.
    public func last(atOrBefore now: Int64, notBefore earliest: Int64, in zone: ZoneRules) -> Int64?
    {
        guard Self.isSensible(now), Self.isSensible(earliest), earliest <= now else { return nil }
        // A civil day may begin up to a day before or after the day of UTC.
        let first = CivilTime(seconds: earliest).dayNumber - 1
        var day = CivilTime(seconds: now).dayNumber + 1
        let least = max(first, day - Self.reachDays)
        while day >= least {
            if fires(onDay: day) {
                for second in seconds.reversed() {
                    let time = zone.time(whenClocksShow: day * 86_400 + second)
                    if time <= now { return time >= earliest ? time : nil }
                }
            }
            day -= 1
        }
        return nil
    }

    /// The next time that it fires after `now`, at most `latest`; nil where it does not. Times are
    /// seconds since 1970.
    public func next(after now: Int64, notAfter latest: Int64, in zone: ZoneRules) -> Int64? {
        guard Self.isSensible(now), Self.isSensible(latest), latest > now else { return nil }
        var day = CivilTime(seconds: now).dayNumber - 1
        let most = min(CivilTime(seconds: latest).dayNumber + 1, day + Self.reachDays)
        while day <= most {
            if fires(onDay: day) {
                for second in seconds {
                    let time = zone.time(whenClocksShow: day * 86_400 + second)
                    if time > now { return time <= latest ? time : nil }
                }
            }
            day += 1
        }
        return nil
    }

    private static func isSensible(_ seconds: Int64) -> Bool {
        (-(1 << 40)...(1 << 40)).contains(seconds)
    }

    /// The seconds of a day at which it fires, ascending.
    private var seconds: [Int64] {
        var result: [Int64] = []
        for hour in 0..<24 where hours >> hour & 1 == 1 {
            for minute in 0..<60 where minutes >> minute & 1 == 1 {
                result.append(Int64(hour * 3_600 + minute * 60))
            }
        }
        return result
    }

    private func fires(onDay day: Int64) -> Bool {
        let date = CivilTime(seconds: day * 86_400)
        guard months >> date.month & 1 == 1 else { return false }
        let isDay = days >> date.day & 1 == 1
        let isWeekday = weekdays >> date.weekday & 1 == 1
        if anyDay || anyWeekday { return isDay && isWeekday }
        return isDay || isWeekday
    }
}

/// One of the five fields: its bounds, and the names that stand for its numbers.
private struct CronField {
    let range: ClosedRange<Int>
    var names: [String] = []

    static let minute = CronField(range: 0...59)
    static let hour = CronField(range: 0...23)
    static let day = CronField(range: 1...31)
    static let month = CronField(
        range: 1...12,
        names: [
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ])
    static let weekday = CronField(
        range: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])

    /// The numbers that `text` names, as bits; nil where it is no field.
    func set(_ text: Substring) -> UInt64? {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let span = halves.first else { return nil }
            var step = 1
            if halves.count == 2 {
                guard let given = Int(halves[1]), (1...range.upperBound).contains(given) else {
                    return nil
                }
                step = given
            }
            guard let bounds = bounds(span, isOpen: halves.count == 2) else { return nil }
            for number in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) {
                bits |= 1 << UInt64(number)
            }
        }
        return bits
    }

    /// The first and the last number of a span; a single number with a step goes on to the end.
    private func bounds(_ span: Substring, isOpen: Bool) -> ClosedRange<Int>? {
        if span == "*" || span == "?" { return range }
        let ends = span.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap(number) else { return nil }
        guard ends.count == 2 else { return first...(isOpen ? range.upperBound : first) }
        guard let last = number(ends[1]), first <= last else { return nil }
        return first...last
    }

    private func number(_ text: Substring) -> Int? {
        if let index = names.firstIndex(of: text.uppercased()) { return range.lowerBound + index }
        guard let number = Int(text), range.contains(number) else { return nil }
        return number
    }
}
