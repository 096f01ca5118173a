import KubernetesCore
import PolicyEngine
import Testing

@Suite struct LoadingTests {
    @Test(
        arguments: [
            ("validate: {deny: {}, patern: {}}", "spec.rules[0].validate.patern"),
            ("validate: {}", "spec.rules[0].validate"),
            ("validate: {deny: {}, pattern: {}}", "spec.rules[0].validate"),
            ("validate: {message: 5, deny: {}}", "spec.rules[0].validate.message"),
            ("validate: {deny: {}}\nmutate: {patchStrategicMerge: {a: b}}", "spec.rules[0]"),
            ("validate: {deny: {condition: []}}", "spec.rules[0].validate.deny.condition"),
            (
                "validate: {deny: {conditions: {all: [{key: a, operator: Is, value: b}]}}}",
                "spec.rules[0].validate.deny.conditions.all[0].operator"
            ),
            (
                "validate: {deny: {conditions: {all: [{key: \"{{ a[ }}\", operator: In, value: "
                    + "b}]}}}",
                "spec.rules[0].validate.deny.conditions.all[0].key"
            ),
            (
                "validate: {deny: {conditions: {all: [{key: \"{{ nothing(@) }}\", operator: In, "
                    + "value: b}]}}}",
                "spec.rules[0].validate.deny.conditions.all[0].key"
            ),
            (
                "validate: {pattern: {spec: {\"?(a)\": b}}}", "spec.rules[0].validate.pattern"
            ),
            (
                "validate: {pattern: {a: \"$(./../gone)\"}}", "spec.rules[0].validate.pattern"
            ),
            ("validate: {podSecurity: {level: high}}", "spec.rules[0].validate.podSecurity.level"),
            (
                "validate: {cel: {expressions: [{expression: \"1 +\"}]}}",
                "spec.rules[0].validate.cel.expressions[0].expression"
            ),
            (
                "validate: {foreach: [{list: \"a[\", deny: {}}]}",
                "spec.rules[0].validate.foreach[0].list"
            ),
            (
                "context: [{name: x}]\nvalidate: {deny: {}}", "spec.rules[0].context[0]"
            ),
            (
                "context: [{name: request, variable: {value: 1}}]\nvalidate: {deny: {}}",
                "spec.rules[0].context[0].name"
            ),
            (
                "context: [{name: x, apiCall: {urlPath: /api, method: POST}}]\n"
                    + "validate: {deny: {}}",
                "spec.rules[0].context[0].apiCall.method"
            ),
            (
                "context: [{name: x, apiCall: {service: {url: https://x}}}]\n"
                    + "validate: {deny: {}}",
                "spec.rules[0].context[0].apiCall.service"
            ),
            ("mutate: {patch: {}}", "spec.rules[0].mutate.patch"),
            (
                "exclude: {any: [{resource: {}}]}\nvalidate: {deny: {}}",
                "spec.rules[0].exclude.any[0].resource"
            ),
        ])
    func `a mistake refuses the policy, and its place is named`(_ rule: String, _ path: String)
        throws
    {
        let set = try KyvernoFixture.set(KyvernoFixture.policy(rule))
        #expect(set.problems.map(\.path) == [path], "\(set.problems)")
        #expect(set.problems.first?.rule == "r")
        #expect(set.problems.first?.extent == .policy)
        #expect(set.isEmpty)
    }

    @Test(
        arguments: [
            ("backgroud: true", "spec.backgroud"), ("applyRules: Some", "spec.applyRules"),
            ("failurePolicy: Sometimes", "spec.failurePolicy"),
            ("emitWarning: 1", "spec.emitWarning"),
            (
                "webhookConfiguration: {matchConditions: [{name: a, expression: \"1\"}]}",
                "spec.webhookConfiguration.matchConditions[0].expression"
            ),
            (
                "validationFailureActionOverrides: [{namespaces: [a]}]",
                "spec.validationFailureActionOverrides[0].action"
            ),
        ])
    func `a mistake in the spec refuses the policy`(_ spec: String, _ path: String) throws {
        let set = try KyvernoFixture.set(KyvernoFixture.policy("validate: {deny: {}}", spec: spec))
        #expect(set.problems.map(\.path) == [path], "\(set.problems)")
        #expect(set.isEmpty)
    }

