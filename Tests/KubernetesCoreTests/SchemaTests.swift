import KubernetesCore
import Testing

struct SchemaTests {
    @Test func `a schema reads back as it was written`() throws {
        let json = try JSONValue(parsing: WidgetFixture.schemaText)
        let schema = try StructuralSchema(reading: json)
        #expect(schema.json == json)
        #expect(try StructuralSchema(reading: schema.json) == schema)
    }

    @Test func `what is no schema is refused with its place`() {
        let cases: [(JSONValue, String)] = [
            ("x", "a schema must be an object, not string"),
            (["type": "text"], "type: \"text\" is not known"),
            (
                ["properties": ["a": ["maxLength": "x"]]],
                "properties[a].maxLength: expected a whole number, found string"
            ),
            (["items": 1], "items: a schema must be an object, not integer"),
            (
                ["x-kubernetes-validations": [[:]]],
                "x-kubernetes-validations[0].rule: a rule needs an expression"
            ),
        ]
        for (value, message) in cases {
            #expect(throws: SchemaError.self) { try StructuralSchema(reading: value) }
            do {
                _ = try StructuralSchema(reading: value)
            } catch {
                #expect(error.description == message)
            }
        }
    }

    @Test func `defaults fill in what is absent, also inside defaults`() throws {
        let schema = try WidgetFixture.schema()
        let cases: [(String, String)] = [
            (#"{"mode":"fast"}"#, #"{"mode":"fast","options":{"level":2},"size":3}"#),
            (
                #"{"mode":"fast","size":null,"max":null,"note":null}"#,
                #"{"mode":"fast","note":null,"options":{"level":2},"size":3}"#
            ),
            (
                #"{"parts":[{"name":"x"},{"name":"y","count":7}],"size":0,"options":{"level":1}}"#,
                #"{"options":{"level":1},"parts":[{"count":1,"name":"x"},"#
                    + #"{"count":7,"name":"y"}],"size":0}"#
            ),
            (
                #"{"labels":{"a":null,"b":"c"},"options":{"level":1},"size":1}"#,
                #"{"labels":{"b":"c"},"options":{"level":1},"size":1}"#
            ),
        ]
        for (given, expected) in cases {
            let result = schema.defaulted(try WidgetFixture.object(given))
            #expect(result["spec"]?.text == expected)
            #expect(schema.defaulted(result) == result)
        }
        #expect(schema.defaulted(["kind": "Widget"]) == ["kind": "Widget"])
    }

    @Test func `unknown fields are dropped and named`() throws {
        let schema = try WidgetFixture.schema()
        var object = try WidgetFixture.object(
            """
            {"mode":"fast","bogus":1,"free":{"deep":{"x":[1,2]}},"parts":[{"name":"x","z":1}],
            "template":{"apiVersion":"v1","kind":"Pod","metadata":{"bad":1},"spec":{"a":1}}}
            """)
        object["extra"] = 1
        object[path: ["metadata", "wrong"]] = 1
        let (value, unknown) = schema.pruned(object)
        #expect(
            unknown == [
                "extra", "metadata.wrong", "spec.bogus", "spec.parts[0].z",
                "spec.template.metadata.bad",
            ])
        #expect(value[path: ["spec", "free", "deep", "x"]] == [1, 2])
        #expect(value[path: ["spec", "template", "spec"]] == ["a": 1])
        #expect(value[path: ["spec", "bogus"]] == nil)
        #expect(schema.pruned(value).unknownFields.isEmpty)
        #expect(
            StructuralSchema.strictDecodingMessage(unknownFields: ["spec.bogus", "a"])
                == #"strict decoding error: unknown field "spec.bogus", unknown field "a""#)
    }

    private func shown(_ value: JSONValue?) -> String {
        guard let value else { return "-" }
        return value.object == nil ? value.text : "object"
    }

