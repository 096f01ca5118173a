import KubernetesCore
import PolicyEngine
import Testing

@Suite struct RuleTests {
    // MARK: Messages

    @Test(
        arguments: [
            (
                "validate: {message: No., pattern: {metadata: {name: other}}}",
                "validation error: No. rule r failed at path /metadata/name/"
            ),
            (
                "validate: {pattern: {metadata: {name: other}}}",
                "validation error: rule r failed at path /metadata/name/"
            ), ("validate: {pattern: {kind: Pod}}", "validation rule 'r' passed."),
            (
                "validate: {message: No, anyPattern: [{kind: A}, {kind: B}]}",
                "validation error: No. rule r[0] failed at path /kind/ rule r[1] failed at path "
                    + "/kind/"
            ),
            (
                "validate: {anyPattern: [{kind: A}, {kind: Pod}]}",
                "validation rule 'r' anyPattern[1] passed."
            ), ("validate: {deny: {}}", "validation error: rule r failed"),
            (
                """
                validate:
                  message: "name {{ request.object.metadata.name }}"
                  deny:
                    conditions:
                      any: [{key: 1, operator: Equals, value: 1, message: "is {{ 'one' }}"}]
                """, "name web; is one"
            ),
            (
                "validate: {message: \"lost {{ request.object.gone }}\", deny: {}}",
                "lost {{ request.object.gone }}"
            ),
            (
                """
                preconditions:
                  all: [{key: 1, operator: Equals, value: 2, message: too few}]
                validate: {deny: {}}
                """, "preconditions not met; too few"
            ),
            (
                """
                validate:
                  message: No.
                  foreach:
                  - list: request.object.spec.containers
                    pattern: {image: "*/*"}
                """,
                "validation failure: validation error: No. rule r failed at path /image/"
            ),
        ])
    func `verdicts say what Kyverno says`(_ rule: String, _ message: String) throws {
        #expect(try KyvernoFixture.outcome(rule)?.message == message)
    }

    @Test func `a failure names the place in the object`() throws {
        let result = try KyvernoFixture.outcome(
            "validate: {pattern: {spec: {containers: [{image: \"ghcr.io/*\"}]}}}")
        #expect(result?.path == "/spec/containers/1/image/")
    }

    // MARK: Conditions

    @Test(
        arguments: [
            ("{all: [], any: []}", false), ("{all: []}", true), ("[]", true), ("{}", true),
            ("{any: [{key: 1, operator: equals, value: 1}]}", true),
            (
                """
                {any: [{key: 1, operator: Equals, value: 1},
                  {key: "{{ request.gone }}", operator: Equals, value: 1}]}
                """, true
            ),
            (
                """
                {all: [{key: 1, operator: Equals, value: 2},
                  {key: "{{ request.gone }}", operator: Equals, value: 1}]}
                """, false
            ),
            (
                "[{key: 1, operator: Equals, value: 1}, {key: 1, operator: NotEquals, value: 1}]",
                false
            ),
        ] as [(String, Bool)])
    func `conditions are joined by any and all, and stop where they are decided`(
        _ conditions: String, _ holds: Bool
    ) throws {
        let result = try KyvernoFixture.outcome(
            "validate: {deny: {conditions: \(conditions)}}")
        #expect(result?.outcome == (holds ? .fail : .pass))
    }

    // MARK: foreach

    private func each(_ entry: String) throws -> PolicyResult.Outcome? {
        try KyvernoFixture.outcome(
            "validate:\n  foreach:\n" + KyvernoFixture.indented(entry, by: 2))?.outcome
    }

