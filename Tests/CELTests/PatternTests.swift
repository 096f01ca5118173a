import KubernetesCore
import Testing

@Suite struct PatternTests {
    @Test(
        arguments: [
            ("", "", true), ("a", "bab", true), ("^a", "ba", false), ("a$", "ba", true),
            ("^(foo|bar)$", "bar", true), ("^(foo|bar)$", "barx", false),
            ("a{2,3}", "caab", true), ("^a{2,3}$", "aaaa", false), ("a{,3}", "a{,3}", true),
            ("[^a-z]", "abc", false), ("[^a-z]", "aBc", true), ("[]a]", "]", true),
            ("[a-]", "-", true), ("\\d+\\.\\d+", "v1.25", true), ("\\bfoo\\b", "a foo b", true),
            ("\\bfoo\\b", "afoob", false), ("(?i)STRASSE", "strasse", true),
            ("(?i)k", "\u{212A}", true), ("(?i)[k]", "\u{212A}", true),
            ("(?i)\u{212A}", "K", true), ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true),
            ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), ("\\pL", "é", true),
            ("\\p{Greek}", "α", true), ("\\P{Greek}", "α", false), ("\\p{^Lu}", "A", false),
            ("[[:alpha:]]", "1", false), ("[[:^alpha:]]", "1", true), ("[\\D]", "1", false),
            ("\\Qa.b\\E", "axb", false), ("\\Qa.b\\E", "a.b", true), ("\\x{1F431}", "🐱", true),
            ("^.$", "🐱", true), ("\\141", "a", true), ("(?i:a)b", "Ab", true),
            ("(?i:a)b", "AB", false), ("x*", "", true), ("(|a)*b", "aab", true),
            ("^(a*)*$", "aaab", false), ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true),
            ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-", false), ("\\z", "", true),
            ("[^\\S\\n]", "\n", false), ("é", "e\u{301}", false), ("^\\w+$", "ab_1", true),
        ] as [(String, String, Bool)])
    func `an expression matches what RE2 matches`(
        source: String, text: String, expected: Bool
    ) throws {
        let pattern = try Pattern(source)
        #expect(pattern.matches(text) == expected, "\(source) on \(text)")
        #expect((pattern.firstMatch(in: text) != nil) == expected, "\(source) on \(text)")
    }

    @Test(
        arguments: [
            ("[a", "missing closing ]: `[a`"), ("(a", "missing closing ): `(a`"),
            ("a)", "unexpected ): `a)`"), ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a++", "invalid nested repetition operator: `++`"),
            ("\\k", "invalid escape sequence: `\\k`"),
            ("\\8", "invalid escape sequence: `\\8`"),
            ("[b-a]", "invalid character class range: `b-a`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("a{3,2}", "invalid repeat count: `{3,2}`"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?<!a)", "invalid named capture: `(?<!a)`"),
            ("a\\", "trailing backslash at end of expression"),
            ("\\p{Nope}", "invalid character class range: `\\p{Nope}`"),
            ("((a{100}){100}){100}", "invalid repeat count: `{100}`"),
            ("\\Z", "invalid escape sequence: `\\Z`"),
        ])
    func `a faulty expression is refused in Go's words`(source: String, message: String) {
        #expect(throws: PatternError.self) { try Pattern(source) }
        do {
            _ = try Pattern(source)
        } catch {
            #expect(error.description == "error parsing regexp: " + message)
        }
    }

    @Test(
        arguments: [
            ("a+?", "aaa", ["a", "a", "a"]), ("a*", "baac", ["", "aa", ""]),
            ("a|ab", "ab", ["a"]), ("(?U)a+", "aa", ["a", "a"]), ("\\d*", "1a22", ["1", "22"]),
            ("x*", "ab", ["", "", ""]), ("^a", "aa", ["a"]),
        ] as [(String, String, [String])])
    func `all matches are leftmost and follow the expression's preference`(
        source: String, text: String, expected: [String]
    ) throws {
        #expect(try Pattern(source).allMatches(in: text).map(\.text) == expected)
    }

    @Test func `groups hold what they matched`() throws {
        let pattern = try Pattern("(?P<key>\\w+)=(\\w+)?(;)?")
        let match = try #require(pattern.firstMatch(in: "é a=b"))
        #expect(match.groups == ["a", "b", nil])
        #expect(match.range == 2..<5)
        #expect(pattern.groupNames == ["key", nil, nil])
    }

    @Test func `expressions built to blow up stay linear`() throws {
        let text = String(repeating: "a", count: 5_000) + "!"
        #expect(try !Pattern("^(a+)+$").matches(text))
        #expect(try !Pattern("^(a|aa)+$").matches(text))
        #expect(try !Pattern("(.*)*x$").matches(text))
        #expect(throws: PatternError.self) {
            try Pattern(String(repeating: "(", count: 2_000) + String(repeating: ")", count: 2_000))
        }
    }

    @Test func `no source makes the parser trap`() {
        var seed: UInt64 = 0x9E37_79B9_7F4A_7C15
        let alphabet = Array("()[]{}*+?|\\^$.-,:0129abdswpPQEzxiU<>é".unicodeScalars)
        for _ in 0..<3_000 {
            var source = String.UnicodeScalarView()
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                source.append(alphabet[Int(seed >> 33) % alphabet.count])
            }
            if let pattern = try? Pattern(String(source)) {
                _ = pattern.matches("abc0129-é")
                _ = pattern.allMatches(in: "ab\n(9")
            }
        }
    }
}