    @Test func `rules are found with the old value of the same list element`() throws {
        let schema = try WidgetFixture.schema()
        let old = try WidgetFixture.object(
            #"{"mode":"fast","parts":[{"name":"x","count":1},{"name":"y","count":2}]}"#)
        let new = try WidgetFixture.object(
            #"{"mode":"safe","parts":[{"name":"y","count":5},{"name":"z","count":6}]}"#)
        var seen: [String] = []
        schema.visitRules(new, old: old) { site in
            seen.append(
                "\(site.path) \(site.rules[0].rule) \(shown(site.oldValue))"
            )
        }
        #expect(
            seen == [
                "spec self.size <= self.max object", "spec.mode self == oldSelf \"fast\"",
                "spec.parts[0].count self > 0 2", "spec.parts[1].count self > 0 -",
            ])
        let tree = RuleTree(schema)
        #expect(
            tree.sites.map(\.location) == ["spec", "spec.mode", "spec.parts.items.count"])
    }

    @Test func `rules inside allOf see the values of the whole schema`() {
        let schema = StructuralSchema.object(["a": .integer()]).with {
            $0.allOf = [
                StructuralSchema().with { part in
                    part.properties["a"] = StructuralSchema().with {
                        $0.rules = [ValidationRule("self > 1")]
                    }
                }
            ]
        }
        var types: [StructuralSchema.ValueType?] = []
        schema.visitRules(["a": 1], old: nil) { types.append($0.schema.type) }
        #expect(types == [.integer])
    }

    private static let structures: [(JSONValue, [String])] = [
        (["type": "object"], []),
        (["properties": [:]], ["schema.type: Required value: must not be empty at the root"]),
        (
            ["type": "string"],
            [#"schema.type: Invalid value: "string": must be object at the root"#]
        ),
        (
            ["type": "object", "properties": ["a": ["type": "array"]]],
            ["schema.properties[a].items: Required value: must be specified"]
        ),
        (
            ["type": "object", "properties": ["a": [:]]],
            [
                "schema.properties[a].type: Required value: must not be empty for specified "
                    + "object fields"
            ]
        ),
        (
            ["type": "object", "additionalProperties": ["type": "string"]],
            ["schema.additionalProperties: Forbidden: must not be used at the root"]
        ),
        (
            ["type": "object", "anyOf": [["type": "object"]]],
            ["schema.anyOf[0].type: Forbidden: must be empty to be structural"]
        ),
        (
            ["type": "object", "anyOf": [["properties": ["b": [:]]]]],
            ["schema.properties[b]: Required value: because it is defined in anyOf[0]"]
        ),
        (
            [
                "type": "object",
                "properties": [
                    "metadata": [
                        "type": "object", "properties": ["labels": ["type": "object"]],
                    ]
                ],
            ],
            [
                "schema.properties[metadata]: Forbidden: must not specify anything other than "
                    + "name and generateName, but metadata is implicitly specified"
            ]
        ),
        (
            [
                "type": "object",
                "properties": [
                    "a": [
                        "x-kubernetes-int-or-string": true,
                        "anyOf": [["type": "integer"], ["type": "string"]],
                    ]
                ],
            ], []
        ),
    ]

    @Test func `a schema that is not structural is refused with reasons`() {
        for (json, messages) in Self.structures {
            let schema = try? StructuralSchema(reading: json)
            #expect(
                schema?.structuralErrors(at: FieldPath("schema")).map(\.message) == messages)
        }
        let broken = StructuralSchema.object(["a": .string(pattern: "(")])
        #expect(
            broken.structuralErrors(at: .root).first?.message.contains(
                "pattern: Invalid value: \"(\": must be a valid regular expression, but isn't")
                == true)
    }

    @Test func `builders say what they are named after`() throws {
        let schema = StructuralSchema.object(
            [
                "size": .integer(minimum: 0, maximum: 9).defaulting(to: 1).described("How many."),
                "parts": .array(of: .object(["name": .string()]), keys: ["name"], maxCount: 3),
                "labels": .map(of: .string(), maxCount: 5), "mode": .oneOf(["a", "b"]),
                "any": .anything(), "free": .freeObject(), "limit": .intOrString(),
                "ratio": .number(minimum: 0.5), "on": .boolean().nullable(),
            ], required: ["size"]
        ).rule("self.size > 0", "must be positive", reason: "FieldValueForbidden")
        #expect(try StructuralSchema(reading: schema.json) == schema)
        #expect(schema.json["properties"]?["parts"]?["x-kubernetes-list-type"] == "map")
        #expect(schema.json["properties"]?["size"]?["minimum"] == 0)
        #expect(schema.structuralErrors(at: .root).isEmpty)
    }
}