    @Test(
        arguments: [
            ("- {list: request.object.spec.containers, pattern: {name: \"?*\"}}", .pass),
            ("- {list: request.object.spec.containers, pattern: {name: main}}", .fail),
            // Elements that a pattern is not about do not count.
            (
                "- {list: request.object.spec.containers, pattern: {(name): main, image: ghcr*}}",
                .pass
            ), ("- {list: request.object.spec.containers, pattern: {(name): x}}", nil),
            ("- {list: request.object.spec.gone, pattern: {name: x}}", nil),
            ("- {list: \"request.object.spec.containers[].gone\", deny: {}}", nil),
            // A list that cannot be evaluated is not an empty one.
            ("- {list: \"length(request.object.spec.gone)\", deny: {}}", .error),
            // What is no list has one element.
            (
                """
                - list: request.object.metadata.name
                  deny: {conditions: {all: [{key: "{{ element }}", operator: Equals, value: web}]}}
                """, .fail
            ),
            ("- {list: \"request.object.spec.containers[].name\", pattern: {kind: Pod}}", .pass),
            (
                """
                - list: request.object.spec.containers
                  elementScope: false
                  pattern: {kind: Pod}
                """, .pass
            ),
            (
                "- {list: \"request.object.spec.containers[].name\", elementScope: true, "
                    + "pattern: {kind: Pod}}", .error
            ),
            (
                """
                - list: request.object.spec.containers
                  preconditions: {all: [{key: "{{ element.name }}", operator: Equals, value: side}]}
                  pattern: {image: nginx}
                """, .pass
            ),
            (
                """
                - list: request.object.spec.containers
                  preconditions: {all: [{key: "{{ element.gone }}", operator: Equals, value: x}]}
                  deny: {}
                """, nil
            ),
            (
                """
                - list: request.object.spec.containers
                  context: [{name: index, variable: {jmesPath: elementIndex}}]
                  deny: {conditions: {all: [{key: "{{ index }}", operator: Equals, value: 1}]}}
                """, .fail
            ),
            (
                """
                - list: request.object.spec.containers
                  foreach:
                  - list: "['a', 'b']"
                    deny:
                      conditions:
                        all:
                        - key: "{{ element0.name }}{{ element1 }}{{ elementIndex0 }}{{ element }}"
                          operator: Equals
                          value: sideb1b
                """, .fail
            ),
            (
                """
                - list: request.object.spec.containers
                  deny: {conditions: {all: [{key: "{{ element.gone }}", operator: Equals,
                    value: x}]}}
                """, .error
            ),
        ] as [(String, PolicyResult.Outcome?)])
    func `every element of a list is judged`(
        _ entry: String, _ outcome: PolicyResult.Outcome?
    ) throws {
        #expect(try each(entry) == outcome)
    }

    @Test func `what one element loads is not there for the next`() throws {
        let entry = """
            - list: request.object.spec.containers
              context:
              - {name: image, variable: {jmesPath: element.image}}
              deny:
                conditions: {all: [{key: "{{ image }}", operator: NotEquals,
                  value: "{{ element.image }}"}]}
            """
        #expect(try each(entry) == .pass)
    }

    // MARK: What a verdict means

    @Test(
        arguments: [
            ("Enforce", "", "", .enforce), ("enforce", "", "", .enforce),
            ("Audit", "", "", .audit), ("Audit", "emitWarning: true", "", .warn),
            ("Audit", "", "failureAction: Enforce", .enforce),
            ("Enforce", "", "failureAction: Audit", .audit),
            (
                "Audit",
                "validationFailureActionOverrides: [{action: enforce, namespaces: [team-*]}]", "",
                .enforce
            ),
            (
                "Audit",
                "validationFailureActionOverrides: [{action: enforce, namespaces: [x]}]", "",
                .audit
            ),
            (
                "Audit",
                """
                validationFailureActionOverrides:
                - action: Enforce
                  namespaceSelector: {matchLabels: {env: prod}}
                """, "", .enforce
            ),
            (
                "Enforce", "",
                "failureActionOverrides: [{action: Audit, namespaces: [team-a]}]", .audit
            ),
        ] as [(String, String, String, PolicyResult.Action)])
    func `the action is that of the rule, else of the policy, by namespace`(
        _ general: String, _ spec: String, _ rule: String, _ action: PolicyResult.Action
    ) throws {
        let policy = KyvernoFixture.policy(
            "validate: {deny: {}\(rule.isEmpty ? "" : ", " + rule)}", spec: spec
        ).replacing("Action: Enforce\n", with: "Action: \(general)\n")
        let request = try KyvernoFixture.request(
            namespace: ["metadata": ["name": "team-a", "labels": ["env": "prod"]]])
        let result = try KyvernoFixture.results(policy, request).first
        #expect(result?.action == action)
        #expect(result?.forbids == (action == .enforce))
    }

