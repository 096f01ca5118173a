import KubernetesCore
import Testing

@testable import CEL

@Suite struct CELProgramTests {
    private func evaluate(
        _ source: String, _ values: [String: JSONValue] = [:]
    ) -> Result<String, CELError> {
        let environment = CELEnvironment(
            variables: values.mapValues { _ in .dyn }, features: .all)
        return Result { () throws(CELError) in
            let program = try CELProgram(source, in: environment, checks: false)
            let activation = CELActivation(values.mapValues { CELValue($0) })
            return try TaggedValue.write(try program.evaluate(activation).get()).text
        }
    }

    @Test(
        arguments: [
            ("1 + 2 * 3", #"{"int":"7"}"#), ("false && 1 / 0 > 0", "false"),
            ("1 / 0 > 0 && false", "false"), ("1 / 0 > 0 || true", "true"),
            ("[1, 2, 3].exists(x, x / 0 > 0 || x == 3)", "true"),
            ("r'\\' + '\\x41'", #""\\A""#), ("size('e\\u0301')", #"{"int":"2"}"#),
            ("'\\u00e9' == 'e\\u0301'", "false"), ("{'a': 1}.?b.orValue(2)", #"{"int":"2"}"#),
            ("'%.2f %s'.format([1234.5, [1, 'a']])", #""1,234.50 [1, \"a\"]""#),
            ("string(1e6) + string(100000.0)", #""1e+06100000""#),
            ("9007199254740993 == 9007199254740992.0", "true"),
            ("cel.bind(x, [1], x + x).size()", #"{"int":"2"}"#),
            ("duration('1h30m').getMinutes()", #"{"int":"90"}"#),
            ("timestamp('2024-02-29T12:00:00+02:00').getHours()", #"{"int":"10"}"#),
            ("math.greatest(1, 2.5, 2u)", #"{"double":"2.5"}"#),
            ("'a1b22'.findAll('[0-9]+')", #"["1","22"]"#),
            ("regex.replace('banana', 'a(.)', '<\\\\1>', 1)", #""b<n>ana""#),
            ("ip('2001:db8::1').family()", #"{"int":"6"}"#),
            ("quantity('1.5Gi').isGreaterThan(quantity('1500M'))", "true"),
            ("{'a': 1, 'b': 2}.transformMap(k, v, v * 2).b", #"{"int":"4"}"#),
            ("[3, 1, 2].sortBy(x, -x)", #"[{"int":"3"},{"int":"2"},{"int":"1"}]"#),
        ] as [(String, String)])
    func `an expression has its value`(source: String, expected: String) {
        #expect(evaluate(source) == .success(expected), "\(source)")
    }

    @Test(
        arguments: [
            ("9223372036854775807 + 1", "integer overflow"), ("1 / 0", "division by zero"),
            ("-9223372036854775808 / -1", "integer overflow"),
            ("[1][5]", "index out of bounds: 5"), ("{'a': 1}.b", "no such key: b"),
            ("1 + 'a'", "no such overload"), ("lists.range(9223372036854775807)", "too large"),
            ("'a'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
            ("nope", "undeclared reference to 'nope' (in container '')"),
            ("'x'.matches('(')", "error parsing regexp: missing closing )"),
            ("duration('9223372036s') + duration('9223372036s')", "duration overflow"),
            ("1u - 2u", "unsigned integer overflow"), ("[1, 2].map(x, y)", "undeclared"),
        ])
    func `an evaluation that fails says why`(source: String, message: String) {
        guard case .failure(let error) = evaluate(source) else {
            Issue.record("\(source) gives \(evaluate(source))")
            return
        }
        #expect(error.message.contains(message), "\(source): \(error)")
    }

    @Test func `faults of syntax show the place`() {
        do throws(CELError) {
            _ = try CELProgram("1 +\n  * 2")
            Issue.record("no error")
        } catch {
            #expect(error.code == .syntax)
            #expect(
                error.message.hasPrefix("ERROR: <input>:2:3: Syntax error: mismatched input '*'"))
            #expect(error.message.hasSuffix("\n |   * 2\n | ..^"))
        }
    }

    @Test func `nesting is bounded`() {
        for (open, close) in [("(", ")"), ("[", "]"), ("-(", ")"), ("f(", ")"), ("!(", ")")] {
            let source =
                String(repeating: open, count: 5_000) + "1"
                + String(repeating: close, count: 5_000)
            #expect(throws: CELError.self) { try CELProgram(source, checks: false) }
            let fair =
                String(repeating: open, count: 100) + "1"
                + String(repeating: close, count: 100)
            if let program = try? CELProgram(fair, checks: false) { _ = program.evaluate() }
        }
        let chain = "1" + String(repeating: " + 1", count: 5_000)
        #expect(throws: CELError.self) { try CELProgram(chain, checks: false) }
        let fields = "a" + String(repeating: ".b", count: 5_000)
        #expect(throws: CELError.self) { try CELProgram(fields, checks: false) }
        let wide = "true" + String(repeating: " && true", count: 5_000)
        #expect((try? CELProgram(wide).evaluate().get().json()) == .bool(true))
    }

    @Test func `loops without end are cancelled`() throws {
        let list = "[" + (0..<300).map(String.init).joined(separator: ",") + "]"
        let source = "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, true))))"
        let result = try CELProgram(source)
            .run(CELActivation(), limit: .max, stepsMax: 20_000).result
        guard case .failure(let error) = result else {
            Issue.record("the evaluation ended")
            return
        }
        #expect(error.code == .cost)
        let growth = (0..<40).reduce("x.size()") { body, _ in "cel.bind(x, x + x, \(body))" }
        let bound = "cel.bind(x, [1, 2, 3], \(growth))"
        let doubling = try CELProgram(bound, in: CELEnvironment(features: .all))
            .run(CELActivation(), limit: .max, stepsMax: 200_000).result
        #expect(throws: CELError.self) { try doubling.get() }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no soup of tokens makes anything trap`(seed: UInt64) {
        let words = [
            "a", "b", "self", "1", "-1", "2u", "0.5", "'x'", "b'y'", "\"", "'", "true", "null",
            "in",
            "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "+", "-", "*", "/", "%", "!", "<",
            ">=",
            "==", "&&", "||", ".map(", ".all(x, ", ".filter(x,", ".?", "[?", "size(", "has(",
            "cel.bind(", "optional.of(", ".format([", ".matches('a*')", "duration('1h')", "x",
            "9223372036854775807", "type(", ".orValue(", "string(", "int(", ".sum()",
            "lists.range(",
            ".substring(", ".replace('', 'xx')", "timestamp(0)", "ip('::1')", "quantity('1Ki')",
            "\\",
        ]
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let environment = CELEnvironment(
            variables: ["a": .dyn, "b": .list(.int), "self": .map(.string, .dyn)], features: .all)
        let activation = CELActivation([
            "a": CELValue(["k": [1, 2.5, .null]]), "b": .list([.int(.max), .int(.min)]),
            "self": CELValue(["a": ["b": "c"]]),
        ])
        var compiled = 0
        for _ in 0..<6_000 {
            let source = (0...next(14)).map { _ in words[next(words.count)] }.joined(separator: " ")
            if let program = try? CELProgram(source, in: environment, checks: false) {
                compiled += 1
                _ = program.evaluate(activation, limit: 10_000)
                _ = try? CELProgram(source, in: environment)
            }
        }
        #expect(compiled > 50, "seed \(seed)")
    }
}
