import KubernetesCore
import Testing

@testable import PolicyEngine

struct ValidatingPolicyTests {
    private func evaluate(
        _ spec: String, pod rest: String = "", exceptions: [ExpressionException] = []
    ) throws -> [PolicyResult] {
        var policy = try ExpressionFixture.validating(spec)
        policy.attach(exceptions)
        return policy.evaluate(
            ExpressionFixture.request(try ExpressionFixture.pod(rest)),
            ExpressionFixture.surroundings)
    }

    @Test func `the first validation that does not hold decides, and nothing behind it runs`()
        throws
    {
        let results = try evaluate(
            """
            validations:
            - {expression: "true"}
            - {expression: "object.metadata.name == 'other'", message: wrong name}
            - {expression: "object.spec.missing == 1"}
            """)
        #expect(results.count == 1)
        #expect(results.first?.outcome == .fail)
        #expect(results.first?.message == "wrong name")
        #expect(results.first?.rule == "validations[1]")
        #expect(results.first?.action == .enforce)
        #expect(results.first?.forbids == true)
    }

    @Test func `a validation that cannot be evaluated is an error, never a pass`() throws {
        let failing = "validations: [{expression: \"object.spec.missing == 1\"}]"
        let result = try #require(try evaluate(failing).first)
        #expect(result.outcome == .error)
        #expect(result.forbids)
        let ignoring = try #require(try evaluate(failing + "\nfailurePolicy: Ignore").first)
        #expect(ignoring.outcome == .error)
        #expect(!ignoring.forbids)
    }

    @Test(arguments: [
        ("[Deny]", PolicyResult.Action.enforce), ("[Audit]", .audit), ("[Warn]", .warn),
        ("[Warn, Audit]", .warn), ("[Audit, Deny]", .enforce),
        ("[Warn, Deny]", .enforce), ("[]", .enforce),
    ])
    func `the strongest of the validation actions counts`(
        _ actions: String, _ wanted: PolicyResult.Action
    ) throws {
        let results = try evaluate(
            "validationActions: \(actions)\nvalidations: [{expression: \"false\"}]")
        #expect(results.map(\.action) == [wanted])
    }

    @Test func `a policy that is not for admission only reports`() throws {
        let results = try evaluate(
            "evaluation: {admission: {enabled: false}}\nvalidations: [{expression: \"false\"}]")
        #expect(results.map(\.action) == [.audit])
    }

    @Test(
        arguments: [
            ("message: plain", "plain"), ("messageExpression: \"'a' + 'b'\"", "ab"),
            ("{}", "CEL expression validation failed at index 0"),
            ("messageExpression: \"object.x\"", nil),
            ("messageExpression: \"string(object.x)\"", "failed to evaluate message expression"),
        ] as [(String, String?)])
    func `a message is an expression's, else the text, else the index`(
        _ rest: String, _ wanted: String?
    ) throws {
        let part = rest == "{}" ? "" : ", \(rest)"
        let spec = "validations: [{expression: \"false\"\(part)}]"
        guard let wanted else {
            #expect(throws: PolicyProblem.self) { try ExpressionFixture.validating(spec) }
            return
        }
        let result = try #require(try evaluate(spec).first)
        #expect(result.message.hasPrefix(wanted), "\(result.message)")
    }

    @Test func `a false match condition wins over one that fails`() throws {
        let failing = "{name: bad, expression: \"object.x == 1\"}"
        let unmet = "{name: no, expression: \"false\"}"
        let body = "\nvalidations: [{expression: \"false\"}]"
        let skip = try evaluate("matchConditions: [\(failing), \(unmet)]" + body)
        #expect(skip.map(\.outcome) == [.skip])
        let error = try evaluate("matchConditions: [\(failing)]" + body)
        #expect(error.map(\.outcome) == [.error])
        let ignored = try evaluate("failurePolicy: Ignore\nmatchConditions: [\(failing)]" + body)
        #expect(ignored.map(\.outcome) == [.skip])
    }

    @Test func `variables are evaluated only when they are used, each once`() throws {
        let results = try evaluate(
            """
            variables:
            - {name: broken, expression: "object.x.y"}
            - {name: names, expression: "object.spec.containers.map(c, c.name)"}
            - {name: count, expression: "size(variables.names)"}
            validations:
            - {expression: "variables.count == 1 || variables.broken == 1"}
            - {expression: "has(object.spec) && variables.names == ['main']"}
            """)
        #expect(results.map(\.outcome) == [.pass])
    }