    @Test func `an error forbids unless the failure policy says otherwise`() throws {
        let rule = "validate: {pattern: {kind: \"{{ request.gone }}\"}}"
        #expect(try KyvernoFixture.outcome(rule)?.forbids == true)
        let open = try KyvernoFixture.results(
            KyvernoFixture.policy(rule, spec: "failurePolicy: Ignore"))
        #expect(open.first?.outcome == .error)
        #expect(open.first?.forbids == false)
    }

    @Test func `a failure that is not scored is a warning`() throws {
        let policy = KyvernoFixture.policy("validate: {deny: {}}").replacing(
            "metadata: {name: p}",
            with: "metadata: {name: p, annotations: {policies.kyverno.io/scored: \"false\"}}")
        #expect(try KyvernoFixture.results(policy).first?.outcome == .warn)
    }

    @Test func `an update may keep what was wrong, but not make it so`() throws {
        let policy = KyvernoFixture.policy("validate: {pattern: {metadata: {name: other}}}")
        var request = try KyvernoFixture.request()
        request.operation = .update
        request.oldObject = request.object
        #expect(try KyvernoFixture.results(policy, request).first?.outcome == .skip)
        request.oldObject[path: ["metadata", "name"]] = "other"
        #expect(try KyvernoFixture.results(policy, request).first?.outcome == .fail)
        let strict = KyvernoFixture.policy(
            "validate: {allowExistingViolations: false, pattern: {metadata: {name: other}}}")
        request.oldObject = request.object
        #expect(try KyvernoFixture.results(strict, request).first?.outcome == .fail)
    }

    @Test func `one rule is enough where the policy says so`() throws {
        func rules(_ apply: String) throws -> [String] {
            let policy =
                KyvernoFixture.policy(
                    "preconditions: [{key: 1, operator: Equals, value: 2}]\nvalidate: {deny: {}}",
                    spec: "applyRules: \(apply)")
                    + """

                      - {name: s, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {}}}
                      - {name: t, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {}}}
                    """
            return try KyvernoFixture.results(policy).map(\.rule)
        }
        #expect(try rules("All") == ["r", "s", "t"])
        #expect(try rules("One") == ["r", "s"])
    }

    @Test func `conditions of the webhook keep requests away`() throws {
        func count(_ expression: String) throws -> Int {
            let spec = """
                webhookConfiguration:
                  matchConditions: [{name: c, expression: "\(expression)"}]
                """
            return try KyvernoFixture.results(
                KyvernoFixture.policy("validate: {deny: {}}", spec: spec)
            ).count
        }
        #expect(try count("object.metadata.name == 'web'") == 1)
        #expect(try count("object.metadata.name == 'x'") == 0)
    }

    @Test func `a policy that is not for admission says nothing`() throws {
        let policy = KyvernoFixture.policy("validate: {deny: {}}", spec: "admission: false")
        #expect(try KyvernoFixture.results(policy).isEmpty)
    }

    @Test func `expressions skip, pass, fail and note`() throws {
        let rule = """
            celPreconditions: [{name: c, expression: "object.metadata.name == 'NAME'"}]
            validate:
              message: "No."
              cel:
                variables: [{name: n, expression: "size(object.spec.containers)"}]
                expressions: [{expression: "variables.n < LIMIT"}]
                auditAnnotations: [{key: count, valueExpression: "string(variables.n)"}]
            """
        func result(_ name: String, _ limit: Int) throws -> PolicyResult? {
            try KyvernoFixture.outcome(
                rule.replacing("NAME", with: name).replacing("LIMIT", with: "\(limit)"))
        }
        #expect(try result("other", 3)?.outcome == .skip)
        #expect(try result("web", 3)?.outcome == .pass)
        let failed = try result("web", 2)
        #expect(failed?.outcome == .fail)
        #expect(failed?.message == "No.")
        #expect(failed?.annotations == ["count": "2"])
    }

    @Test func `pod security counts for what makes pods, and for nothing else`() throws {
        let policy = KyvernoFixture.policy(
            "validate: {podSecurity: {level: baseline, version: latest}}",
            match: "any: [{resources: {kinds: [Pod]}}, {resources: {kinds: [Service]}}]")
        #expect(try KyvernoFixture.results(policy).first?.outcome == .pass)
        let service = try KyvernoFixture.request(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: n}}")
        #expect(try KyvernoFixture.results(policy, service).first?.outcome == .error)
    }
}
