import KubernetesCore
import Testing

struct SchemaValidationTests {
    private static let faults: [(String, [String])] = [
        (#"{"mode":"fast"}"#, []),
        (
            #"{"mode":"fast","size":11}"#,
            [
                "spec.size: Invalid value: 11: spec.size in body should be less than or "
                    + "equal to 10"
            ]
        ),
        (
            #"{"mode":"fast","size":-1}"#,
            [
                "spec.size: Invalid value: -1: spec.size in body should be greater than or "
                    + "equal to 0"
            ]
        ),
        (#"{"size":1}"#, ["spec.mode: Required value"]),
        (
            #"{"mode":"odd"}"#,
            [#"spec.mode: Unsupported value: "odd": supported values: "fast", "safe""#]
        ),
        (
            #"{"mode":"fast","size":"three"}"#,
            [
                #"spec.size: Invalid value: "string": spec.size in body must be of type "#
                    + #"integer: "string""#
            ]
        ),
        (
            #"{"mode":"fast","detail":"UPPER"}"#,
            [
                #"spec.detail: Invalid value: "UPPER": spec.detail in body should match "#
                    + "'^[a-z ]*$'"
            ]
        ),
        (
            #"{"mode":"fast","detail":"aaaaaaaaaaaaaaaaaaaaa"}"#,
            ["spec.detail: Too long: may not be more than 20 bytes"]
        ),
        (#"{"mode":"fast","tags":["x","x"]}"#, [#"spec.tags[1]: Duplicate value: "x""#]),
        (
            #"{"mode":"fast","tags":["a","b","c","d","e"]}"#,
            ["spec.tags: Too many: 5: must have at most 4 items"]
        ),
        (
            #"{"mode":"fast","parts":[{"name":"x"},{"name":"x"},{"name":"x"}]}"#,
            [#"spec.parts[1]: Duplicate value: {"name":"x"}"#]
        ),
        (#"{"mode":"fast","parts":[{"count":1}]}"#, ["spec.parts[0].name: Required value"]),
        (
            #"{"mode":"fast","labels":{"k":1}}"#,
            [
                #"spec.labels.k: Invalid value: "integer": spec.labels.k in body must be of "#
                    + #"type string: "integer""#
            ]
        ),
        (
            #"{"mode":"fast","limit":true}"#,
            [
                #"spec.limit: Invalid value: "boolean": spec.limit in body must be of type "#
                    + #"integer,string: "boolean""#
            ]
        ),
        (
            #"{"mode":"fast","when":"yesterday"}"#,
            [
                #"spec.when: Invalid value: "yesterday": spec.when in body must be of type "#
                    + #"date-time: "yesterday""#
            ]
        ),
        (
            #"{"mode":"fast","max":null}"#,
            [
                #"spec.max: Invalid value: "null": spec.max in body must be of type integer: "#
                    + #""null""#
            ]
        ),
        (#"{"mode":"fast","note":null}"#, []),
        (
            #"{"mode":"fast","ratio":0.3}"#,
            [
                "spec.ratio: Invalid value: 0.3: spec.ratio in body should be a multiple of 0.5"
            ]
        ),
        (
            #"{"mode":"fast","ratio":0}"#,
            ["spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0"]
        ),
        (
            #"{"mode":"fast","size":3000000000}"#,
            [
                #"<nil>: Invalid value: "": Checked value must be of type integer with format "#
                    + "int32 in spec.size",
                "spec.size: Invalid value: 3000000000: spec.size in body should be less than "
                    + "or equal to 10",
            ]
        ),
        (
            #"{"mode":"fast","options":{}}"#,
            [
                "spec.options: Invalid value: 0: spec.options in body should have at least 1 "
                    + "properties"
            ]
        ),
        (
            #"{"mode":"fast","choice":{}}"#,
            [
                #"<nil>: Invalid value: "": "spec.choice" must validate one and only one "#
                    + "schema (oneOf). Found none valid", "spec.choice.x: Required value",
            ]
        ),
        (
            #"{"mode":"fast","choice":{"x":"1","y":"2"}}"#,
            [
                #"<nil>: Invalid value: "": "spec.choice" must validate one and only one "#
                    + "schema (oneOf). Found 2 valid alternatives"
            ]
        ),
    ]

    @Test func `faults read as those of a kube-apiserver`() throws {
        let schema = try WidgetFixture.schema()
        for (spec, messages) in Self.faults {
            let errors = schema.validate(try WidgetFixture.object(spec))
            #expect(errors.map(\.message) == messages, "\(spec)")
        }
        #expect(schema.validate([:]).map(\.message) == ["spec: Required value"])
    }

    @Test func `a character counts once however many bytes it has`() throws {
        let schema = StructuralSchema.string(minLength: 2, maxLength: 3)
        #expect(schema.valueErrors("äöü").isEmpty)
        #expect(schema.valueErrors("äöüß").count == 1)
        #expect(schema.valueErrors("ä").count == 1)
    }

    @Test func `faults that did not change are forgiven on update`() throws {
        let schema = try WidgetFixture.schema()
        let old = try WidgetFixture.object(
            #"{"mode":"odd","parts":[{"name":"x","count":"a"},{"name":"y"}]}"#)
        let same = try WidgetFixture.object(
            #"{"mode":"odd","parts":[{"name":"y"},{"name":"x","count":"a"}],"max":1}"#)
        #expect(schema.validate(same, old: old).isEmpty)
        let worse = try WidgetFixture.object(#"{"mode":"odder","parts":[]}"#)
        #expect(schema.validate(worse, old: old).count == 1)
    }

    @Test func `hostile values give a bounded number of faults`() {
        let schema = StructuralSchema.array(of: .string())
        let value = JSONValue.array(
            Array(repeating: 1, count: 50_000).enumerated().map {
                .integer(Int64($0.offset))
            })
        #expect(schema.valueErrors(value).count <= 250)
    }

    @Test func `formats accept and refuse as a kube-apiserver does`() {
        let cases: [(String, [String], [String])] = [
            (
                "date-time", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123+01:00"],
                ["2026-01-02", "2026-13-02T03:04:05Z", "x"]
            ),
            ("date", ["2024-02-29"], ["2026-02-29", "2026-1-2"]),
            ("duration", ["1h30m", "1.5s", "-10ms", "0", "3 days"], ["1x", "h", ""]),
            (
                "uuid",
                ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
                ["123e4567", "123e4567-e89b-12d3-a456-42661417400g"]
            ),
            (
                "uuid4", ["123e4567-e89b-42d3-a456-426614174000"],
                ["123e4567-e89b-12d3-a456-426614174000"]
            ),
            ("ipv4", ["10.0.0.1"], ["10.0.0.256", "10.0.0", "01.2.3.4", "::1"]),
            (
                "ipv6", ["::1", "fe80::1:2", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8"],
                ["10.0.0.1", "1::2::3", "12345::", ":::"]
            ),
            ("cidr", ["10.0.0.0/8", "fe80::/64"], ["10.0.0.0/33", "10.0.0.0", "x/8"]),
            ("uri", ["https://example.dev/a?b=c", "/path"], ["not a uri", "relative", ""]),
            ("hostname", ["example.dev", "localhost", "1a.b2"], ["-a", "a_b", "a..b", ""]),
            ("email", ["a@example.dev", "A B <a.b@example.dev>"], ["a", "@b", "a@"]),
            ("byte", ["YWJj", "YQ=="], ["YQ=", "a b c d", ""]),
            ("mac", ["01:23:45:67:89:ab", "0123.4567.89ab"], ["01:23", "zz:23:45:67:89:ab"]),
            ("hexcolor", ["#fff", "00ff00"], ["#ffff"]),
            ("rgbcolor", ["rgb(0,255,1)"], ["rgb(0,256,1)"]),
            ("isbn10", ["0306406152"], ["0306406153"]),
            ("isbn13", ["9780306406157"], ["9780306406158"]),
            ("creditcard", ["4111111111111111"], ["4111111111111112"]),
            ("password", ["anything"], []), ("unknown-format", ["anything"], []),
            ("int32", ["anything"], []),
        ]
        for (format, good, bad) in cases {
            let schema = StructuralSchema.string(format: format)
            for text in good {
                #expect(schema.valueErrors(.string(text)).isEmpty, "\(format) \(text)")
            }
            for text in bad {
                #expect(schema.valueErrors(.string(text)).count == 1, "\(format) \(text)")
            }
        }
    }

    @Test func `an embedded resource needs a type and good metadata`() throws {
        let schema = try WidgetFixture.schema()
        let object = try WidgetFixture.object(
            #"{"mode":"fast","template":{"kind":"Pod_","metadata":{"labels":{"a b":"c"}}}}"#)
        let messages = schema.embeddedErrors(object).map(\.message)
        #expect(messages.count == 3)
        #expect(messages[0] == "spec.template.apiVersion: Required value")
        #expect(
            messages[1].hasPrefix(#"spec.template.kind: Invalid value: "Pod_": may have mixed"#))
        #expect(messages[2].hasPrefix(#"spec.template.metadata.labels: Invalid value: "a b""#))
    }
}
