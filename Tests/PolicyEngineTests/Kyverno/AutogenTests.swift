import KubernetesCore
import PolicyEngine
import Testing

@Suite struct AutogenTests {
    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: d, namespace: team-a}
        spec:
          template:
            metadata: {labels: {app: web}}
            spec: {hostNetwork: true, containers: [{name: c, image: nginx}]}
        """
    private static let cronJob = """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: j, namespace: team-a}
        spec:
          jobTemplate:
            spec:
              template:
                metadata: {labels: {app: web}}
                spec: {hostNetwork: true, containers: [{name: c, image: nginx}]}
        """

    @Test(
        arguments: [
            "validate: {pattern: {spec: {\"=(hostNetwork)\": false}}}",
            "validate: {anyPattern: [{spec: {\"=(hostNetwork)\": false}}]}",
            """
            validate:
              deny:
                conditions:
                  all:
                  - {key: "{{ request.object.spec.hostNetwork }}", operator: Equals, value: true}
            """,
            """
            validate:
              foreach:
              - list: "request.object.spec.containers"
                pattern: {image: "!nginx"}
            """, "validate: {podSecurity: {level: baseline}}",
            "validate: {cel: {expressions: [{expression: \"!object.spec.hostNetwork\"}]}}",
            """
            preconditions: {all: [{key: "{{ request.object.metadata.labels.app }}",
              operator: Equals, value: web}]}
            validate: {deny: {}}
            """,
        ])
    func `a rule for pods holds for what makes pods`(_ rule: String) throws {
        let policy = KyvernoFixture.policy(rule)
        let direct = try KyvernoFixture.results(
            policy, try KyvernoFixture.request(Self.deployment))
        #expect(direct.map(\.rule) == ["autogen-r"])
        #expect(direct.map(\.outcome) == [.fail], "\(direct)")
        let scheduled = try KyvernoFixture.results(
            policy, try KyvernoFixture.request(Self.cronJob))
        #expect(scheduled.map(\.rule) == ["autogen-cronjob-r"])
        #expect(scheduled.map(\.outcome) == [.fail], "\(scheduled)")
    }

    @Test func `the annotation says which controllers`() throws {
        for (annotation, kinds) in [
            ("none", []), ("Deployment", ["Deployment"]), ("CronJob,Job", ["CronJob"]),
            ("all", []),
        ] as [(String, [String])] {
            let policy = KyvernoFixture.policy("validate: {deny: {}}").replacing(
                "metadata: {name: p}",
                with: "metadata: {name: p, annotations: "
                    + "{pod-policies.kyverno.io/autogen-controllers: \"\(annotation)\"}}")
            for (kind, text) in [("Deployment", Self.deployment), ("CronJob", Self.cronJob)] {
                let results = try KyvernoFixture.results(policy, try KyvernoFixture.request(text))
                #expect(results.isEmpty != kinds.contains(kind), "\(annotation) \(kind)")
            }
        }
    }

    @Test(
        arguments: [
            "any: [{resources: {kinds: [Pod], names: [x]}}, {resources: {kinds: [Pod]}}]",
            "any: [{resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}}]",
            "any: [{resources: {kinds: [Pod, Service]}}]", "any: [{resources: {kinds: [v1/Pod]}}]",
            "any: [{resources: {kinds: [Service]}}]",
        ])
    func `a policy that narrows its pods makes no rules`(_ match: String) throws {
        let policy = KyvernoFixture.policy("validate: {deny: {}}", match: match)
        #expect(
            try KyvernoFixture.results(policy, try KyvernoFixture.request(Self.deployment))
                .isEmpty)
    }

    @Test func `old versions of controllers are not meant`() throws {
        let old = Self.cronJob.replacing("batch/v1", with: "batch/v1beta1")
        #expect(
            try KyvernoFixture.results(
                KyvernoFixture.policy("validate: {deny: {}}"), try KyvernoFixture.request(old)
            ).isEmpty)
    }

    @Test func `a long name is cut`() throws {
        let name = String(repeating: "n", count: 63)
        let policy = KyvernoFixture.policy("validate: {deny: {}}")
            .replacing("name: r\n", with: "name: \(name)\n")
        let results = try KyvernoFixture.results(
            policy, try KyvernoFixture.request(Self.deployment))
        #expect(results.first?.rule == "autogen-" + String(repeating: "n", count: 55))
    }
}
