import KubernetesCore
import SeededTesting
import TOML
import Testing

/// TOML 1.0: what is read, and as what; what is refused, and where.
@Suite struct TOMLTextTests {
    private func read(
        _ text: String, limits: TOMLText.Limits = TOMLText.Limits()
    ) throws(TOMLError) -> JSONValue {
        .object(try TOMLText.read(text, limits: limits))
    }

    private func refusal(
        of text: String, limits: TOMLText.Limits = TOMLText.Limits()
    ) -> TOMLError? {
        do throws(TOMLError) {
            _ = try TOMLText.read(text, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - Values

    @Test(arguments: [
        (#"a = "b""#, #"{"a":"b"}"#), (#"a = """#, #"{"a":""}"#), ("a = ''", #"{"a":""}"#),
        (#"a = "\t\n\f\r\b\"\\""#, #"{"a":"\t\n\f\r\b\"\\"}"#),
        (#"a = "\u00e9\U0001F9EA""#, #"{"a":"é🧪"}"#), (#"a = '\n'"#, #"{"a":"\\n"}"#),
        ("a = \"\"\"\nb\n\"\"\"", #"{"a":"b\n"}"#), ("a = '''\r\nb\r\nc'''", #"{"a":"b\nc"}"#),
        ("a = \"\"\"b \\\n\n   c\\   \n d\"\"\"", #"{"a":"b cd"}"#),
        ("a = \"\"\"\"b\"\" c\"\"\"\"\"", #"{"a":"\"b\"\" c\"\""}"#),
        ("a = ''''b'' c'''''", #"{"a":"'b'' c''"}"#), ("a = \"\"\"\"\"\"", #"{"a":""}"#),
        ("a = \"\ttab\"", #"{"a":"\ttab"}"#),
    ])
    func `a string is read in each of the four forms`(text: String, json: String) throws {
        let expected = try JSONValue(parsing: json)
        #expect(try read(text) == expected)
    }

    @Test(arguments: [
        ("0", 0), ("+0", 0), ("-0", 0), ("42", 42), ("+17", 17), ("-1_000", -1000),
        ("0xDEAD_beef", 0xDEAD_BEEF), ("0o755", 0o755), ("0b1101", 0b1101), ("0xe1", 0xE1),
        ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
    ])
    func `a whole number is read in each of its forms`(text: String, number: Int64) throws {
        #expect(try read("a = \(text)") == ["a": .integer(number)])
    }

    @Test(arguments: [
        ("3.1415", 3.1415), ("-0.01", -0.01), ("5e+22", 5e22), ("1E06", 1e6),
        ("6.626e-34", 6.626e-34), ("9_224.5_1", 9224.51), ("0e0", 0), ("1e1_0", 1e10),
    ])
    func `a number with a fraction or an exponent is read`(
        text: String, number: Double
    ) throws {
        #expect(try read("a = \(text)") == ["a": .double(number)])
    }

    @Test(arguments: [
        "1979-05-27T07:32:00Z", "1979-05-27t00:32:00.999999-07:00", "1979-05-27 07:32:00",
        "1979-05-27 07:32:00z", "1979-05-27", "2024-02-29", "07:32:00", "00:32:00.5",
    ])
    func `a date or time becomes its text`(text: String) throws {
        #expect(try read("a = \(text) # when") == ["a": .string(text)])
        #expect(try read("a = [\(text), \(text)]") == ["a": [.string(text), .string(text)]])
    }

    @Test(arguments: [
        ("[]", "[]"), ("[1,2]", "[1,2]"), ("[ 1, 'a', [true], ]", #"[1,"a",[true]]"#),
        ("[\n # none\n 1, # one\n\n 2 # two\n , \n]", "[1,2]"), ("{}", "{}"), ("{ }", "{}"),
        ("{ a = 1, b.c = 2, b.d = 3 }", #"{"a":1,"b":{"c":2,"d":3}}"#),
        ("[{a=1},{a=[{}]}]", #"[{"a":1},{"a":[{}]}]"#), ("true", "true"), ("false", "false"),
        ("[\n\"\"\"\nx\"\"\",\r\n{a = \"\"\"1\n2\"\"\"}]", #"["x",{"a":"1\n2"}]"#),
    ])
    func `arrays and inline tables hold values of any kind`(text: String, json: String) throws {
        let expected = try JSONValue(parsing: json)
        #expect(try read("a = \(text)") == ["a": expected])
    }

    // MARK: - Keys and tables

    @Test(arguments: [
        ("", "{}"), ("\u{FEFF}# only\n\t \n", "{}"), ("a=1\r\nb=2\r\n", #"{"a":1,"b":2}"#),
        ("1 = 1\n-_ = 2\n\"\" = 3\n'a.b' = 4", #"{"1":1,"-_":2,"":3,"a.b":4}"#),
        ("a . \"b c\".'d' = 1\na.e = 2", #"{"a":{"b c":{"d":1},"e":2}}"#),
        ("3.14 = 'pi'", #"{"3":{"14":"pi"}}"#),
        ("[a]\nb=1\n[c.d] # e\nf=2", #"{"a":{"b":1},"c":{"d":{"f":2}}}"#),
        ("[ a . 'b' ]\n[a]\nc=1", #"{"a":{"b":{},"c":1}}"#),
        ("[a]\nb.c=1\n[a.b.d]\ne=2", #"{"a":{"b":{"c":1,"d":{"e":2}}}}"#),
        ("[[a]]\nb=1\n[[a]]\n[[a]]\nb=3", #"{"a":[{"b":1},{},{"b":3}]}"#),
        (
            "[[a]]\n[a.b]\nc=1\n[[a.d]]\n[[a.d]]\ne=2\n[[a]]\n[a.b]\nc=3",
            #"{"a":[{"b":{"c":1},"d":[{},{"e":2}]},{"b":{"c":3}}]}"#
        ),
        ("a.b = 1\n[c]\na.b = 2", #"{"a":{"b":1},"c":{"a":{"b":2}}}"#),
    ])
    func `keys, tables and arrays of tables make one tree`(text: String, json: String) throws {
        let expected = try JSONValue(parsing: json)
        #expect(try read(text) == expected)
    }

    @Test(arguments: [
        "a=1\na=2", "a=1\n\"a\"=2", "a.b=1\na.b=2", "a={b=1,b=2}", "[a]\n[a]",
        "[a]\nb=1\n[a.b]", "a=1\na.b=2", "a={}\na.b=2", "a={}\n[a]", "a={}\n[a.b]", "a=[]\n[[a]]",
        "a=[{}]\n[a.b]", "[[a]]\n[a]", "[a]\n[[a]]", "[a.b]\n[[a]]", "a.b=1\n[a]",
        "[a]\nb.c=1\n[a.b]",
        "[a.b]\nc=1\n[a]\nb.c=2", "[[a.b]]\n[a]\nb.c=1", "a=[{}]\na.b=1", "[a]\n[a.b.c]\n[a]",
        "[a.b]\n[a]\nb.c=1\n[a.b]", "[[a]]\nb=1\n[a.b]", "a={b.c=1,b=2}", "a={b={c=1},b.d=2}",
    ])
    func `what is defined once is not defined again`(text: String) throws {
        let fault = try #require(refusal(of: text))
        #expect(
            fault.message.contains("given twice") || fault.message.contains("cannot be extended"),
            "\(fault)")
    }

    // MARK: - Refusals

    @Test(arguments: [
        ("a", 1, 2, "="), ("a =", 1, 4, "a value is expected"), ("= 1", 1, 1, "a key"),
        ("a = 1 b = 2", 1, 7, "nothing but a comment"), ("\n\na = b", 3, 5, "texts have quotes"),
        ("[a", 1, 3, "]"), ("[[a]", 1, 5, "]]"), ("[]", 1, 2, "a key"), ("[a.]", 1, 4, "a key"),
        ("[a] b", 1, 5, "nothing but"), ("é = 1", 1, 1, "a key"), ("a = \"é", 1, 5, "no end"),
        ("'é' = \"\\q\"", 1, 8, "escape"), ("a = \"\\u12\"", 1, 6, "hexadecimal"),
        ("a = \"\\ud800\"", 1, 6, "no character"), ("a = \"\\UFFFFFFFF\"", 1, 6, "no character"),
        ("a = \"b\nc\"", 1, 5, "no end"), ("a = '''b", 1, 5, "no end"),
        ("a = \"\u{7}\"", 1, 6, "control"), ("a = 1 # \u{0}", 1, 9, "control"),
        ("a = 1\rb = 2", 1, 6, "nothing but"), ("a = \"\"\"\r\"\"\"", 1, 8, "control"),
        ("a = [1", 1, 5, "no end"), ("a = [1 2]", 1, 8, ","), ("a = [,]", 1, 6, "a value"),
        ("a = {b=1", 1, 5, "no end"), ("a = {b=1,}", 1, 10, "a key"),
        ("a = {b=1\n}", 1, 9, "one line"),
        ("a = 01", 1, 5, "zero"), ("a = 1__0", 1, 5, "digit"), ("a = 1_", 1, 5, "digit"),
        ("a = _1", 1, 5, "no value"), ("a = 0x", 1, 5, "digit"), ("a = +0x1", 1, 5, "digit"),
        ("a = 0o8", 1, 5, "digit"), ("a = 1.", 1, 5, "digit"), ("a = .5", 1, 5, "no value"),
        ("a = 1e", 1, 5, "digit"), ("a = 1.2.3", 1, 5, "two points"), ("a = 1e999", 1, 5, "large"),
        ("a = 9223372036854775808", 1, 5, "64 bits"), ("a = 0xffffffffffffffff", 1, 5, "64 bits"),
        ("a = nan", 1, 5, "JSON"), ("a = -inf", 1, 5, "JSON"), ("a = 2023-02-29", 1, 5, "no date"),
        ("a = 24:00:00", 1, 5, "no date"), ("a = 1979-05-27T", 1, 5, "no date"),
        ("a = 1979-05-27T07:32", 1, 5, "no date"), ("a = 07:32:00Z", 1, 5, "no date"),
        ("a = True", 1, 5, "no value"), ("a = \"\"\"\"\"\"\"\"\"", 1, 13, "nothing but"),
    ])
    func `what is no TOML is refused with its place and the reason`(
        text: String, line: Int, column: Int, reason: String
    ) throws {
        let fault = try #require(refusal(of: text))
        #expect(fault.line == line && fault.column == column, "\(fault)")
        #expect(fault.message.contains(reason), "\(fault)")
    }

    @Test func `depth, number and size have bounds, whatever they are made of`() throws {
        let path = Array(repeating: "a", count: 33).joined(separator: ".")
        let tables = (1...33).map { "[" + Array(repeating: "a", count: $0).joined(separator: ".") }
        for text in [
            "a = " + String(repeating: "[", count: 100_000),
            "a = " + String(repeating: "{a=", count: 100_000),
            Array(repeating: "a", count: 100_000).joined(separator: ".") + " = 1",
            "[\(path)]", "[[\(path)]]", "\(path) = 1",
            tables.map { $0 + "]" }.joined(separator: "\n"),
            tables.map { "[" + $0 + "]]" }.joined(separator: "\n"),
            "a = " + String(repeating: "{a.a.a.a.a=[", count: 6),
        ] {
            #expect(
                refusal(of: text)?.message.contains("32 tables and arrays") == true,
                "\(text.prefix(40))")
        }
        #expect(
            try read(
                "a.b = " + String(repeating: "[", count: 30) + String(repeating: "]", count: 30))[
                    "a"] != nil)
        var limits = TOMLText.Limits()
        limits.valuesMax = 100
        let lines = (0..<200).map { "a\($0) = 1" }.joined(separator: "\n")
        for text in [
            lines, "a = [\(Array(repeating: "1", count: 200).joined(separator: ","))]",
            (0..<200).map { "[a\($0)]" }.joined(separator: "\n"),
            String(repeating: "[[a]]\n", count: 200),
        ] {
            #expect(refusal(of: text, limits: limits)?.message == "more than 100 values")
        }
        limits.bytesMax = 10
        #expect(refusal(of: "a = 1234567", limits: limits)?.message.contains("11 bytes") == true)
    }

    @Test func `whatever the bytes are, reading ends, and what is read is JSON`() throws {
        var random = SeededNumbers(23)
        let pieces = [
            "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\"", "'", "\"\"\"", "'''", "\\", "#",
            "\n", "\r\n", " ", "a", "b", "a.b", "a = 1\n", "[a]\n", "[[a]]\n", "1", "1979-05-27",
            " 07:32:00", "0x1", "1e9", "_", "-", "true", "\\u00e9", "é", "\u{0}", "inf",
        ]
        var understood = 0
        for round in 0..<4_000 {
            let text = (0..<random.number(below: 24)).map { _ in
                pieces[random.number(below: pieces.count)]
            }.joined()
            guard let value = try? read(text) else { continue }
            understood += 1
            let again = try JSONValue(parsing: value.text)
            #expect(again == value, "seed 23, round \(round): \(text)")
        }
        #expect(understood > 100, "seed 23")
    }
}
