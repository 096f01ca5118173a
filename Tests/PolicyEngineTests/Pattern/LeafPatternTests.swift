import KubernetesCore
import Testing

@testable import PolicyEngine

/// Patterns of single values: operators, ranges, wildcards, quantities, durations, types.
struct LeafPatternTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let value: JSONValue?
        let pattern: JSONValue
        let holds: Bool

        init(_ value: JSONValue?, _ pattern: JSONValue, _ holds: Bool) {
            self.value = value
            self.pattern = pattern
            self.holds = holds
        }

        var testDescription: String { "\(value?.text ?? "nothing") ~ \(pattern.text)" }
    }

    static let rows: [Row] = [
        // Types.
        Row(true, true, true), Row("true", true, false), Row(nil, false, false),
        Row(7, 7, true), Row(7.0, 7, true), Row(7.5, 7, false), Row("7", 7, true),
        Row("seven", 7, false), Row(nil, 0, false), Row(1.5, 1.5, true), Row("1.5", 1.5, true),
        Row(nil, .null, true), Row(0, .null, true), Row("", .null, true), Row(false, .null, true),
        Row([], .null, false), Row([:], .null, false), Row("x", .null, false),
        // Wildcards.
        Row("nginx:1.25", "nginx:*", true), Row("ab", "a?", true), Row("a", "a?", false),
        Row("aé", "a?", true), Row("", "*", true), Row("", "?*", false), Row(nil, "?*", false),
        Row(nil, "*", false), Row("abcabd", "*ab?", true), Row("registry/a/b", "registry/*", true),
        Row(8080, "80*", true), Row(true, "tr*", true), Row([:], "*", false),
        // Not.
        Row("b", "!a", true), Row("a", "!a", false), Row(nil, "!a", false), Row("a", "!b*", true),
        Row("", "!?*", true), Row("!", "!", true),
        // Either and both.
        Row("b", "a | b", true), Row("c", "a|b", false), Row("x1", "x* & !x2", true),
        Row("x2", "x* & !x2", false), Row("q", "x* & !x2 | q", true),
        Row("a|b", "a|b", true),
        // Sizes.
        Row("200Mi", "<1Gi", true), Row("2Gi", "<=1Gi", false), Row(5, ">4", true),
        Row("5", ">4", true), Row(nil, ">0", false), Row(nil, ">=0", true), Row(nil, "<1", true),
        Row("1024", "1Ki", true), Row("1Ki", "!1024", false), Row("500m", "0.5", true),
        Row("abc", ">1", false), Row(true, ">0", false), Row(0.25, "<1", true),
        // Durations are read before quantities: 100m is minutes to both sides here.
        Row("90s", ">1m", true), Row("2h", "<90m", false), Row("60s", "1m", true),
        Row("1h", "!60m", false),
        // Ranges.
        Row(15, "10-20", true), Row(21, "10-20", false), Row("150Mi", "100Mi-1Gi", true),
        Row(21, "10!-20", true), Row(10, "10!-20", false), Row(-3, "-5--1", true),
        Row("10-abc", "10-abc", true), Row("a-b", "a-b", true), Row(nil, "1!-2", true),
    ]

    @Test(arguments: rows) func `a value is held against a pattern`(row: Row) {
        #expect(KyvernoPattern.matches(row.value, leaf: row.pattern) == row.holds)
    }

    @Test func `wildcards agree with a plain recursive reading`() {
        var state: UInt64 = 7
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        func slow(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return (text.startIndex...text.endIndex).contains {
                    slow(pattern.dropFirst(), text[$0...])
                }
            }
            guard let letter = text.first, first == "?" || first == letter else { return false }
            return slow(pattern.dropFirst(), text.dropFirst())
        }
        for round in 0..<4_000 {
            let pattern = (0..<next(7)).map { _ in Array("ab*?é")[next(5)] }
            let text = (0..<next(8)).map { _ in Array("abé")[next(3)] }
            #expect(
                Wildcard.matches(String(pattern), String(text)) == slow(pattern[...], text[...]),
                "seed 7, round \(round): \(String(pattern)) on \(String(text))")
        }
    }

    @Test func `a wildcard built to blow up takes no longer than the product of the lengths`() {
        let pattern = String(repeating: "*a", count: 200) + "*b"
        #expect(!Wildcard.matches(pattern, String(repeating: "a", count: 5_000)))
    }

    @Test(arguments: [
        (1_000_000.0, "1e+06"), (123_456.0, "123456"), (0.5, "0.5"), (1.5e-7, "1.5e-07"),
        (-2.25, "-2.25"), (1e21, "1e+21"), (0, "0"),
    ]) func `numbers are shown as Kyverno shows them`(number: Double, text: String) {
        #expect(GoFormat.shortest(number) == text)
    }

    @Test func `numbers are compared in the forms that Kyverno gives them`() {
        #expect(GoFormat.exponential(8080) == "8.08E+03")
        #expect(GoFormat.fixed(1.5) == "1.500000")
        #expect(GoFormat.fixed(-0.000_000_4) == "-0.000000")
        #expect(GoFormat.plain(["b": [1, .null, "x"], "a": true]) == "map[a:true b:[1 <nil> x]]")
    }
}
