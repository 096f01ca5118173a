import JMESPath
import KubernetesCore
import Testing

/// Kyverno's functions of times and durations.
@Suite struct KyvernoTimeTests {
    static let environment = JMESPathEnvironment(now: Timestamp(seconds: 1_700_000_000))

    @Test(arguments: [
        Line("time_now()", #""2023-11-14T22:13:20Z""#),
        Line("time_now_utc()", #""2023-11-14T22:13:20Z""#),
        Line("time_since('', '2023-11-14T22:13:10Z', '')", #""10s""#),
        Line(
            "time_since('', '2021-01-02T15:04:05-07:00', '2021-01-10T03:14:05-07:00')",
            #""180h10m0s""#),
        Line(
            "time_since('Jan _2 15:04:05 2006', 'Jan 02 15:04:05 2021', 'Jan 10 03:14:16 2021')",
            #""180h10m11s""#),
        Line(
            "time_since('', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z')",
            #""2562047h47m16.854775807s""#),
        Line("time_since('', 'x', '')", "error invalid-value"),
        Line("time_to_cron('2023-02-02T15:04:05Z')", #""4 15 2 2 4""#),
        Line("time_to_cron('2023-02-05T15:04:05-07:00')", #""4 15 5 2 0""#),
        Line("time_utc('2021-01-02T15:04:05-07:00')", #""2021-01-02T22:04:05Z""#),
        Line("time_utc('2021-01-02T15:04:05+05:30')", #""2021-01-02T09:34:05Z""#),
        Line("time_add('2021-01-02T15:04:05-07:00', '3h')", #""2021-01-02T18:04:05-07:00""#),
        Line("time_add('2021-12-31T23:59:59Z', '1s')", #""2022-01-01T00:00:00Z""#),
        Line("time_add('2021-01-01T00:00:00Z', '-1ns')", #""2020-12-31T23:59:59Z""#),
        Line("time_add('2021-01-01T00:00:00Z', '1')", "error invalid-value"),
        Line("time_diff('2021-01-02T15:04:05Z', '2021-01-01T15:04:05Z')", #""-24h0m0s""#),
        Line("time_diff('2021-01-02T15:04:05.25Z', '2021-01-02T15:04:05.5Z')", #""250ms""#),
        Line("time_before('2021-01-02T15:04:05-07:00', '2021-01-02T15:04:05Z')", "false"),
        Line("time_before('2021-01-02T15:04:05Z', '2021-01-02T15:04:06Z')", "true"),
        Line("time_after('2021-01-02T15:04:05Z', '2021-01-02T15:04:05Z')", "false"),
        Line(
            "time_between('2021-01-02T15:04:05Z', '2021-01-02T15:04:05Z', '2021-01-03T15:04:05Z')",
            "false"),
        Line(
            "time_between('2021-01-02T15:04:06Z', '2021-01-02T15:04:05Z', '2021-01-03T15:04:05Z')",
            "true"),
        Line("time_truncate('2021-01-02T15:04:05-07:00', '1h')", #""2021-01-02T15:00:00-07:00""#),
        Line("time_truncate('2021-01-05T17:04:05Z', '24h')", #""2021-01-05T00:00:00Z""#),
        Line("time_truncate('2021-01-05T17:04:05Z', '0s')", #""2021-01-05T17:04:05Z""#),
        Line("time_truncate('0000-01-01T00:00:01Z', '1h')", #""0000-01-01T00:00:00Z""#),
        Line(
            "time_parse('2006-01-02T15:04:05Z07:00', '2021-01-02T15:04:05-07:00')",
            #""2021-01-02T15:04:05-07:00""#),
        Line(
            "time_parse('Mon, 02 Jan 2006 15:04:05 MST', 'Mon, 02 Jan 2023 15:04:05 UTC')",
            #""2023-01-02T15:04:05Z""#),
        Line(
            "time_parse('Monday, 02-Jan-06 15:04:05 MST', 'sunday, 02-jan-70 15:04:05 GMT+3')",
            #""1970-01-02T15:04:05+03:00""#),
        Line(
            "time_parse('Mon Jan _2 15:04:05 -0700 2006', 'Sat Mar  7 11:06:39 -0800 2015')",
            #""2015-03-07T11:06:39-08:00""#),
        Line("time_parse('3:04PM', '3:07AM')", #""0000-01-01T03:07:00Z""#),
        Line("time_parse('3:04pm', '12:07am')", #""0000-01-01T00:07:00Z""#),
        Line("time_parse('2006-002', '2024-366')", #""2024-12-31T00:00:00Z""#),
        Line("time_parse('2006-002', '2023-366')", "error invalid-value"),
        Line("time_parse('January 2, 2006', 'february 29, 2024')", #""2024-02-29T00:00:00Z""#),
        Line("time_parse('January 2, 2006', 'February 29, 2023')", "error invalid-value"),
        Line("time_parse('15:04:05', '11:12:13.999999999')", #""0000-01-01T11:12:13Z""#),
        Line("time_parse('15:04:05.000', '11:12:13.99')", "error invalid-value"),
        Line("time_parse('2006-01-02', '2021-13-01')", "error invalid-value"),
        Line("time_parse('2006-01-02', '2021-01-01 ')", "error invalid-value"),
        Line("time_parse('2006', '2021')", #""1970-01-01T00:33:41Z""#),
        Line("time_parse('123', '1634227200')", #""2021-10-14T16:00:00Z""#),
        Line("time_parse('123', 'x')", "error invalid-value"),
        Line("time_parse('123', '9223372036854775807')", "error invalid-value"),
        Line("time_utc('2021-01-02t15:04:05Z')", "error invalid-value"),
        Line("time_utc('2021-01-02T24:00:00Z')", "error invalid-value"),
        Line("time_utc('2021-01-02T15:04:60Z')", "error invalid-value"),
    ])
    func `times`(line: Line) {
        #expect(Line.answer(line.source, .kyverno, in: Self.environment) == line.wanted)
    }

    @Test(
        arguments: [
            ("0s", "0s"), ("0", nil), ("1ns", "1ns"), ("1.5us", "1.5\u{B5}s"),
            ("1.5\u{3BC}s", "1.5\u{B5}s"), ("999999ns", "999.999\u{B5}s"),
            ("1.000001s", "1.000001s"), ("-1h", "-1h0m0s"), ("+90s", "1m30s"), (".5h", "30m0s"),
            ("1.s", "1s"),
            ("1h1h", "2h0m0s"), ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
            ("0.3333333333333333333h", "20m0s"),
        ] as [(String, String?)])
    func `a duration is written as Go writes it`(text: String, wanted: String?) {
        let answer = Line.answer("add('\(text)', '0s')", .kyverno)
        #expect(answer == wanted.map { "\"\($0)\"" } ?? "error invalid-type")
    }

    @Test(arguments: [
        "", "s", "1", "1x", "--1s", "1 s", ".s", "1e3s", "2562047h47m16.854775808s",
        "99999999999999999999h",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(Line.answer("time_add(time_now(), '\(text)')", .kyverno) == "error invalid-value")
    }
}
