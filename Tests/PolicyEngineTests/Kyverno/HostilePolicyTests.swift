import KubernetesCore
import PolicyEngine
import Testing

/// Policies and objects that ask for more than a decision may cost: each ends, and ends as an
/// error.
@Suite struct HostilePolicyTests {
    private func outcome(_ rule: String, _ object: JSONValue) throws -> PolicyResult? {
        let set = try KyvernoFixture.set(KyvernoFixture.policy(rule))
        #expect(set.problems == [])
        return set.evaluate(
            PolicyRequest(.create, object, of: .pod), PolicySurroundings(now: KyvernoFixture.now)
        ).first
    }

    private func pod(_ items: [JSONValue]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
            "spec": ["items": .array(items)],
        ]
    }

    @Test func `loops inside loops`() throws {
        let list = "list: request.object.spec.items"
        var rule = "- {\(list), deny: {conditions: {all: [{key: a, operator: Equals, value: b}]}}}"
        for _ in 0..<5 {
            rule = "- \(list)\n  foreach:\n" + KyvernoFixture.indented(rule, by: 2)
        }
        let text = "validate:\n  foreach:\n" + KyvernoFixture.indented(rule, by: 2)
        let items = (0..<400).map { JSONValue.int($0) }
        #expect(try outcome(text, pod(items))?.outcome == .error)
    }

    @Test func `loops deeper than anybody means them`() throws {
        var rule = "- {list: a, deny: {}}"
        for _ in 0..<20 { rule = "- list: a\n  foreach:\n" + KyvernoFixture.indented(rule, by: 2) }
        let text = "validate:\n  foreach:\n" + KyvernoFixture.indented(rule, by: 2)
        #expect(try KyvernoFixture.set(KyvernoFixture.policy(text)).problems.count == 1)
    }

    @Test func `a context that doubles itself`() throws {
        var entries = "- {name: v0, variable: {value: [1, 2, 3, 4, 5, 6, 7, 8]}}\n"
        for index in 1..<12 {
            let last = "{{ v\(index - 1) }}"
            let list = Array(repeating: "\"\(last)\"", count: 8).joined(separator: ", ")
            entries += "- {name: v\(index), variable: {value: [\(list)]}}\n"
        }
        let rule =
            "context:\n\(entries)validate: {deny: {conditions: {all: [{key: \"{{ v11 }}\", "
            + "operator: Equals, value: x}]}}}"
        #expect(try outcome(rule, pod([]))?.outcome == .error)
    }

    @Test func `a text that doubles itself`() throws {
        let text = String(repeating: "{{ request.object.spec.items[0] }}", count: 200)
        let rule = "validate: {pattern: {metadata: {name: \"\(text)\"}}}"
        let long = JSONValue.string(String(repeating: "x", count: 100_000))
        #expect(try outcome(rule, pod([long]))?.outcome == .error)
    }

    @Test func `wildcards made of an object, held against an object`() throws {
        let pattern = JSONValue.string("*" + String(repeating: "a", count: 40_000) + "b*")
        let text = JSONValue.string(String(repeating: "a", count: 80_000))
        let condition = """
            validate: {deny: {conditions: {all: [{key: "{{ request.object.spec.items[0] }}",
              operator: AnyIn, value: ["{{ request.object.spec.items[1] }}"]}]}}}
            """
        #expect(try outcome(condition, pod([pattern, text]))?.outcome == .error)
        let overlay = """
            validate: {pattern: {spec: {items: ["{{ request.object.spec.items[0] }}"]}}}
            """
        #expect(try outcome(overlay, pod([pattern, text]))?.outcome == .error)
    }

    @Test func `expressions that select more and more`() throws {
        let expression =
            "request.object.spec.items[]"
            + String(repeating: ".[@, @][]", count: 30)
        let rule =
            "validate: {deny: {conditions: {all: [{key: \"{{ length(\(expression)) }}\", "
            + "operator: Equals, value: 1}]}}}"
        #expect(try outcome(rule, pod([1, 2, 3]))?.outcome == .error)
    }

    @Test func `objects that are none`() throws {
        let rules = [
            "validate: {pattern: {spec: {\"=(a)\": {b: \"?*\"}}}}", "validate: {deny: {}}",
            "validate: {podSecurity: {level: restricted}}",
            "validate: {foreach: [{list: \"images.containers\", deny: {}}]}",
            "validate: {message: \"{{ images }}\", deny: {}}",
        ]
        let objects: [JSONValue] = [
            .null, [], 1, "x", [:], ["metadata": []], ["spec": "x"],
            ["metadata": ["labels": 5, "name": 7], "spec": ["containers": ["x", 1, .null]]],
        ]
        for rule in rules {
            for object in objects {
                let set = try KyvernoFixture.set(KyvernoFixture.policy(rule))
                for operation in [PolicyRequest.Operation.create, .update, .delete] {
                    let request = PolicyRequest(
                        operation, object, of: .pod, oldObject: object, namespace: object)
                    let surroundings = PolicySurroundings(now: KyvernoFixture.now)
                    _ = set.evaluate(request, surroundings)
                    _ = set.mutated(request, surroundings)
                }
            }
        }
    }
}
