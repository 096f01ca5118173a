import Testing

@testable import CivilCalendar

@Suite struct ZoneRulesTests {
    /// 2026-03-01T00:00:00Z.
    private static let march: Int64 = 1_772_323_200

    /// A TZif file that has nothing but a footer, as small ones of the database have.
    private static func zone(_ footer: String, changes: [(Int64, UInt8)] = [], types: [Int32] = [0])
        -> [UInt8]
    {
        func header(_ times: Int, _ types: Int) -> [UInt8] {
            var bytes: [UInt8] = [0x54, 0x5a, 0x69, 0x66, 0x32] + [UInt8](repeating: 0, count: 15)
            for count in [0, 0, 0, times, types, 4] {
                bytes += (0..<4).map { UInt8(count >> (24 - 8 * $0) & 255) }
            }
            return bytes
        }
        func type(_ offset: Int32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: offset >> (24 - 8 * Int32($0))) } + [0, 0]
        }
        let first = header(0, 1) + type(0) + [85, 84, 67, 0]
        var second = header(changes.count, types.count)
        for (at, _) in changes {
            second += (0..<8).map { UInt8(truncatingIfNeeded: at >> (56 - 8 * Int64($0))) }
        }
        second += changes.map(\.1)
        for offset in types { second += type(offset) }
        return first + second + [85, 84, 67, 0] + Array("\n\(footer)\n".utf8)
    }

    @Test func `a zone's file is read with its changes, and its rule counts after the last`() throws
    {
        let bytes = Self.zone(
            "<+03>-3", changes: [(0, 1), (1_000, 0)], types: [7_200, 10_800])
        let zone = try #require(ZoneRules(parsing: bytes))
        #expect(
            [-1, 0, 999, 1_000].map { zone.offset(at: $0) } == [7_200, 10_800, 10_800, 10_800])
        let south = try #require(
            ZoneRules(parsing: Self.zone("AEST-10AEDT,M10.1.0,M4.1.0/3")))
        #expect(south.offset(at: Self.march) == 39_600)
        #expect(south.offset(at: Self.march + 92 * 86_400) == 36_000)
        let west = try #require(ZoneRules(parsing: Self.zone("<-0330>3:30")))
        #expect(west.offset(at: 0) == -12_600)
    }

    @Test(arguments: [
        // Day 60 is the first of March where the 29th of February is not counted, and the 29th of
        // February of a leap year where days are counted from 0.
        ("EST5EDT,J60/0,J300/0", "2024-03-01", "2023-03-01"),
        ("EST5EDT,59/0,300/0", "2024-02-29", "2023-03-01"),
        ("EST5EDT,M2.5.4/0,M11.1.0/0", "2024-02-29", "2023-02-23"),
    ])
    func `summer begins on the day that the rule names, in leap years and others`(
        rule: String, leap: String, plain: String
    ) throws {
        let zone = try #require(ZoneRules(posix: rule))
        for date in [leap, plain] {
            let parts = date.split(separator: "-").compactMap { Int64($0) }
            // Midnight by the clocks of winter, which are five hours behind.
            let begins =
                CivilTime.daysSinceEpoch(parts[0], parts[1], parts[2]) * 86_400 + 5 * 3_600
            #expect(zone.offset(at: begins - 1) == -5 * 3_600, "\(rule) \(date)")
            #expect(zone.offset(at: begins) == -4 * 3_600, "\(rule) \(date)")
        }
    }

    @Test func `no bytes make it trap`() {
        let whole = Self.zone("EST5EDT,M3.2.0,M11.1.0", changes: [(5, 0)], types: [0, 3_600])
        for length in 0..<whole.count { _ = ZoneRules(parsing: Array(whole[..<length])) }
        // Every byte in turn takes every value that could matter to a count, a type or a digit.
        for place in whole.indices {
            for value: UInt8 in [0, 1, 5, 44, 48, 57, 127, 128, 254, 255] {
                var bytes = whole
                bytes[place] = value
                let zone = ZoneRules(parsing: bytes)
                for time: Int64 in [-(1 << 40), -1, 0, 5, 1 << 40] { _ = zone?.offset(at: time) }
            }
        }
        for footer in ["X", "CET", "CET-1CEST", "CET-1CEST,M3", "<", "CET-1CEST,J0,J9", "A999B"] {
            #expect(ZoneRules(parsing: Self.zone(footer)) == nil, "\(footer)")
        }
    }
}
