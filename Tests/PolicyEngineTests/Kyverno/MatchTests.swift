import KubernetesCore
import PolicyEngine
import Testing

@Suite struct MatchTests {
    @Test(
        arguments: [
            ("Pod", true), ("pod", false), ("Po*", true), ("v1/Pod", true), ("v2/Pod", false),
            ("*/Pod", true), ("apps/v1/Pod", false), ("/v1/Pod", nil), ("*", true),
            ("*/*", true), ("Pod/status", false), ("Deployment", false), ("", nil),
            ("*/*/Pod", false), ("v*/Pod", false),
        ] as [(String, Bool?)])
    func `kinds are named by kind, version and group`(_ kind: String, _ meant: Bool?) throws {
        let policy = KyvernoFixture.policy(
            "validate: {deny: {}}", match: "any: [{resources: {kinds: [\"\(kind)\"]}}]")
        guard let meant else {
            #expect(try KyvernoFixture.set(policy).problems.count == 1)
            return
        }
        #expect(try KyvernoFixture.results(policy).isEmpty != meant)
    }

    @Test func `a subresource is only meant where it is named, but for ephemeral containers`()
        throws
    {
        func hits(_ kind: String, _ subresource: String) throws -> Bool {
            var request = try KyvernoFixture.request()
            request.subresource = subresource
            let match = "any: [{resources: {kinds: [\"\(kind)\"]}}]"
            return try !KyvernoFixture.results(
                KyvernoFixture.policy("validate: {deny: {}}", match: match), request
            ).isEmpty
        }
        #expect(try hits("Pod", "ephemeralcontainers"))
        #expect(try !hits("Pod", "exec"))
        #expect(try hits("Pod/exec", "exec"))
        #expect(try hits("v1/Pod.exec", "exec"))
        #expect(try hits("*/*", "exec"))
        #expect(try hits("*/exec", "exec"))
    }

    @Test(
        arguments: [
            ("name: web", true), ("name: w?b", true), ("name: other", false),
            ("names: [a, we*]", true), ("namespaces: [team-*]", true),
            ("namespaces: [default]", false), ("annotations: {own*: a*}", true),
            ("annotations: {owner: bob}", false),
            ("selector: {matchLabels: {app: web}}", true),
            ("selector: {matchLabels: {\"a*\": \"w*\"}}", true),
            ("selector: {matchLabels: {\"z*\": \"*\"}}", false),
            ("selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}", true),
            ("selector: {matchExpressions: [{key: gone, operator: NotIn, values: [x]}]}", true),
            ("selector: {matchExpressions: [{key: app, operator: DoesNotExist}]}", false),
            ("namespaceSelector: {matchLabels: {env: prod}}", true),
            ("namespaceSelector: {matchLabels: {env: dev}}", false),
            ("operations: [CREATE]", true), ("operations: [UPDATE, DELETE]", false),
        ] as [(String, Bool)])
    func `every attribute of a filter must hold`(_ attribute: String, _ meant: Bool) throws {
        let match = "any: [{resources: {kinds: [Pod], \(attribute)}}]"
        let request = try KyvernoFixture.request(
            namespace: ["metadata": ["name": "team-a", "labels": ["env": "prod"]]])
        let results = try KyvernoFixture.results(
            KyvernoFixture.policy("validate: {deny: {}}", match: match), request)
        #expect(results.isEmpty != meant)
    }

    private static let ann = PolicyRequest.User(
        name: "system:serviceaccount:ci:ann", groups: ["dev"], roles: ["team-a:edit"],
        clusterRoles: ["admin"])

    @Test(
        arguments: [
            ("subjects: [{kind: User, name: \"system:*\"}]", true),
            ("subjects: [{kind: Group, name: dev}]", true),
            ("subjects: [{kind: Group, name: ops}]", false),
            ("subjects: [{kind: ServiceAccount, name: ann, namespace: ci}]", true),
            ("subjects: [{kind: ServiceAccount, name: ann, namespace: cd}]", false),
            ("roles: [\"team-a:edit\"]", true), ("clusterRoles: [view]", false),
            ("roles: [\"team-a:edit\"], clusterRoles: [view]", false),
        ] as [(String, Bool)])
    func `who asks may be part of a filter`(_ users: String, _ meant: Bool) throws {
        let match = "any: [{resources: {kinds: [Pod]}, \(users)}]"
        let results = try KyvernoFixture.results(
            KyvernoFixture.policy("validate: {deny: {}}", match: match),
            try KyvernoFixture.request(user: Self.ann))
        #expect(results.isEmpty != meant)
    }

    @Test func `without a user a rule goes by the object, and nothing is excluded for its user`()
        throws
    {
        let users = "subjects: [{kind: User, name: ann}]"
        let both = KyvernoFixture.policy(
            "validate: {deny: {}}", match: "any: [{resources: {kinds: [Pod]}, \(users)}]")
        #expect(try KyvernoFixture.results(both).count == 1)
        let alone = KyvernoFixture.policy("validate: {deny: {}}", match: "any: [{\(users)}]")
        #expect(try KyvernoFixture.results(alone).isEmpty)
        let excluding = KyvernoFixture.policy(
            "exclude: {any: [{resources: {kinds: [Pod]}, \(users)}]}\nvalidate: {deny: {}}")
        #expect(try KyvernoFixture.results(excluding).count == 1)
    }

    @Test(
        arguments: [
            ("any: [{resources: {kinds: [Pod]}}, {resources: {kinds: [Job]}}]", true),
            ("all: [{resources: {kinds: [Pod]}}, {resources: {namespaces: [x]}}]", false),
            ("all: [{resources: {kinds: [Pod]}}, {resources: {names: [web]}}]", true),
            ("resources: {kinds: [Pod]}", true), ("any: [{}]", false),
        ] as [(String, Bool)])
    func `filters are joined by any or all, or stand alone`(_ match: String, _ meant: Bool) throws {
        let policy = KyvernoFixture.policy("validate: {deny: {}}", match: match)
        #expect(try KyvernoFixture.results(policy).isEmpty != meant)
    }

    @Test func `what is excluded is not judged`() throws {
        let rule = """
            exclude: {all: [{resources: {names: ["w*"]}}, {resources: {namespaces: [team-a]}}]}
            validate: {deny: {}}
            """
        #expect(try KyvernoFixture.outcome(rule) == nil)
        let other = rule.replacing("team-a", with: "team-b")
        #expect(try KyvernoFixture.outcome(other)?.outcome == .fail)
    }

    @Test func `an update is for a rule if the old or the new object is`() throws {
        let policy = KyvernoFixture.policy(
            "validate: {deny: {}}",
            match: "any: [{resources: {kinds: [Pod], selector: {matchLabels: {app: web}}}}]")
        var request = try KyvernoFixture.request()
        request.operation = .update
        request.oldObject = request.object
        request.object[path: ["metadata", "labels"]] = ["app": "other"]
        #expect(try KyvernoFixture.results(policy, request).count == 1)
        request.oldObject = request.object
        #expect(try KyvernoFixture.results(policy, request).isEmpty)
    }

    @Test func `a policy of a namespace holds only there`() throws {
        let policy = """
            apiVersion: kyverno.io/v1
            kind: Policy
            metadata: {name: p, namespace: team-a}
            spec:
              rules:
              - name: r
                match: {any: [{resources: {kinds: [Pod]}}]}
                validate: {deny: {}}
            """
        #expect(try KyvernoFixture.results(policy).first?.policy == "team-a/p")
        let elsewhere = policy.replacing("team-a", with: "team-b")
        #expect(try KyvernoFixture.results(elsewhere).isEmpty)
    }
}
