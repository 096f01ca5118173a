import KubernetesCore
import Testing

@testable import CEL

@Suite struct CRDRulesTests {
    private let widget = StructuralSchema.object([
        "spec": .object([
            "size": .integer(), "max": .integer(),
            "mode": .string().rule("self == oldSelf", "mode is immutable"),
            "tags": .array(of: .string(), .set),
            "limit": .intOrString(),
            "parts": .array(
                of: .object([
                    "name": .string(),
                    "count": .integer().rule("self >= oldSelf", "counts only grow"),
                ]), keys: ["name"]),
            "free-form": .string(),
        ]).rule("!has(self.max) || self.size <= self.max", "size must not exceed max")
    ])

    private func messages(
        _ schema: StructuralSchema, _ new: JSONValue, old: JSONValue? = nil
    ) -> [String] {
        CRDRules(schema).validate(new, old: old).map(\.message)
    }

    @Test func `a rule that does not hold is reported in the server's words`() {
        #expect(messages(widget, ["spec": ["size": 5, "max": 6]]) == [])
        #expect(
            messages(widget, ["spec": ["size": 5, "max": 4]])
                == ["spec: Invalid value: size must not exceed max"])
    }

    @Test func `a transition rule runs only where there was a value before`() {
        #expect(messages(widget, ["spec": ["size": 1, "mode": "safe"]]) == [])
        #expect(
            messages(
                widget, ["spec": ["size": 1, "mode": "safe"]],
                old: ["spec": ["size": 1, "mode": "fast"]])
                == ["spec.mode: Invalid value: \"safe\": mode is immutable"])
        #expect(
            messages(
                widget, ["spec": ["size": 1, "mode": "safe"]], old: ["spec": ["size": 1]]) == [])
    }

    @Test func `elements of lists of type map are found by their keys`() {
        let old: JSONValue = [
            "spec": ["parts": [["name": "a", "count": 1], ["name": "b", "count": 5]]]
        ]
        let new: JSONValue = [
            "spec": ["parts": [["name": "b", "count": 3], ["name": "c", "count": 0]]]
        ]
        #expect(
            messages(widget, new, old: old)
                == ["spec.parts[0].count: Invalid value: 3: counts only grow"])
    }

    @Test func `a value that did not change is not held against an update`() {
        let rules = CRDRules(widget)
        let object: JSONValue = ["spec": ["size": 5, "max": 4]]
        let outcome = rules.evaluate(object, old: object)
        #expect(outcome.errors.isEmpty)
        #expect(
            outcome.warnings.map(\.message) == ["spec: Invalid value: size must not exceed max"])
        #expect(messages(widget, ["spec": ["size": 6, "max": 4]], old: object).count == 1)
    }

    @Test func `the default message shows the rule`() {
        let schema = StructuralSchema.object().with {
            $0.rules = [ValidationRule(" self.metadata.name == 'a' ")]
        }
        #expect(
            messages(schema, ["metadata": ["name": "b"]])
                == ["<nil>: Invalid value: failed rule: self.metadata.name == 'a'"])
        #expect(messages(schema, ["metadata": ["name": "a"]]) == [])
    }

    @Test func `sets are compared without order and names are escaped`() {
        let schema = widget.with {
            $0.properties["spec"]?.rules = [
                ValidationRule(
                    "self.tags == ['b', 'a'] && self.free__dash__form == 'x' "
                        + "&& (type(self.limit) == int ? self.limit > 1 : self.limit == '50%')")
            ]
        }
        #expect(
            messages(schema, ["spec": ["tags": ["a", "b"], "free-form": "x", "limit": "50%"]])
                == [])
        #expect(
            messages(schema, ["spec": ["tags": ["a", "b"], "free-form": "x", "limit": 2]]) == [])
    }

    @Test func `a message expression and a field path shape the report`() {
        let schema = StructuralSchema.object([
            "spec": .object(["size": .integer()]).rule(
                ValidationRule(
                    "self.size < 3", messageExpression: "'size is ' + string(self.size)",
                    reason: "FieldValueForbidden", fieldPath: ".size"))
        ])
        #expect(
            messages(schema, ["spec": ["size": 5]]) == ["spec.size: Forbidden: size is 5"])
    }

    @Test(
        arguments: [
            ("self.nope == 1", "undefined field 'nope'"),
            ("self.size", "cel expression must evaluate to a bool"),
            (
                "self.size == 'a'",
                "found no matching overload for '_==_' applied to '(int, string)'"
            ),
            ("self.size ==", "Syntax error: mismatched input '<EOF>'"),
            ("math.abs(self.size) == 1", "undeclared reference to 'math' (in container '')"),
            ("", "rule is not specified"),
        ])
    func `a faulty rule is reported when the CRD is written`(rule: String, text: String) {
        let schema = StructuralSchema.object([
            "spec": .object(["size": .integer()]).rule(ValidationRule(rule))
        ])
        let errors = CRDRules(schema).compileErrors(at: FieldPath("spec.schema"))
        #expect(
            errors.map(\.path)
                == ["spec.schema.properties[spec].x-kubernetes-validations[0].rule"])
        #expect(errors.allSatisfy { $0.detail.contains(text) }, "\(errors)")
    }

    @Test func `oldSelf is refused where it cannot be correlated`() {
        let schema = StructuralSchema.object([
            "list": .array(
                of: .string(maxLength: 10).rule("self == oldSelf", "no"), maxCount: 10)
        ])
        let errors = CRDRules(schema).compileErrors(at: FieldPath("spec"))
        #expect(
            errors.map(\.detail) == [
                "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                    + "spec.properties[list]"
            ])
    }

    @Test func `an expensive rule is cancelled and ends the validation`() {
        let schema = StructuralSchema.object([
            "spec": .object(["list": .array(of: .integer())])
                .rule("self.list.all(a, self.list.all(b, self.list.all(c, a + b + c > 0)))", "no")
                .rule("false", "never reached")
        ])
        let list = JSONValue.array(Array(repeating: 1, count: 200))
        let errors = CRDRules(schema).validate(["spec": ["list": list]])
        #expect(errors.count == 1)
        #expect(errors.first?.detail.contains("call cost exceeds limit for rule") == true)
    }

    @Test func `a rule that could cost too much is refused when the CRD is written`() {
        let rule = ValidationRule("self.list.all(a, self.list.all(b, a != b || a == b))")
        let open = StructuralSchema.object(["list": .array(of: .string())]).rule(rule)
        let errors = CRDRules(open, isObject: false).compileErrors(at: FieldPath("spec"))
        #expect(errors.map(\.kind).contains(.forbidden))
        #expect(
            errors.first?.detail.hasPrefix(
                "estimated rule cost exceeds budget by factor of more than 100x (try simplifying")
                == true)
        let bounded = StructuralSchema.object([
            "list": .array(of: .string(maxLength: 10), maxCount: 10)
        ]).rule(rule)
        #expect(CRDRules(bounded, isObject: false).compileErrors(at: .root).isEmpty)
    }
}
