import KubernetesCore
import Testing

struct SelectorTests {
    @Test func `label selectors of queries match as the API server's do`() throws {
        let a = ["app": "x", "tier": "1"]
        let b = ["app": "y"]
        let cases: [(String, Bool, Bool)] = [
            ("", true, true), ("app=x", true, false), ("app==x", true, false),
            ("app!=x", false, true), ("tier!=2", true, true), ("app in (x,y),!tier", false, true),
            ("app in (x, z)", true, false), ("app notin (x)", false, true), ("tier", true, false),
            ("!tier", false, true), ("tier>0", true, false), ("tier > 1", false, false),
            ("tier<2,app", true, false), (" app = x , tier ", true, false), ("app=", false, false),
            ("in=x", false, false), ("app in (,x)", true, false),
        ]
        for (text, first, second) in cases {
            let selector = try LabelSelector(parsing: text)
            #expect(selector.matches(a) == first, "\(text)")
            #expect(selector.matches(b) == second, "\(text)")
            #expect(try LabelSelector(parsing: selector.description).matches(a) == first)
            #expect(
                selector.matches(JSONObject(a.map { ($0.key, .string($0.value)) })) == first)
        }
    }

    @Test func `a broken label selector is refused in the API server's words`() {
        let cases: [(String, String)] = [
            (
                "a b",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"
            ),
            ("a=b c", "found 'c', expected: ',' or 'end of string'"),
            ("a,", "found '', expected: identifier after ','"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a=(", "unable to parse requirement: found '(', expected: identifier"),
            (
                "a in ()",
                "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' "
                    + "operators, values set can't be empty"
            ),
            (
                "a>x",
                "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' "
                    + "operators, the value must be an integer"
            ),
            (
                "a=_",
                "unable to parse requirement: values[0][a]: Invalid value: \"_\": a valid label "
                    + "must be an empty string or consist of alphanumeric characters, '-', '_' or "
                    + "'.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
                    + " or 'my_value',  or '12345', regex used for validation is "
                    + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            ),
        ]
        for (text, message) in cases {
            do {
                _ = try LabelSelector(parsing: text)
                Issue.record("\(text) was accepted")
            } catch {
                #expect(error.message == message)
            }
        }
    }

    @Test func `label selectors of objects match`() throws {
        let selector = try LabelSelector(reading: [
            "matchLabels": ["app": "x"],
            "matchExpressions": [
                ["key": "tier", "operator": "In", "values": ["1", "2"]],
                ["key": "old", "operator": "DoesNotExist"],
            ],
        ])
        #expect(selector.matches(["app": "x", "tier": "2"]))
        #expect(!selector.matches(["app": "x", "tier": "2", "old": ""]))
        #expect(!selector.matches(["app": "x"]))
        #expect(try LabelSelector(reading: [:]).isEverything)
        #expect(throws: SelectorError("\"Like\" is not a valid label selector operator")) {
            try LabelSelector(reading: ["matchExpressions": [["key": "a", "operator": "Like"]]])
        }
        let faults = LabelSelector.errors(
            in: [
                "matchExpressions": [
                    ["key": "a", "operator": "In"], ["key": "b", "operator": "X"],
                ]
            ],
            at: FieldPath("spec.selector"))
        #expect(
            faults.map(\.message) == [
                "spec.selector.matchExpressions[0].values: Required value: must be specified when "
                    + "`operator` is 'In' or 'NotIn'",
                "spec.selector.matchExpressions[1].operator: Invalid value: \"X\": not a valid "
                    + "selector operator",
            ])
    }

    @Test func `field selectors parse and match`() throws {
        let fields = ["metadata.name": "a", "spec.mode": "fa,st"]
        for (text, matches) in [
            ("", true), ("metadata.name=a", true), ("metadata.name!=a", false),
            ("metadata.name==a,spec.mode=fa\\,st", true), ("spec.none=", true),
        ] {
            let selector = try FieldSelector(parsing: text)
            #expect(selector.matches { fields[$0] } == matches, "\(text)")
            #expect(try FieldSelector(parsing: selector.description) == selector)
        }
        #expect(try FieldSelector(parsing: "a=b,c!=d").requiredValue(of: "a") == "b")
        #expect(throws: SelectorError("invalid selector: 'abc'; can't understand 'abc'")) {
            try FieldSelector(parsing: "abc")
        }
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: "a=b\\x") }
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: "a=b=c") }
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: "a=b\\") }
    }
}
