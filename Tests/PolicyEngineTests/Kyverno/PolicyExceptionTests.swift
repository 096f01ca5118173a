import KubernetesCore
import PolicyEngine
import Testing

@Suite struct PolicyExceptionTests {
    private func outcome(
        _ exception: String, rule: String = "validate: {deny: {}}",
        version: String = "kyverno.io/v2"
    ) throws -> PolicyResult? {
        try KyvernoFixture.results(
            KyvernoFixture.policy(rule) + """

                ---
                apiVersion: \(version)
                kind: PolicyException
                metadata: {name: e, namespace: n}
                spec:
                \(KyvernoFixture.indented(exception, by: 2))
                """
        ).first
    }

    private let match = "match: {any: [{resources: {kinds: [Pod], names: [\"w*\"]}}]}"

    @Test func `an object that is let off is skipped, and the exception is named`() throws {
        let result = try outcome("exceptions: [{policyName: p, ruleNames: [r]}]\n\(match)")
        #expect(result?.outcome == .skip)
        #expect(result?.message == "rule is skipped due to policy exceptions n/e")
    }

    @Test(
        arguments: [
            "exceptions: [{policyName: other, ruleNames: [r]}]\nMATCH",
            "exceptions: [{policyName: p, ruleNames: [x]}]\nMATCH",
            "exceptions: [{policyName: p, ruleNames: [r]}]\n"
                + "match: {any: [{resources: {kinds: [Pod], names: [x]}}]}",
            """
            exceptions: [{policyName: p, ruleNames: [r]}]
            MATCH
            conditions: {all: [{key: "{{ request.operation }}", operator: Equals, value: DELETE}]}
            """,
            // A condition that cannot be evaluated makes no exception.
            """
            exceptions: [{policyName: p, ruleNames: [r]}]
            MATCH
            conditions: {all: [{key: "{{ request.gone }}", operator: Equals, value: x}]}
            """,
        ])
    func `an exception is for the rules, objects and conditions that it names`(
        _ exception: String
    ) throws {
        #expect(
            try outcome(exception.replacing("MATCH", with: match))?.outcome == .fail)
    }

    @Test func `names of rules may have wildcards`() throws {
        #expect(
            try outcome(
                "exceptions: [{policyName: p, ruleNames: [\"*\"]}]\n\(match)",
                version: "kyverno.io/v2beta1")?.outcome == .skip)
    }

    @Test func `controls of pod security can be let off one by one`() throws {
        let rule = "validate: {podSecurity: {level: restricted, version: latest}}"
        let one = """
            exceptions: [{policyName: p, ruleNames: [r]}]
            \(match)
            podSecurity:
            - {controlName: Running as Non-root}
            - {controlName: Running as Non-root, images: ["*"]}
            """
        let result = try outcome(one, rule: rule)
        #expect(result?.outcome == .fail)
        #expect(result?.message.contains("runAsNonRoot") == false)
        #expect(result?.message.contains("seccompProfile") == true)
        let whole = "exceptions: [{policyName: p, ruleNames: [r]}]\n\(match)"
        #expect(try outcome(whole, rule: rule)?.outcome == .skip)
    }
}
