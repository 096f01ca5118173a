import KubernetesCore
import Testing

@Suite struct GoDurationTests {
    @Test(arguments: [
        ("1h30m", 5_400_000_000_000), ("-1.5s", -1_500_000_000), ("0", 0), ("+2us", 2_000),
        (".5ms", 500_000), ("1.h", 3_600_000_000_000), ("2562047h47m16.854775807s", Int64.max),
    ]) func `durations are read to the nanosecond`(text: String, nanoseconds: Int64) {
        #expect(GoDuration(text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "", "1", "h", "1d", "1h ", " 1h", "1hh", "--1h", ".s", "2562047h48m", "9999999999999999h",
        "3 days", "0x1h",
    ]) func `what is no duration is none`(text: String) {
        #expect(GoDuration(text) == nil)
    }

    @Test(arguments: [
        (0, "0s"), (1, "1ns"), (1_500, "1.5\u{B5}s"), (10_000_000, "10ms"),
        (5_400_000_000_000, "1h30m0s"), (-1_500_000_000, "-1.5s"),
    ]) func `durations are written as they are read`(nanoseconds: Int64, text: String) {
        let duration = GoDuration(nanoseconds: nanoseconds)
        #expect(duration.text == text)
        #expect(GoDuration(text) == duration)
    }
}
