import KubernetesCore
import PolicyEngine
import Testing
import YAMLReading

@Suite struct OfflineTests {
    private func rows(
        _ policy: String, values: String = "{}", resources: String = KyvernoFixture.pod,
        context: String? = nil
    ) throws -> [OfflineEvaluation.Row] {
        var cluster = OfflineCluster()
        if let context {
            try cluster.read(try KyvernoFixture.value(context), source: "context.yaml")
        }
        let evaluation = OfflineEvaluation(
            policies: [
                PolicyDocument(source: "p.yaml", object: try KyvernoFixture.value(policy))
            ],
            values: try OfflineValues(
                reading: try KyvernoFixture.value(values), source: "values.yaml"),
            cluster: cluster)
        #expect(evaluation.policies.problems == [])
        return evaluation.judge(
            OfflineResources(try YAMLText.read(resources)), at: KyvernoFixture.now
        ).flatMap(\.rows)
    }

    private let reading = KyvernoFixture.policy(
        """
        context:
        - {name: m, configMap: {name: m, namespace: n}}
        - {name: i, imageRegistry: {reference: x}}
        - {name: s, apiCall: {method: POST, urlPath: /apis/x}}
        validate:
          message: "{{ m.data.k || 'none' }} {{ i.configData.os || 'none' }} {{ s || 'none' }}"
          deny: {}
        """)

    @Test func `values of a rule stand for what its context would load`() throws {
        let values = """
            policies:
            - name: p
              rules:
              - name: r
                values: {m.data.k: v, i.configData.os: linux}
                foreachValues: {s: [first, second]}
            """
        #expect(try rows(reading, values: values).first?.result.message == "v linux first")
        #expect(try rows(reading).first?.result.message == "none none none")
    }

