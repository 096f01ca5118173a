import SeededTesting
import TaskScheduling
import Testing

@testable import CivilCalendar

@Suite struct CronScheduleTests {
    /// 2026-03-01T00:00:00Z, a Sunday.
    private static let march: Int64 = CivilTime.daysSinceEpoch(2_026, 3, 1) * 86_400

    private func next(_ cron: String, after now: Int64, _ zone: ZoneRules = .utc) -> Int64? {
        CronSchedule(cron)?.next(after: now, notAfter: now + 4_000 * 86_400, in: zone)
    }

    /// Expressions, and how many seconds after the beginning of March 2026 they fire first.
    private static let firings: [(cron: String, seconds: Int64)] = [
        ("* * * * *", 60), ("*/15 * * * *", 900), ("30 8 * * *", 30_600),
        ("0 8-18/2 * * *", 28_800), ("0 0 * * MON", 86_400), ("0 0 * * 7", 604_800),
        ("0 0 15 * *", 1_209_600), ("0 0 1 APR *", 2_678_400), ("0 0 15 * FRI", 432_000),
        ("@hourly", 3_600), ("@daily", 86_400), ("@weekly", 604_800), ("@monthly", 2_678_400),
        ("@yearly", 26_438_400), ("5,10 0 * * *", 300), ("10/20 * * * *", 600),
    ]

    @Test(arguments: firings.indices)
    func `an expression fires at its times`(index: Int) {
        let (cron, seconds) = Self.firings[index]
        #expect(next(cron, after: Self.march) == Self.march + seconds, "\(cron)")
    }

    @Test func `the 29th of February is found however far it is, and the 30th never`() {
        let leap = CivilTime.daysSinceEpoch(2_028, 2, 29) * 86_400
        #expect(next("0 0 29 2 *", after: Self.march) == leap)
        let far = CivilTime.daysSinceEpoch(2_096, 3, 1) * 86_400
        #expect(
            next("0 0 29 2 *", after: far)
                == CivilTime.daysSinceEpoch(2_104, 2, 29) * 86_400)
        #expect(next("0 0 30 2 *", after: Self.march) == nil)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "*/0 * * * *", "5-3 * * * *", "a * * * *", "1,,2 * * * *", "@reboot",
        "-1 * * * *", "99999999999999999999 * * * *", "1-2-3 * * * *",
    ])
    func `what is no expression is none`(text: String) {
        #expect(CronSchedule(text) == nil)
    }

    @Test func `the last firing is the greatest that is not after now`() throws {
        let cron = try #require(CronSchedule("0 8 * * MON-FRI"))
        let friday = Self.march + 5 * 86_400 + 8 * 3_600
        for now in [friday, friday + 1, friday + 2 * 86_400] {
            #expect(cron.last(atOrBefore: now, notBefore: now - 600_000, in: .utc) == friday)
        }
        #expect(cron.last(atOrBefore: friday + 61, notBefore: friday + 1, in: .utc) == nil)
        #expect(cron.last(atOrBefore: .max, notBefore: .min, in: .utc) == nil)
        #expect(cron.next(after: .min, notAfter: .max, in: .utc) == nil)
    }

    @Test func `last and next agree with each other`() throws {
        var random = SeededNumbers(7)
        let zone = try #require(
            ZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3"))
        let crons = ["30 2 * * *", "*/7 1-4 * * *", "0 0 * * 1", "59 23 31 * *", "15 3 * 10 0"]
        for _ in 0..<300 {
            let cron = try #require(CronSchedule(crons[random.number(below: crons.count)]))
            let now = Self.march + Int64(random.number(below: 400 * 86_400))
            guard let time = cron.next(after: now, notAfter: now + 400 * 86_400, in: zone)
            else { continue }
            #expect(time > now)
            #expect(cron.last(atOrBefore: time, notBefore: now, in: zone) == time)
            let before = cron.last(atOrBefore: time - 1, notBefore: now + 1, in: zone)
            #expect(before == nil, "nothing fires between \(now) and \(time)")
        }
    }

    @Test func `a time that clocks skip counts as the moment they skip it, a double one once`()
        throws
    {
        let zone = try #require(
            ZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3"))
        // Clocks go from 02:00 to 03:00 on 2026-03-29, at 01:00 UTC.
        let change = CivilTime.daysSinceEpoch(2_026, 3, 29) * 86_400 + 3_600
        #expect(zone.offset(at: change - 1) == 3_600 && zone.offset(at: change) == 7_200)
        #expect(next("30 2 * * *", after: change - 3_600, zone) == change)
        // From 03:00 back to 02:00 on 2026-10-25, at 01:00 UTC.
        let back = CivilTime.daysSinceEpoch(2_026, 10, 25) * 86_400 + 3_600
        #expect(zone.offset(at: back - 1) == 7_200 && zone.offset(at: back) == 3_600)
        #expect(next("30 2 * * *", after: back - 7_200, zone) == back - 1_800)
        #expect(next("30 2 * * *", after: back - 1_800, zone) == back - 1_800 + 86_400 + 3_600)
    }
}