    @Test(
        arguments: [
            "generate: {kind: NetworkPolicy, name: x}",
            "verifyImages: [{imageReferences: [\"*\"]}]",
            "validate: {manifests: {attestors: []}}", "validate: {assert: {a: b}}",
            "imageExtractors: {Task: [{path: /spec}]}\nvalidate: {deny: {}}",
            "mutate: {targets: [{kind: Pod}], patchStrategicMerge: {a: b}}",
        ])
    func `a rule that does something else is refused alone, by its name`(_ rule: String) throws {
        let policy =
            KyvernoFixture.policy(rule) + """

                  - {name: s, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {}}}
                """
        let set = try KyvernoFixture.set(policy)
        #expect(set.problems.map(\.extent) == [.rule])
        #expect(set.problems.map(\.rule) == ["r"])
        let results = set.evaluate(
            try KyvernoFixture.request(), PolicySurroundings(now: KyvernoFixture.now))
        #expect(results.map(\.rule) == ["s"])
    }

    @Test func `names of rules are there, short and different`() throws {
        func paths(_ names: [String]) throws -> [String] {
            let rules = names.map {
                "  - {name: \"\($0)\", match: {any: [{resources: {kinds: [Pod]}}]}, "
                    + "validate: {deny: {}}}"
            }
            let policy = """
                apiVersion: kyverno.io/v1
                kind: ClusterPolicy
                metadata: {name: p}
                spec:
                  rules:
                \(rules.joined(separator: "\n"))
                """
            return try KyvernoFixture.set(policy).problems.map(\.path)
        }
        #expect(try paths(["a", "b"]) == [])
        #expect(try paths(["a", "a"]) == ["spec.rules[1].name"])
        #expect(try paths([""]) == ["spec.rules[0].name"])
        #expect(try paths([String(repeating: "x", count: 64)]) == ["spec.rules[0].name"])
    }

    @Test(
        arguments: [
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}", "{}", "[]", "text",
            "{apiVersion: kyverno.io/v9, kind: ClusterPolicy, metadata: {name: x}, spec: {}}",
            "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: x}}",
            "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {rules: []}}",
            "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, metadata: {name: x}, spec: "
                + "{rules: []}}",
            "{apiVersion: kyverno.io/v2, kind: CleanupPolicy, metadata: {name: x}}",
            "{apiVersion: kyverno.io/v2, kind: PolicyException, metadata: {name: x}, spec: {}}",
        ])
    func `what is no policy is named and not taken`(_ text: String) throws {
        let set = try KyvernoFixture.set(text)
        #expect(set.problems.count == 1)
        #expect(set.isEmpty)
    }

    @Test func `policies of all kinds are judged together, in their order`() throws {
        let text =
            KyvernoFixture.policy("validate: {deny: {}}") + """

                ---
                apiVersion: policies.kyverno.io/v1
                kind: ValidatingPolicy
                metadata: {name: v}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
                  validations: [{expression: "false"}]
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: b}
                spec: {policyName: a, validationActions: [Deny]}
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: a}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
                  validations: [{expression: "false"}]
                ---
                apiVersion: policies.kyverno.io/v1
                kind: PolicyException
                metadata: {name: e, namespace: n}
                spec: {policyRefs: [{name: v, kind: ValidatingPolicy}]}
                """
        let results = try KyvernoFixture.results(text)
        #expect(results.map(\.policy) == ["p", "v", "a"])
        #expect(results.map(\.outcome) == [.fail, .skip, .fail])
    }
}
