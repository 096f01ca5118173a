import JMESPath
import KubernetesCore
import Testing

/// The language itself, where the public suite says nothing or the two dialects differ.
@Suite struct LanguageTests {
    static let data: JSONValue = [
        "a": ["b": 1, "none": .null], "list": [["x": 1], ["y": 2], ["x": 3]], "text": "t",
        "words": ["p", "q"], "big": 9_007_199_254_740_993,
    ]

    @Test(arguments: [
        // A key of an object that is not there.
        Line("missing", "error not-found"), Line("a.missing", "error not-found"),
        Line("a.missing.deep", "error not-found"), Line("a.missing[0]", "error not-found"),
        Line("missing[0:1]", "null"), Line("a.b && missing", "error not-found"),
        Line("map(&x, list)", "error not-found"), Line("sort_by(list, &x)", "error not-found"),
        // Below null and scalars nothing is missing.
        Line("a.none.deep", "null"), Line("text.deep", "null"), Line("words.deep", "null"),
        // What stands in for it.
        Line("missing || 'd'", #""d""#), Line("'' || missing", "null"),
        Line("missing && a", "null"), Line("!missing", "true"), Line("missing == `null`", "true"),
        Line("missing > `1`", "null"), Line("a.missing | @", "null"), Line("missing | a", "null"),
        Line("to_array(missing)", "[null]"), Line("length(missing)", "error invalid-type"),
        Line("[missing, text]", #"[null,"t"]"#), Line("{k: missing}", #"{"k":null}"#),
        Line("list[*].x", "[1,3]"), Line("list[].x", "[1,3]"), Line("missing[*].x", "null"),
        Line("missing[].x", "null"), Line("missing.*", "null"), Line("missing[?x]", "null"),
        Line("list[?x > `1`].x", "[3]"), Line("list[?x]", #"[{"x":1},{"x":3}]"#),
        // Any error left of a filter, a flatten or a wildcard is null.
        Line("abs('x')[]", "null"), Line("abs('x')[?a]", "null"), Line("abs('x').*", "null"),
        Line("abs('x')[*]", "error invalid-type"),
        // Only scalars are found in an array, and nothing is called on null.
        Line("contains(`[[1]]`, `[1]`)", "false"), Line("contains(`[1.0]`, `1`)", "true"),
        Line("a.none.to_string(@)", "null"),
        // A comma may be missing between two members, and a backslash always escapes a quote.
        Line("{a: text b: text}", #"{"a":"t","b":"t"}"#), Line(#"'a\\'"#, "error syntax"),
        Line("sum(`[]`)", "error invalid-value"),
    ])
    func `Kyverno's dialect misses keys, and says where something stands in for them`(
        line: Line
    ) {
        #expect(line.answer(.kyverno, on: Self.data) == line.wanted)
    }

    @Test(arguments: [
        Line("missing", "null"), Line("a.missing.deep", "null"),
        Line("map(&x, list)", "[1,null,3]"),
        Line("abs('x')[]", "error invalid-type"), Line("contains(`[[1]]`, `[1]`)", "true"),
        Line("a.none.type(@)", #""null""#), Line("{a: text b: text}", "error syntax"),
        Line(#"'a\\'"#, #""a\\\\""#), Line("sum(`[]`)", "0"),
        Line("add(`1`, `2`)", "error unknown-function"),
        // Precedence and rows.
        Line("a.b || text && words", "1"), Line("!a.b == `false`", "false"),
        Line("!words[0] == `false`", "true"),
        Line("`1` < `2` == `true`", "true"), Line("(text | @) || a", #""t""#),
        Line("list[*].x | [0]", "1"), Line("list[*].x[0]", "[]"), Line("a.*", "[1]"),
        Line("a.* | length(@)", "1"), Line("words[-1]", #""q""#), Line("words[5]", "null"),
        Line("words[99999999999999999999]", "null"), Line("words[-99999999999999999999]", "null"),
        Line("words[::-1]", #"["q","p"]"#), Line("words[::0]", "error invalid-value"),
        Line("text[::0]", "null"), Line("words[0:99999999999999999999:9]", #"["p"]"#),
        Line("words[:-9223372036854775807:-9223372036854775807]", #"["q"]"#),
        // Numbers: whole ones stay exact, and amounts are compared.
        Line("big", "9007199254740993"), Line("`1` == `1.0`", "true"),
        Line("`1` == `true`", "false"),
        Line("`0` || 'x'", "0"), Line("sum(`[9007199254740993, 1]`)", "9007199254740994"),
        Line("sum(`[9223372036854775807, 1]`)", "9223372036854776000"),
        Line("abs(`-9223372036854775808`)", "9223372036854776000"),
        Line("ceil(`1e300`)", "1e+300"), Line("`1e-7`", "1e-7"), Line("`-1.25e-5`", "-0.0000125"),
        Line("`1e20`", "100000000000000000000"), Line("`1.5e21`", "1.5e+21"),
        Line("`0.0001`", "0.0001"), Line("avg(`[1e308, 1e308]`)", "error invalid-value"),
        Line("to_number('0x1F')", "null"), Line("to_number('1e999')", "null"),
        Line("to_number('nan')", "null"), Line("to_number(' 1')", "null"),
        Line("to_number('-0.5e1')", "-5"),
        // Texts are code points: two ways to write one letter are two texts.
        Line("length('e\u{301}')", "2"), Line("'e\u{301}' == '\u{e9}'", "false"),
        Line("contains('e\u{301}', 'e')", "true"), Line("starts_with('e\u{301}', 'e')", "true"),
        Line("reverse('ab\u{1F600}')", "\"\u{1F600}ba\""),
        Line("sort(['b', 'a\u{301}', 'B'])", "[\"B\",\"a\u{301}\",\"b\"]"),
        // What is not in the grammar.
        Line("&a", "error syntax"), Line("\"length\"(a)", "error syntax"),
        Line("length(a,)", "error syntax"),
        Line("a = b", "error syntax"), Line("a.`1`", "error syntax"), Line("`foo`", "error syntax"),
        Line("`1", "error syntax"), Line("'a", "error syntax"), Line("\"a", "error syntax"),
        Line("", "error syntax"),
        Line("\u{e4}", "error syntax"), Line("a[1 2]", "error syntax"),
        Line("a[1:2 3]", "error syntax"),
        Line("-", "error syntax"), Line("a[-]", "error syntax"), Line("[a,]", "error syntax"),
        Line("{a: b,}", "error syntax"), Line("a()", "error unknown-function"),
        Line("abs()", "error invalid-arity"), Line("merge()", "error invalid-arity"),
        Line("to_array(&a)", "error invalid-type"), Line("map(a, words)", "error invalid-type"),
    ])
    func `the standard dialect follows the specification`(line: Line) {
        #expect(line.answer(.standard, on: Self.data) == line.wanted)
    }

    @Test func `an error says where it is and what would be right`() {
        let cases = [
            ("a.b.", "column 5: expected a name, *, [ or { behind the dot, found the end"),
            ("a \u{e9}", "column 3: a character that has no meaning here"),
            ("'\u{1F600}' = a", "column 5: a single =; equality is =="),
            ("trim('a', 'b')", "column 1: there is no function trim; Kyverno's dialect has one"),
            ("abs(`1`, `2`)", "abs() takes 1 argument, not 2"),
            ("abs('a')", "abs() takes number as argument 1, not string"),
            ("avg(`[1, \"a\"]`)", "avg() takes array of numbers as argument 1, not an array"),
        ]
        for (source, wanted) in cases {
            do throws(JMESPathError) {
                _ = try JMESPathExpression(source).search(.null)
                Issue.record("\(source) is accepted")
            } catch {
                #expect(error.message.hasPrefix(wanted), "\(error.message)")
            }
        }
        #expect(
            throws: JMESPathError(.notFound, "Unknown key \"spec\" in path"),
            performing: { try JMESPathExpression("spec", dialect: .kyverno).search([:]) })
    }

    @Test func `two expressions are equal where their texts and dialects are`() throws {
        let first = try JMESPathExpression("a.b")
        #expect(try first == JMESPathExpression("a.b"))
        #expect(try first != JMESPathExpression("a . b"))
        #expect(try first != JMESPathExpression("a.b", dialect: .kyverno))
        #expect(Set([first, try JMESPathExpression("a.b")]).count == 1)
    }
}
