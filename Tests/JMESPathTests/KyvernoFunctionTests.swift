import JMESPath
import KubernetesCore
import Testing

/// What Kyverno adds to the language.
@Suite struct KyvernoFunctionTests {
    /// The SHA-256 of `abc`.
    private static let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let digits = String(repeating: "1234567890", count: 8)

    @Test(arguments: [
        Line("compare('a', 'b')", "-1"), Line("compare('b', 'a')", "1"),
        Line("compare('a', 'a')", "0"),
        Line("compare('', 'a')", "-1"), Line("compare(`1`, 'a')", "error invalid-type"),
        Line("equal_fold('Go', 'gO')", "true"), Line("equal_fold('\u{212A}', 'k')", "true"),
        Line("equal_fold('a', 'ab')", "false"), Line("equal_fold('[', '{')", "false"),
        Line("replace('aaaa', 'a', 'b', `2`)", #""bbaa""#),
        Line("replace('aaaa', 'a', 'b', `-1`)", #""bbbb""#),
        Line("replace('aaaa', 'a', 'b', `0`)", #""aaaa""#),
        Line("replace('ab', '', '-', `-1`)", #""-a-b-""#),
        Line("replace('ab', '', '-', `2`)", #""-a-b""#),
        Line("replace('ab', '', '-', `1`)", #""-ab""#),
        Line("replace_all('abab', 'ab', 'x')", #""xx""#),
        Line("replace_all('aaa', 'aa', 'b')", #""ba""#),
        Line("replace_all('a.b.c', '.', '')", #""abc""#), Line("replace_all('', '', 'x')", #""x""#),
        Line("to_upper('a\u{DF}b')", "\"A\u{DF}B\""), Line("to_lower('ABC')", #""abc""#),
        Line("trim('!!a!b!!', '!')", #""a!b""#), Line("trim('abc', 'cba')", #""""#),
        Line("trim('abc', '')", #""abc""#),
        Line("trim_prefix('abc', 'ab')", #""c""#), Line("trim_prefix('abc', 'bc')", #""abc""#),
        Line("split('a,b,,c', ',')", #"["a","b","","c"]"#), Line("split('', ',')", #"[""]"#),
        Line("split('abc', '')", #"["a","b","c"]"#), Line("split('abc', 'abc')", #"["",""]"#),
        Line("truncate('hello', `2.6`)", #""he""#), Line("truncate('hello', `-1`)", #""""#),
        Line("truncate('hello', `1e300`)", #""hello""#),
        Line("truncate('\u{1F600}b', `1`)", "\"\u{1F600}\""),
        Line("to_boolean('TRue')", "true"), Line("to_boolean('false')", "false"),
        Line("to_boolean('yes')", "error invalid-value"),
        Line("to_boolean(`true`)", "error invalid-type"),
        Line("path_canonicalize('///a//b/')", #""/a/b""#),
        Line("path_canonicalize('/../../')", #""/""#),
        Line("path_canonicalize('a/../..')", #""..""#), Line("path_canonicalize('./')", #"".""#),
        Line("path_canonicalize('/a/./b/../c')", #""/a/c""#), Line("path_canonicalize('')", #""""#),
        Line("base64_encode('Hello')", #""SGVsbG8=""#),
        Line("base64_decode('SGVsbG8=')", #""Hello""#),
        Line("base64_decode('SGVs\nbG8=')", #""Hello""#),
        Line("base64_decode('SGVsbG8')", "error invalid-value"),
        Line("base64_decode('====')", "error invalid-value"), Line("base64_encode('')", #""""#),
        Line(
            "sha256('abc')", "\"\(digest)\""),
        Line("sha256('')", #""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#),
        Line("sha1('abc')", #""a9993e364706816aba3e25717850c26c9cd0d89d""#),
        Line("md5('abc')", #""900150983cd24fb0d6963f7d28e17f72""#),
        Line("md5('')", #""d41d8cd98f00b204e9800998ecf8427e""#),
        Line(
            "md5('\(digits)')",
            #""57edf4a22be3c955ac49da2e2107b67a""#),
    ])
    func `texts`(line: Line) { #expect(line.answer(.kyverno, on: "") == line.wanted) }

    @Test(arguments: [
        Line("regex_match('1.*', 'x12')", "true"), Line("regex_match('^1', 'x12')", "false"),
        Line("regex_match('^12$', `12`)", "true"),
        Line("regex_match('(?=a)', 'a')", "error invalid-value"),
        Line("regex_match('^0.1$', `0.1`)", "true"),
        Line("regex_match('^100000000$', `1e8`)", "true"),
        Line("regex_match('a', `true`)", "error invalid-type"),
        Line("regex_replace_all('([Hh]e|G)l', 'Hello, helo', '${1}G')", #""HeGlo, heGo""#),
        Line("regex_replace_all('(?P<x>a)b', 'abab', '<$x>')", #""<a><a>""#),
        Line("regex_replace_all('(a)b', 'ab', '$1x')", #""""#),
        Line("regex_replace_all('(a)b', 'ab', '${1}x')", #""ax""#),
        Line("regex_replace_all('a', 'aba', '$0$0')", #""aabaa""#),
        Line("regex_replace_all('a', 'a', '$$1')", #""$1""#),
        Line("regex_replace_all('a', 'a', '$')", #""$""#),
        Line("regex_replace_all('a', 'a', '${')", #""${""#),
        Line("regex_replace_all('a', 'a', '$9')", #""""#),
        Line("regex_replace_all('x*', 'abc', '-')", #""-a-b-c-""#),
        Line("regex_replace_all('[0-9]+', `12`, `7`)", #""7""#),
        Line("regex_replace_all_literal('a', 'aba', '$0')", #""$0b$0""#),
        Line("pattern_match('pre-*', 'pre-x')", "true"),
        Line("pattern_match('a?c', 'abc')", "true"),
        Line("pattern_match('a?c', 'ac')", "false"), Line("pattern_match('*', '')", "true"),
        Line("pattern_match('', 'a')", "false"),
        Line("pattern_match('*a*b*c', 'xxaxxbxxbxxc')", "true"),
        Line("pattern_match('1*', `12`)", "true"), Line("pattern_match('a/*', 'a/b/c')", "true"),
        Line("pattern_match('A', 'a')", "false"),
        Line("label_match(`{\"a\":\"1\"}`, `{\"a\":\"1\",\"b\":\"2\"}`)", "true"),
        Line("label_match(`{\"a\":\"1\"}`, `{\"a\":\"2\"}`)", "false"),
        Line("label_match(`{\"a\":\"1\"}`, `{}`)", "false"),
        Line("label_match(`{}`, `{}`)", "true"),
    ])
    func `patterns`(line: Line) { #expect(line.answer(.kyverno, on: "") == line.wanted) }

    @Test(arguments: [
        Line("add(`12`, `13`)", "25"), Line("add('12Ki', '13Ki')", #""25Ki""#),
        Line("add('12Ki', '13')", #""12301""#),
        Line("add('12', '13s')", "error invalid-type"),
        Line("add(`12`, '13')", "error invalid-type"),
        Line("add('12s', '13s')", #""25s""#), Line("add('3599s', '1m2s')", #""1h1m1s""#),
        Line("add('59m', '1m1s')", "error invalid-type"),
        Line("add('x', '1')", "error invalid-type"),
        Line("add(`true`, `1`)", "error invalid-type"),
        Line("add(`0.1`, `0.2`)", "0.30000000000000004"),
        Line("add('2562047h', '2562047h')", "error invalid-value"),
        Line("add(`1e308`, `1e308`)", "error invalid-value"),
        Line("sum(`[12, 13, 1]`)", "26"), Line("sum(['12Ki', '13Ki'])", #""25Ki""#),
        Line("sum(['12s', `1`])", "error invalid-type"),
        Line("sum(`[\"x\"]`)", #""x""#), Line("sum('x')", "error invalid-type"),
        Line("subtract('12Ki', '13Ki')", #""-1Ki""#), Line("subtract('12s', '13s')", #""-1s""#),
        Line("subtract(`1`, `2`)", "-1"),
        Line("multiply('12Ki', `2`)", #""24Ki""#), Line("multiply(`2.5`, '12Ki')", #""30Ki""#),
        Line("multiply(`2.5`, '40s')", #""1m40s""#), Line("multiply(`2.5`, `2.5`)", "6.25"),
        Line("multiply('12Ki', '2')", "error invalid-type"),
        Line("multiply('12s', '2s')", "error invalid-type"),
        Line("multiply('1234567890123', `3`)", #""3703703670369""#),
        Line("multiply('100m', `3`)", #""300m""#),
        Line("multiply('9E', `1e30`)", #""9223372036854775807""#),
        Line("multiply('1s', `1e30`)", "error invalid-value"),
        Line("divide('8', '3')", "2.6666666666666665"), Line("divide('12Ki', '200')", "61.44"),
        Line("divide('12Ki', `3`)", #""4Ki""#),
        Line("divide('10', `3`)", #""3""#), Line("divide('10.00', `3`)", #""3330m""#),
        Line("divide('-10', `3`)", #""-3""#),
        Line("divide('1', `0.4`)", #""2500m""#), Line("divide('12s', '5s')", "2.4"),
        Line("divide('12s', `5`)", #""2.4s""#),
        Line("divide(`14`, `4`)", "3.5"), Line("divide(`14`, '5')", "error invalid-type"),
        Line("divide('12Ki', '2s')", "error invalid-type"),
        Line("divide(`1`, `0`)", "error invalid-value"),
        Line("divide('4Ki', '0')", "error invalid-value"),
        Line("divide('4Ki', `0`)", "error invalid-value"),
        Line("divide('4s', '0s')", "error invalid-value"),
        Line("modulo('12Ki', '5Ki')", #""2Ki""#), Line("modulo('13s', '2s')", #""1s""#),
        Line("modulo(`13`, `5`)", "3"),
        Line("modulo(`-13`, `5`)", "-3"), Line("modulo(`14.5`, `2`)", "error invalid-value"),
        Line("modulo('4', '1.5')", "error invalid-value"),
        Line("modulo(`14`, `0`)", "error invalid-value"),
        Line("modulo('4s', '0s')", "error invalid-value"),
        Line("modulo(`-9223372036854775808`, `-1`)", "0"),
        Line("round(`9.414675`, `2`)", "9.41"), Line("round(`9.5`, `0`)", "10"),
        Line("round(`-2.5`, `0`)", "-3"),
        Line("round(`1.5`, `0.5`)", "error invalid-value"),
        Line("round(`1.5`, `-1`)", "error invalid-value"),
        Line("round(`1.25`, `1e300`)", "1.25"), Line("to_number('+1')", "1"),
        Line("to_number('.5')", "0.5"), Line("to_number('1.')", "1"),
        Line("to_number('')", "null"), Line("to_number('-')", "null"),
        Line("to_number('1e')", "null"),
    ])
    func `arithmetic`(line: Line) { #expect(line.answer(.kyverno, on: "") == line.wanted) }

    @Test(arguments: [
        Line("lookup(`{\"a\":1}`, 'a')", "1"), Line("lookup(`{\"a\":1}`, 'b')", "null"),
        Line("lookup(`[1,2]`, `1`)", "2"),
        Line("lookup(`[1,2]`, `2`)", "null"), Line("lookup(`[1,2]`, `-1`)", "null"),
        Line("lookup(`[1]`, `0.5`)", "error invalid-value"),
        Line("lookup(`[1]`, 'a')", "error invalid-type"),
        Line("lookup(`{}`, `0`)", "error invalid-type"),
        Line("items(`{\"b\":2,\"a\":1}`, 'k', 'v')", #"[{"k":"a","v":1},{"k":"b","v":2}]"#),
        Line("items(`[\"x\"]`, 'k', 'v')", #"[{"k":0,"v":"x"}]"#),
        Line("items('x', 'k', 'v')", "error invalid-type"),
        Line("object_from_lists(`[\"a\",\"b\"]`, `[1]`)", #"{"a":1,"b":null}"#),
        Line("object_from_lists(`[1, true]`, `[1, 2]`)", #"{"1":1,"true":2}"#),
        Line("object_from_lists(`[null]`, `[1]`)", "error invalid-type"),
        Line("parse_json('{\"a\": [1, 2.5]}').a[1]", "2.5"),
        Line("parse_json('{')", "error invalid-value"),
        Line("parse_yaml('a: 1')", "error invalid-value"),
        Line("semver_compare('4.1.3', '>=4.1.x')", "true"),
        Line("semver_compare('4.1.3', '!4.x.x')", "false"),
        Line("semver_compare('1.8.6', '>1.0.0 <2.0.0')", "true"),
        Line("semver_compare('2.1.5', '<2.0.0 || >=3.0.0')", "false"),
        Line("semver_compare('1.2.9', '1.2.x')", "true"),
        Line("semver_compare('1.3.0', '1.2.x')", "false"),
        Line("semver_compare('1.3.0', '<=1.2.x')", "false"),
        Line("semver_compare('1.0.0-rc.1', '<1.0.0')", "true"),
        Line("semver_compare('1.0.0-rc.2', '>1.0.0-rc.10')", "false"),
        Line("semver_compare('1.0.0+b', '1.0.0')", "true"),
        Line("semver_compare('x', '<1.0.0')", "true"),
        Line("semver_compare('1.0.0', '> 0.9.0')", "true"),
        Line("semver_compare('1.0.0', 'foo')", "error invalid-value"),
        Line("semver_compare('1.0.0', '|| 1.0.0')", "error invalid-value"),
        Line("semver_compare('1.0.0', '01.0.0')", "error invalid-value"),
        Line("image_normalize('nginx')", #""docker.io/nginx:latest""#),
        Line("image_normalize('a/b:1')", #""docker.io/a/b:1""#),
        Line("image_normalize('localhost/x')", #""localhost/x:latest""#),
        Line("image_normalize('ghcr.io:5000/a/b')", #""ghcr.io:5000/a/b:latest""#),
        Line("image_normalize('')", "error invalid-value"),
        Line("image_normalize('a b')", "error invalid-value"),
        Line("image_normalize('nginx:')", "error invalid-value"),
        Line("image_normalize('ghcr.io/A')", "error invalid-value"),
        Line(
            "image_normalize('a@sha256:\(digest)')",
            "\"docker.io/a@sha256:\(digest)\""
        ),
        Line("is_external_url('http://10.1.2.3/x')", "false"),
        Line("is_external_url('https://8.8.8.8:443')", "true"),
        Line("is_external_url('http://u:p@127.0.0.1:80/')", "false"),
        Line("is_external_url('http://[::1]/')", "false"),
        Line("is_external_url('http://[2001:db8::1]:1/')", "true"),
        Line("is_external_url('http://[fd00::1]/')", "false"),
        Line("is_external_url('http://[::ffff:192.168.0.1]/')", "false"),
        Line("is_external_url('http://localhost')", "false"),
        Line("is_external_url('http://example.com')", "error invalid-value"),
        Line("is_external_url('http://1.2.3')", "error invalid-value"),
    ])
    func `collections, versions, images and addresses`(line: Line) {
        #expect(line.answer(.kyverno, on: "") == line.wanted)
    }

    @Test func `YAML is read by what the caller brings, within the limits`() throws {
        let environment = JMESPathEnvironment { text throws(JMESPathError) in
            guard text != "bad" else { throw JMESPathError(.invalidValue, "no YAML") }
            return ["text": .string(text)]
        }
        #expect(
            Line.answer("parse_yaml('a').text", .kyverno, in: environment) == #""a""#)
        #expect(
            Line.answer("parse_yaml('bad')", .kyverno, in: environment) == "error invalid-value")
    }

    @Test func `a random text matches its pattern, and the same seed gives the same texts`() {
        let environment = JMESPathEnvironment(seed: 42)
        for pattern in [
            "[a-z0-9]{8}", "(ab|cd)+x?", "[^a-z]{3}", "\\d\\d-\\pL", "a{2,4}.", "[[:upper:]]*z",
        ] {
            let source = "random('\(pattern)')"
            let first = Line.answer(source, .kyverno, in: environment)
            #expect(first == Line.answer(source, .kyverno, in: environment))
            let checked = "regex_match('^(\(pattern))$', \(source))"
            for seed in 0..<20 {
                let other = JMESPathEnvironment(seed: UInt64(seed))
                #expect(
                    Line.answer(checked, .kyverno, in: other) == "true", "\(pattern), seed \(seed)")
            }
        }
        let two = "[random('[a-z]{20}'), random('[a-z]{20}')] | [0] == [1]"
        #expect(Line.answer(two, .kyverno, on: "", in: environment) == "false")
        #expect(Line.answer("random('')", .kyverno) == "error invalid-value")
        #expect(Line.answer("random('a{1000}{9}')", .kyverno) == "error invalid-value")
        #expect(Line.answer("random('(a{100}){60}')", .kyverno) == "error invalid-value")
    }
}
