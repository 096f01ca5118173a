import KubernetesCore
import PolicyEngine
import Testing

@Suite struct VariableTests {
    @Test(
        arguments: [
            ("{{ request.object.metadata.name }}", "web"),
            ("a {{request.object.metadata.name}} b", "a web b"),
            ("{{request.object.metadata.name}}{{request.operation}}", "webCREATE"),
            ("{{ request.object.spec.containers[0].name }}/x", "main/x"),
            ("n={{ length(request.object.spec.containers) }}", "n=2"),
            ("{{ request.object.metadata.labels }}!", #"{"app":"web","tier":"front"}!"#),
            ("{{ request.object.metadata.labels.\"{{ 'app' }}\" }}", "web"),
            (
                "{{ request.object.metadata.labels.\"{{ to_string('{{'tier'}}') }}\" }}",
                "front"
            ),
            (#"\{{ not this }} {{ 'x' }}"#, "{{ not this }} x"),
            ("{{ join('-', ['a', 'b']) }}", "a-b"), ("{{- 'x' }}", "x"),
            ("{{ {a: 'b'}.a }}", "b"), ("plain }} text", "plain }} text"),
            ("{{ request.object.spec.missing || 'none' }}", "none"),
        ])
    func `variables are replaced`(_ text: String, _ expected: String) throws {
        let rule: JSONValue = [
            "name": "r", "match": ["any": [["resources": ["kinds": ["Pod"]]]]],
            "validate": ["message": .string(text), "deny": .object(JSONObject())],
        ]
        let set = PolicySet([
            PolicyDocument(
                source: "test.yaml",
                object: [
                    "apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy",
                    "metadata": ["name": "p"], "spec": ["rules": [rule]],
                ])
        ])
        #expect(set.problems == [])
        let results = set.evaluate(
            try KyvernoFixture.request(), PolicySurroundings(now: KyvernoFixture.now))
        #expect(results.first?.message == expected)
    }

    @Test func `a text that is one variable keeps the type of its value`() throws {
        #expect(
            try KyvernoFixture.holds(
                "{key: \"{{ request.object.spec.hostNetwork }}\", operator: Equals, value: false}")
                == true)
        #expect(
            try KyvernoFixture.holds(
                "{key: \"{{ request.object.spec.containers[].name }}\", operator: AnyIn, "
                    + "value: [side]}") == true)
        #expect(
            try KyvernoFixture.holds(
                "{key: 2, operator: Equals, value: \"{{ length(request.object.spec.containers) "
                    + "}}\"}") == true)
    }

    @Test func `what cannot be resolved is an error, never a pass`() throws {
        let condition = "{key: \"{{ request.object.spec.gone }}\", operator: Equals, value: x}"
        #expect(try KyvernoFixture.holds(condition) == nil)
        let pattern = "validate: {pattern: {metadata: {name: \"{{ request.object.gone }}\"}}}"
        #expect(try KyvernoFixture.outcome(pattern)?.outcome == .error)
        let precondition = """
            preconditions: {all: [\(condition)]}
            validate: {deny: {}}
            """
        #expect(try KyvernoFixture.outcome(precondition)?.outcome == .error)
    }

    @Test func `keys and values of patterns may hold variables`() throws {
        let pattern = """
            validate:
              pattern:
                metadata:
                  labels:
                    "{{ 'app' }}": "{{ request.object.metadata.name }}"
            """
        #expect(try KyvernoFixture.outcome(pattern)?.outcome == .pass)
        let other = pattern.replacing("'app'", with: "'tier'")
        #expect(try KyvernoFixture.outcome(other)?.outcome == .fail)
    }

    @Test func `the value at the same place stands for the at sign`() throws {
        let pattern = "validate: {pattern: {metadata: {name: \"{{ @ }}\"}}}"
        #expect(try KyvernoFixture.outcome(pattern)?.outcome == .pass)
    }

    @Test func `on deletion variables mean the old object`() throws {
        var request = try KyvernoFixture.request()
        request.operation = .delete
        request.oldObject = request.object
        request.object = .null
        #expect(
            try KyvernoFixture.holds(
                "{key: \"{{ request.object.metadata.name }}\", operator: Equals, value: web}",
                request) == true)
        // A pattern has nothing to be held against.
        #expect(
            try KyvernoFixture.outcome("validate: {pattern: {kind: Pod}}", request) == nil)
    }

    @Test func `variables that bring in variables come to an end`() throws {
        var request = try KyvernoFixture.request()
        request.object[path: ["metadata", "annotations", "loop"]] =
            "{{ request.object.metadata.annotations.loop }} again"
        let result = try KyvernoFixture.outcome(
            "validate: {pattern: {metadata: {name: \"x {{ request.object.metadata.annotations.loop "
                + "}}\"}}}", request)
        #expect(result?.outcome == .error)
        // With a dash the value is taken as it is.
        let shallow = try KyvernoFixture.outcome(
            "validate: {message: \"x {{- request.object.metadata.annotations.loop }}\", deny: {}}",
            request)
        #expect(
            shallow?.message == "x {{ request.object.metadata.annotations.loop }} again")
    }
}