    @Test func `a context file stands for the cluster`() throws {
        let context = """
            apiVersion: cli.kyverno.io/v1alpha1
            kind: Context
            metadata: {name: c}
            spec:
              resources:
              - {apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: n}, data: {k: v}}
              images:
              - {image: x, configData: {os: linux}}
            """
        #expect(
            try rows(reading, context: context).first?.result.message == "v linux none")
    }

    @Test func `values of a resource change the request`() throws {
        let policy = KyvernoFixture.policy(
            """
            validate:
              allowExistingViolations: false
              message: "{{ request.operation }} {{ request.object.metadata.labels.app }}"
              deny: {}
            """)
        let values = """
            globalValues: {request.object.metadata.labels.app: changed}
            policies:
            - name: p
              resources:
              - {name: web, values: {request.operation: UPDATE}}
            """
        #expect(try rows(policy, values: values).first?.result.message == "UPDATE changed")
        #expect(
            try rows(policy, values: "globalValues: {request.operation: DELETE}").first?.result
                .message == "DELETE web")
    }

    @Test func `namespaces have the labels that the values give them`() throws {
        let policy = KyvernoFixture.policy(
            "validate: {deny: {}}",
            match: "any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {a: b}}}}]")
        #expect(try rows(policy).isEmpty)
        for values in [
            "namespaceSelector: [{name: team-a, labels: {a: b}}]",
            "namespaces: [{metadata: {name: team-a, labels: {a: b}}}]",
        ] {
            #expect(try rows(policy, values: values).count == 1)
        }
    }

    @Test func `a kind can be a subresource of another one`() throws {
        let policy = KyvernoFixture.policy(
            "validate: {deny: {}}", match: "any: [{resources: {kinds: [Deployment/scale]}}]")
        let values = """
            subresources:
            - subresource: {name: deployments/scale, kind: Scale, group: autoscaling, version: v1}
              parentResource: {name: deployments, kind: Deployment, group: apps, version: v1}
            """
        let scale = "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: d}}"
        #expect(try rows(policy, values: values, resources: scale).count == 1)
        #expect(try rows(policy, resources: scale).isEmpty)
    }

    @Test(
        arguments: [
            "global: {a: b}", "policies: [{name: p, rule: []}]", "policies: [{rules: []}]",
            "namespaceSelector: [{labels: {a: b}}]", "policies: {}", "namespaces: [{}]",
            "subresources: [{subresource: {name: a, kind: b}}]",
        ])
    func `values with unknown fields are refused`(_ text: String) throws {
        let value = try KyvernoFixture.value(text)
        #expect(throws: PolicyProblem.self) {
            try OfflineValues(reading: value, source: "values.yaml")
        }
    }

    @Test func `objects are made ready as Kyverno makes them`() throws {
        let resources = OfflineResources(
            try YAMLText.read(
                """
                {apiVersion: v1, kind: Pod, metadata: {name: a, labels: null}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}
                ---
                {apiVersion: v1, kind: Node, metadata: {name: n}}
                ---
                {apiVersion: v1, kind: List, items: [{apiVersion: networking.k8s.io/v1,
                  kind: NetworkPolicy, metadata: {name: p}}]}
                ---
                {kind: Pod}
                """))
        #expect(resources.resources.map(\.type.plural) == ["pods", "nodes", "networkpolicies"])
        #expect(resources.resources.map(\.document) == [0, 2, 3])
        #expect(
            resources.resources.first?.object["metadata"]
                == ["name": "a", "namespace": "default", "labels": [:]])
        #expect(resources.resources[1].object["metadata"] == ["name": "n"])
        #expect(resources.problems == ["document 5 has no apiVersion and kind"])
    }

    @Test func `who asks is read from a file`() throws {
        let user = try PolicyRequest.User(
            reading: try KyvernoFixture.value(
                """
                apiVersion: cli.kyverno.io/v1alpha1
                kind: UserInfo
                metadata: {name: u}
                clusterRoles: [admin]
                userInfo: {username: ann, groups: [dev]}
                """), source: "user.yaml")
        #expect(
            user == PolicyRequest.User(name: "ann", groups: ["dev"], clusterRoles: ["admin"]))
        #expect(throws: PolicyProblem.self) {
            try PolicyRequest.User(reading: ["user": "ann"], source: "user.yaml")
        }
    }

    // MARK: Tests of policies

    private func report(_ results: String, _ policy: String) throws -> PolicyTestReport {
        let test = try PolicyTest(
            reading: try KyvernoFixture.value(
                "{name: t, policies: [p.yaml], resources: [r.yaml], results: \(results)}"),
            source: "kyverno-test.yaml")
        let evaluation = OfflineEvaluation(policies: [
            PolicyDocument(source: "p.yaml", object: try KyvernoFixture.value(policy))
        ])
        let pod = try KyvernoFixture.value(KyvernoFixture.pod)
        var patched = pod
        patched[path: ["metadata", "labels", "team"]] = "a"
        patched[path: ["metadata", "finalizers"]] = []
        return PolicyTestReport(
            test, evaluation.judge(OfflineResources([pod]), at: KyvernoFixture.now),
            problems: evaluation.policies.problems, patched: ["patched.yaml": [patched]])
    }

    @Test(
        arguments: [
            ("[{policy: p, rule: r, resource: web, result: fail}]", [true]),
            ("[{policy: p, rule: r, resources: [team-a/web], kind: Pod, result: pass}]", [false]),
            ("[{policy: p, resources: [web, gone], result: fail}]", [true, false]),
            ("[{policy: p, rule: other, resources: [web], result: fail}]", [true]),
            ("[{policy: p, rule: r, kind: Pod, result: fail}]", [true]),
            ("[{policy: p, rule: r, kind: Job, result: fail}]", []),
            ("[{policy: p, rule: r, resources: [web], namespace: x, result: fail}]", [false]),
        ] as [(String, [Bool])])
    func `expectations are held against what came out`(_ results: String, _ met: [Bool]) throws {
        let report = try report(results, KyvernoFixture.policy("validate: {deny: {}}"))
        #expect(report.lines.map(\.isMet) == met, "\(report.lines.map(\.reason))")
        #expect(report.isGood == !met.contains(false))
    }

    @Test func `what a mutation is to make is compared without what says nothing`() throws {
        let expected =
            "[{policy: p, rule: r, resources: [web], result: pass, patchedResources: patched.yaml}]"
        let policy = KyvernoFixture.policy(
            "mutate: {patchStrategicMerge: {metadata: {labels: {+(team): a}}}}")
        #expect(try report(expected, policy).isGood)
        let other = policy.replacing(": a}", with: ": b}")
        #expect(try !report(expected, other).isGood)
    }

    @Test func `a policy that is refused meets no expectation`() throws {
        let report = try report(
            "[{policy: p, rule: r, resources: [web], result: fail}]",
            KyvernoFixture.policy("generate: {kind: Pod}"))
        #expect(report.lines.map(\.isMet) == [false])
        #expect(report.lines.first?.reason.contains("generate rules are not supported") == true)
    }

    @Test(
        arguments: [
            "{results: [{policy: p, result: maybe}]}", "{result: []}",
            "{results: [{result: pass}]}", "{results: [{policy: p, result: pass, rules: x}]}",
            "{clusterResources: [a.yaml]}", "{checks: [{}]}",
        ])
    func `tests with unknown fields are refused`(_ text: String) throws {
        let value = try KyvernoFixture.value(text)
        #expect(throws: PolicyProblem.self) {
            try PolicyTest(reading: value, source: "kyverno-test.yaml")
        }
    }
}
