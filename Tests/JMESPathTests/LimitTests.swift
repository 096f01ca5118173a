import JMESPath
import KubernetesCore
import Testing

/// Nothing that an expression says makes a search long, large or deep.
@Suite struct LimitTests {
    private static func repeated(_ part: String, _ count: Int, by joint: String = "") -> String {
        Array(repeating: part, count: count).joined(separator: joint)
    }

    @Test func `an expression that is too long or too deep is refused when it is compiled`() {
        let sources = [
            Self.repeated("(", 50_000), Self.repeated("!", 50_000), Self.repeated("[", 50_000),
            Self.repeated("{a:", 30_000), Self.repeated("a[?", 30_000),
            Self.repeated("(", 300) + "a" + Self.repeated(")", 300),
            Self.repeated("a", 5_000, by: "."), Self.repeated("a", 5_000, by: "||"),
            Self.repeated("a", 300, by: "=="), "a" + Self.repeated("[]", 300),
            "a" + Self.repeated("[*]", 300), Self.repeated("abs(", 300),
            Self.repeated("a", 100_001),
        ]
        for source in sources {
            for dialect in JMESPathDialect.allCases {
                let answer = Line.answer(source, dialect)
                #expect(answer == "error limit", "\(source.prefix(20))… gives \(answer)")
            }
        }
    }

    @Test func `a long row is no deep expression`() {
        #expect(Line.answer(Self.repeated("a", 1_500, by: "."), .standard) == "null")
        #expect(Line.answer(Self.repeated("@", 1_500, by: " | "), .standard) == "null")
        #expect(Line.answer(Self.repeated("a", 1_500, by: " || "), .standard) == "null")
    }

    @Test func `a result that doubles with each step is given up, not written`() {
        let doubling = Self.repeated("[@, @]", 60, by: " | ")
        #expect(Line.answer(doubling, .standard, on: 1) == "error limit")
        #expect(Line.answer("\(doubling) | to_string(@)", .standard, on: 1) == "error limit")
        #expect(Line.answer("\(doubling) | length(@)", .standard, on: 1) == "2")
        #expect(Line.answer("\(doubling) | @ == @", .standard, on: 1) == "error limit")
        let text = "'x'" + Self.repeated(" | join('', [@, @])", 60)
        #expect(Line.answer(text, .standard) == "error limit")
        let replaced = "'x'" + Self.repeated(" | replace_all(@, 'x', 'xx')", 60)
        #expect(Line.answer(replaced, .kyverno) == "error limit")
    }

    @Test func `a result that is too deep is refused`() {
        let nested = Self.repeated("[@]", 1_000, by: " | ")
        #expect(Line.answer(nested, .standard, on: 1) == "error limit")
        #expect(Line.answer(Self.repeated("[@]", 20, by: " | "), .standard, on: 1).count == 41)
    }

    @Test func `a search over much data is given up after the steps that the caller allows`() {
        let data = JSONValue.array((0..<200).map(JSONValue.int))
        var environment = JMESPathEnvironment()
        environment.stepsMax = 10_000
        let source = "map(&length(map(&@, `\(data.text)`)), @)"
        #expect(Line.answer(source, .standard, on: data, in: environment) == "error limit")
        #expect(Line.answer(source, .standard, on: data).hasPrefix("[200,200"))
    }

    @Test func `regular expressions that blow up elsewhere do not here`() {
        let text = JSONValue.string(Self.repeated("a", 5_000) + "!")
        for pattern in ["^(a+)+$", "^(a|a)*$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$"] {
            let answer = Line.answer("regex_match('\(pattern)', @)", .kyverno, on: text)
            #expect(answer == "false")
        }
        let bomb = Line.answer("regex_match('((a{100}){100}){100}', @)", .kyverno, on: text)
        #expect(bomb == "error invalid-value")
    }
}
