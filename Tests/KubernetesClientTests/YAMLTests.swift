import KubernetesCore
import SeededTesting
import Testing
import YAMLReading

@Suite struct `YAML by the rules of Kubernetes` {
    @Test(
        arguments: [
            ("true", true), ("FALSE", false), ("yes", "yes"), ("off", "off"), ("y", "y"),
            ("1:30", "1:30"),
            ("~", .null), ("null", .null), ("", .null), ("12", 12), ("-12", -12), ("+12", 12),
            ("0x1F", 31),
            ("0o17", 15), ("0644", 420), ("0", 0), ("-0", 0), ("089", 89), ("1_000", "1_000"),
            ("1.5", 1.5),
            ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), (".", "."), ("-", "-x"), ("1.2.3", "1.2.3"),
            ("2001-01-01", "2001-01-01"), ("\"12\"", "12"), ("'true'", "true"), ("!!str 12", "12"),
            ("!!float 12", 12), ("9223372036854775807", 9_223_372_036_854_775_807),
            ("9223372036854775808", 9_223_372_036_854_775_808.0), ("1e", "1e"), ("0x", "0x"),
            ("nan", "nan"),
            ("infinity", "infinity"), ("0x1p3", "0x1p3"),
        ] as [(String, JSONValue)])
    func `scalars`(_ text: String, _ expected: JSONValue) throws {
        let source = text == "-" ? "-x" : text
        #expect(try YAMLText.read("a: " + source) == [["a": expected]])
    }

    @Test func `documents, anchors, merges and blocks`() throws {
        let text = """
            # a comment
            base: &base {x: 1, y: 2}
            own:
              <<: *base
              y: 3
            list:
            - a
            - |
              two
              lines
            1: key
            ---
            ---
            {"json": [true, null]}
            ...
            """
        #expect(
            try YAMLText.read(text) == [
                [
                    "base": ["x": 1, "y": 2], "own": ["x": 1, "y": 3],
                    "list": ["a", "two\nlines\n"],
                    "1": "key",
                ],
                ["json": [true, .null]],
            ])
    }

    @Test(arguments: [
        "a: 1\na: 2", "1: a\n'1': b", "{a: 1, a: 2}", "a: [", "\ta: 1", "a: .inf", "a: .nan",
        "a: *nothing", "? [a]\n: b", "a: !custom x", "a: !!int x", "a: \u{1}", "a: 'open",
    ])
    func `what cannot be meant is refused`(_ text: String) {
        #expect(throws: YAMLError.self) { try YAMLText.read(text) }
    }

    @Test func `a fault has a place`() {
        #expect(throws: YAMLError(line: 1, column: 1, "the key \"a\" is given twice")) {
            try YAMLText.read("a: 1\na: 2")
        }
    }

    @Test func `aliases of aliases do not fill the memory`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        var limits = YAMLText.Limits()
        limits.valuesMax = 10_000
        #expect(throws: YAMLError.self) { try YAMLText.read(text, limits: limits) }
    }

    @Test(arguments: [200, 900, 100_000])
    func `depth has a limit`(_ depth: Int) {
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(throws: YAMLError.self) { try YAMLText.read(text) }
    }

    @Test func `size has a limit`() {
        var limits = YAMLText.Limits()
        limits.bytesMax = 10
        #expect(throws: YAMLError.self) { try YAMLText.read("a: 12345678", limits: limits) }
    }

    @Test func `what is written is stable and readable`() {
        let value: JSONValue = [
            "metadata": ["name": "a", "labels": [:]],
            "spec": [
                "list": [["a": 1, "b": ["x", "y"]], [[1, 2], []], "text"], "empty": "", "yes": "no",
                "text": "two\nlines\n", "number": "12", "float": 2.0, "rule": "self.a == 'b'",
                "hash": "a #b", "colon": "a: b", "nothing": .null,
            ],
        ]
        #expect(
            YAMLText.write([value, 5]) == """
                metadata:
                  labels: {}
                  name: a
                spec:
                  colon: 'a: b'
                  empty: ''
                  float: 2.0
                  hash: 'a #b'
                  list:
                  - a: 1
                    b:
                    - x
                    - 'y'
                  -
                    -
                      - 1
                      - 2
                    - []
                  - text
                  nothing: null
                  number: '12'
                  rule: self.a == 'b'
                  text: |
                    two
                    lines
                  'yes': 'no'
                ---
                5

                """)
    }

    @Test(arguments: 0..<300)
    func `what is written reads back as it was`(_ seed: Int) throws {
        var random = HardValues(numbers: SeededNumbers(UInt64(seed)))
        let value = random.value(depth: 4)
        let text = YAMLText.write([["v": value]])
        #expect(try YAMLText.read(text) == [["v": value]], "seed \(seed):\n\(text)")
    }
}

/// Makes values that are hard to write, the same ones for the same seed.
private struct HardValues: RandomNumberGenerator {
    var numbers: SeededNumbers

    mutating func next() -> UInt64 { numbers.next() }

    mutating func text() -> String {
        let pieces = [
            "a", "yes", "1", "-", " ", "\n", ":", "#", "'", "\"", "\\", "\t", "ü", "\u{85}",
            "\u{2028}",
            "😀", "{", "[", "&", "*", "!", "|", ">", "%", "@", "`", "~", "0x", ".", "e", "null",
            "\r",
            "---", "<<", "\u{0}", "?", ",", "=",
        ]
        return (0..<Int.random(in: 0...5, using: &self)).map { _ in
            pieces.randomElement(using: &self) ?? ""
        }.joined()
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 8 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .integer(Int64(truncatingIfNeeded: next()))
        case 3: return .double(Double.random(in: -1e9...1e9, using: &self))
        case 4...6: return .string(text())
        case 7:
            let count = Int.random(in: 0...4, using: &self)
            return .array((0..<count).map { _ in value(depth: depth - 1) })
        default:
            let count = Int.random(in: 0...4, using: &self)
            return .object(JSONObject((0..<count).map { _ in (text(), value(depth: depth - 1)) }))
        }
    }
}