    @Test func `audit annotations go with the verdict`() throws {
        let results = try evaluate(
            """
            validations: [{expression: "true"}]
            auditAnnotations:
            - {key: name, valueExpression: "'pod ' + string(object.metadata.name)"}
            - {key: none, valueExpression: "''"}
            """)
        #expect(results.first?.annotations == ["name": "pod web"])
    }

    @Test func `the webhook's conditions keep a request away`() throws {
        let body = "\nvalidations: [{expression: \"false\"}]"
        let filter = "webhookConfiguration: {matchConditions: [{name: n, expression: \"%\"}]}"
        let away = filter.replacing("%", with: "request.operation == 'DELETE'")
        #expect(try evaluate(away + body).isEmpty)
        let through = filter.replacing("%", with: "request.operation == 'CREATE'")
        #expect(try evaluate(through + body).map(\.outcome) == [.fail])
    }

    @Test func `a policy of a namespace holds only there`() throws {
        let text = """
            apiVersion: policies.kyverno.io/v1
            kind: NamespacedValidatingPolicy
            metadata: {name: p, namespace: "%"}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              validations: [{expression: "false"}]
            """
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        let own = try ExpressionFixture.policy(text.replacing("%", with: "team"))
        let results = own.evaluate(request, ExpressionFixture.surroundings)
        #expect(results.map(\.policy) == ["team/p"])
        let other = try ExpressionFixture.policy(text.replacing("%", with: "other"))
        #expect(other.evaluate(request, ExpressionFixture.surroundings).isEmpty)
    }

    @Test func `a policy of the JSON mode judges documents and no requests`() throws {
        let policy = try ExpressionFixture.policy(
            """
            apiVersion: policies.kyverno.io/v1
            kind: ValidatingPolicy
            metadata: {name: p}
            spec:
              evaluation: {mode: JSON}
              validations: [{expression: "object.size == 3", message: size}]
            """)
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        #expect(policy.evaluate(request, ExpressionFixture.surroundings).isEmpty)
        let good = policy.evaluate(document: ["size": 3], ExpressionFixture.surroundings)
        #expect(good.map(\.outcome) == [.pass])
        let bad = policy.evaluate(document: ["size": 4], ExpressionFixture.surroundings)
        #expect(bad.map(\.message) == ["size"])
    }

    // MARK: Exceptions

    private func exception(_ spec: String, labels: String = "{}") throws -> ExpressionException {
        try ExpressionException(
            try ExpressionFixture.document(
                """
                apiVersion: policies.kyverno.io/v1
                kind: PolicyException
                metadata: {name: e, namespace: team, labels: \(labels)}
                spec:
                  policyRefs: [{name: p, kind: ValidatingPolicy}]
                  \(spec)
                """))
    }

    @Test func `an exception skips or passes what it matches`() throws {
        let spec = "validations: [{expression: \"false\"}]"
        let matching = "matchConditions: [{name: n, expression: \"object.metadata.name == 'web'\"}]"
        let skip = try evaluate(spec, exceptions: [try exception(matching)])
        #expect(skip.map(\.outcome) == [.skip])
        #expect(
            skip.first?.message == "rule is skipped due to policy exception: team/e")
        let pass = try evaluate(
            spec, exceptions: [try exception(matching + "\n  reportResult: pass")])
        #expect(pass.map(\.outcome) == [.pass])
        let other = matching.replacing("web", with: "other")
        #expect(
            try evaluate(spec, exceptions: [try exception(other)]).map(\.outcome) == [.fail])
    }

    @Test func `an exception that has expired does not count`() throws {
        let spec = "validations: [{expression: \"false\"}]"
        let past = try exception("expiresAt: \"2020-01-01T00:00:00Z\"")
        #expect(try evaluate(spec, exceptions: [past]).map(\.outcome) == [.fail])
        let future = try exception("expiresAt: \"2120-01-01T00:00:00Z\"")
        #expect(try evaluate(spec, exceptions: [future]).map(\.outcome) == [.skip])
    }

    @Test func `an exception can widen what a policy allows`() throws {
        let spec =
            "validations: [{expression: \"object.metadata.name in exceptions.allowedValues\"}]"
        #expect(try evaluate(spec).map(\.outcome) == [.fail])
        let wide = try exception("allowedValues: [web]")
        #expect(try evaluate(spec, exceptions: [wide]).map(\.outcome) == [.pass])
    }
}
