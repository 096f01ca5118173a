import KubernetesCore
import Testing

@testable import PolicyEngine

struct MatchConstraintsTests {
    private func matches(
        _ constraints: String, _ request: PolicyRequest
    ) throws -> PolicyResult.Outcome? {
        let policy = try ExpressionFixture.policy(
            """
            apiVersion: policies.kyverno.io/v1
            kind: ValidatingPolicy
            metadata: {name: p}
            spec:
              matchConstraints: {\(constraints)}
              autogen: {podControllers: {controllers: []}}
              validations: [{expression: "true"}]
            """)
        return policy.evaluate(request, ExpressionFixture.surroundings).first?.outcome
    }

    private static func rule(_ rest: String) -> String {
        "resourceRules: [{apiGroups: [''], apiVersions: [v1], \(rest)}]"
    }

    @Test(arguments: [
        ("operations: [CREATE], resources: [pods]", true),
        ("operations: ['*'], resources: ['*']", true),
        ("operations: [UPDATE], resources: [pods]", false),
        ("operations: [CREATE], resources: [services]", false),
        ("operations: [CREATE], resources: [pods/exec]", false),
        ("operations: [CREATE], resources: ['pods/*']", true),
        ("operations: [CREATE], resources: ['*/*']", true),
        ("operations: [CREATE], resources: [pods], scope: Cluster", false),
        ("operations: [CREATE], resources: [pods], scope: Namespaced", true),
        ("operations: [CREATE], resources: [pods], scope: '*'", true),
        ("operations: [CREATE], resources: [pods], resourceNames: [web]", true),
        ("operations: [CREATE], resources: [pods], resourceNames: [other]", false),
    ])
    func `a resource rule means what Kubernetes means`(_ rest: String, _ wanted: Bool) throws {
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        #expect((try matches(Self.rule(rest), request) != nil) == wanted)
    }

    @Test func `a subresource is matched only where it is named`() throws {
        var request = ExpressionFixture.request(try ExpressionFixture.pod())
        request.subresource = "ephemeralcontainers"
        for (resources, wanted) in [
            ("[pods]", false), ("['*']", false), ("['pods/*']", true), ("['*/*']", true),
            ("[pods/ephemeralcontainers]", true), ("['*/ephemeralcontainers']", true),
        ] {
            let rule = Self.rule("operations: [CREATE], resources: \(resources)")
            #expect((try matches(rule, request) != nil) == wanted, "\(resources)")
        }
    }

    @Test func `what is excluded is not matched`() throws {
        let rule = "operations: ['*'], resources: [pods]"
        let both =
            Self.rule(rule) + ", excludeResourceRules: [{apiGroups: [''], apiVersions: ['*'], "
            + rule + ", resourceNames: [web]}]"
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        #expect(try matches(both, request) == nil)
    }

    @Test(arguments: [
        ("namespaceSelector: {matchLabels: {tier: gold}}", true),
        ("namespaceSelector: {matchLabels: {tier: tin}}", false),
        ("namespaceSelector: {matchExpressions: [{key: tier, operator: Exists}]}", true),
        ("namespaceSelector: {}", true), ("objectSelector: {matchLabels: {app: web}}", true),
        ("objectSelector: {matchLabels: {app: db}}", false),
    ])
    func `selectors look at the namespace and the object`(_ selector: String, _ wanted: Bool)
        throws
    {
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        let rule = Self.rule("operations: [CREATE], resources: [pods]")
        #expect((try matches(rule + ", " + selector, request) != nil) == wanted)
    }

    @Test func `a selector on a namespace that is not known is an error, not a mismatch`() throws {
        let request = ExpressionFixture.request(try ExpressionFixture.pod(), namespace: .null)
        let rule = Self.rule("operations: [CREATE], resources: [pods]")
        let selector = ", namespaceSelector: {matchLabels: {tier: gold}}"
        #expect(try matches(rule + selector, request) == .error)
        let elsewhere = Self.rule("operations: [DELETE], resources: [pods]")
        #expect(try matches(elsewhere + selector, request) == nil)
    }

    @Test func `an object selector takes the old object as well`() throws {
        var request = ExpressionFixture.request(
            try ExpressionFixture.pod("metadata: {labels: {app: db}}"), .update)
        request.oldObject = try ExpressionFixture.pod()
        let rule = Self.rule("operations: [UPDATE], resources: [pods]")
        #expect(
            try matches(rule + ", objectSelector: {matchLabels: {app: web}}", request) == .pass)
    }

    @Test func `a namespace is selected by its own labels`() throws {
        let request = PolicyRequest(.create, ExpressionFixture.namespace, of: .namespace)
        let rule = Self.rule("operations: [CREATE], resources: [namespaces]")
        let gold = ", namespaceSelector: {matchLabels: {tier: gold}}"
        #expect(try matches(rule + gold, request) == .pass)
        let tin = ", namespaceSelector: {matchLabels: {tier: tin}}"
        #expect(try matches(rule + tin, request) == nil)
        #expect(
            try matches(
                Self.rule("operations: [CREATE], resources: [namespaces], scope: Cluster"),
                request) == .pass)
    }
}
