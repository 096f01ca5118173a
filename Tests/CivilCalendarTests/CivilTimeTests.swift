import CivilCalendar
import Testing

@Suite struct CivilTimeTests {
    @Test func `every day of eight hundred years follows the one before`() {
        // From 1600-01-01 on: two whole cycles of leap years.
        let first = CivilTime.daysSinceEpoch(1600, 1, 1)
        var expected = (year: Int64(1600), month: Int64(1), day: Int64(1), ofYear: Int64(0))
        var weekday = CivilTime(seconds: first * 86_400).weekday
        for day in first..<first + 2 * 146_097 {
            let civil = CivilTime(seconds: day * 86_400 + 86_399)
            let isExpected =
                civil.year == expected.year && civil.month == expected.month
                && civil.day == expected.day && civil.dayOfYear == expected.ofYear
                && civil.weekday == weekday && civil.hour == 23 && civil.second == 59
                && CivilTime.daysSinceEpoch(civil.year, civil.month, civil.day) == day
            guard isExpected else {
                Issue.record("\(civil) instead of \(expected)")
                return
            }
            weekday = (weekday + 1) % 7
            expected.day += 1
            expected.ofYear += 1
            guard expected.day > CivilTime.days(inMonth: expected.month, of: expected.year) else {
                continue
            }
            expected.day = 1
            expected.month += 1
            guard expected.month == 13 else { continue }
            expected = (expected.year + 1, 1, 1, 0)
        }
    }

    @Test func `days before 1970 are counted backwards, and known days fall where they fell`() {
        #expect(CivilTime(seconds: -1).text == "1969-12-31T23:59:59")
        #expect(CivilTime(seconds: 951_782_400).text == "2000-02-29T00:00:00")
        // A Thursday.
        #expect(CivilTime(seconds: 0).weekday == 4)
        #expect(CivilTime(seconds: -62_135_596_800).text == "0001-01-01T00:00:00")
    }
}
