import KubernetesCore
import Testing

@testable import PolicyEngine

struct AdmissionPolicyTests {
    private func evaluate(
        _ spec: String, binding: String = "validationActions: [Deny]", pod rest: String = "",
        _ surroundings: PolicySurroundings = ExpressionFixture.surroundings
    ) throws -> [PolicyResult] {
        let policy = try ExpressionFixture.admission(spec, binding: binding)
        return policy.evaluate(
            ExpressionFixture.request(try ExpressionFixture.pod(rest)), surroundings)
    }

    @Test func `every validation is evaluated, and every one that is wrong is told`() throws {
        let results = try evaluate(
            """
            validations:
            - {expression: "object.metadata.name == 'other'", message: "  first  "}
            - {expression: "object.spec.missing == 1"}
            - {expression: "true"}
            - {expression: "  1 == 2"}
            """)
        #expect(results.map(\.outcome) == [.fail, .error, .fail])
        #expect(
            results.map(\.message) == [
                "first",
                "expression 'object.spec.missing == 1' resulted in error: no such key: missing",
                "failed expression: 1 == 2",
            ])
        #expect(results.map(\.rule) == ["validations[0]", "validations[1]", "validations[3]"])
        #expect(results.map(\.forbids) == [true, true, true])
    }

    @Test(
        arguments: [
            ("\"'told'\"", "told"), ("\"' '\"", "text"), ("\"object.x\"", nil),
            ("\"string(object.x)\"", "text"), ("\"'two' + '\\\\n' + 'lines'\"", "text"),
        ] as [(String, String?)])
    func `a message expression that gives nothing usable is passed over`(
        _ expression: String, _ wanted: String?
    ) throws {
        let spec =
            "validations: [{expression: \"false\", message: text, "
            + "messageExpression: \(expression)}]"
        guard let wanted else {
            #expect(throws: PolicyProblem.self) { try ExpressionFixture.admission(spec) }
            return
        }
        #expect(try evaluate(spec).map(\.message) == [wanted])
    }

    @Test(arguments: [
        ("[Deny]", PolicyResult.Action.enforce), ("[Deny, Audit]", .enforce), ("[Warn]", .warn),
        ("[Audit, Warn]", .warn), ("[Audit]", .audit),
    ])
    func `the binding says what a verdict means`(
        _ actions: String, _ wanted: PolicyResult.Action
    ) throws {
        let results = try evaluate(
            "validations: [{expression: \"false\"}]", binding: "validationActions: \(actions)")
        #expect(results.map(\.action) == [wanted])
    }

    @Test func `a policy holds only where it is bound`() throws {
        let spec = "validations: [{expression: \"false\"}]"
        let gold = "namespaceSelector: {matchLabels: {tier: %}}"
        let actions = "validationActions: [Deny]\nmatchResources: "
        #expect(
            try evaluate(spec, binding: actions + "{\(gold.replacing("%", with: "gold"))}").count
                == 1)
        #expect(
            try evaluate(spec, binding: actions + "{\(gold.replacing("%", with: "tin"))}").isEmpty)
    }

    @Test func `a policy without bindings holds nowhere, or where asked as if bound`() throws {
        var policy = try ExpressionFixture.policy(
            """
            apiVersion: admissionregistration.k8s.io/v1beta1
            kind: ValidatingAdmissionPolicy
            metadata: {name: p}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [pods]}
              validations: [{expression: "false"}]
            """)
        let request = ExpressionFixture.request(try ExpressionFixture.pod())
        #expect(policy.evaluate(request, ExpressionFixture.surroundings).isEmpty)
        policy.judgesUnbound = true
        #expect(policy.evaluate(request, ExpressionFixture.surroundings).count == 1)
    }

    @Test func `a false match condition skips, a failing one denies unless failures are ignored`()
        throws
    {
        let body = "\nvalidations: [{expression: \"false\"}]"
        let failing = "{name: bad, expression: \"object.x == 1\"}"
        let unmet = try evaluate(
            "matchConditions: [\(failing), {name: n, expression: \"false\"}]" + body)
        #expect(unmet.map(\.outcome) == [.skip])
        let failed = try evaluate("matchConditions: [\(failing)]" + body)
        #expect(failed.map(\.outcome) == [.error])
        #expect(failed.first?.forbids == true)
        let ignored = try evaluate("failurePolicy: Ignore\nmatchConditions: [\(failing)]" + body)
        #expect(ignored.map(\.outcome) == [.skip])
    }

    @Test func `an error of a variable names the variable`() throws {
        let results = try evaluate(
            """
            variables: [{name: x, expression: "object.spec.missing"}]
            validations: [{expression: "variables.x == 1 || false"}]
            """)
        #expect(
            results.first?.message == "expression 'variables.x == 1 || false' resulted in error: "
                + "composited variable \"x\" fails to evaluate: no such key: missing")
    }

    @Test func `request and namespaceObject are what Kubernetes declares`() throws {
        let results = try evaluate(
            """
            validations:
            - {expression: "request.operation == 'CREATE' && request.kind.kind == 'Pod'"}
            - {expression: "request.resource.resource == 'pods' && request.name == 'web'"}
            - {expression: "request.namespace == 'team' && !request.dryRun"}
            - {expression: "request.userInfo.username.endsWith(':runner')"}
            - {expression: "!has(request.subResource) && request.options == null"}
            - {expression: "namespaceObject.metadata.labels['tier'] == 'gold'"}
            - {expression: "oldObject == null && object.kind == 'Pod'"}
            """)
        #expect(results.map(\.outcome) == [.pass], "\(results.map(\.message))")
        for wrong in ["request.object == null", "namespaceObject.kind == 'x'", "request.uid == ''"]
        {
            #expect(throws: PolicyProblem.self, "\(wrong)") {
                try ExpressionFixture.admission("validations: [{expression: \"\(wrong)\"}]")
            }
        }
    }

    // MARK: Parameters

    private static let limits = """
        paramKind: {apiVersion: v1, kind: ConfigMap}
        validations:
        - {expression: "object.metadata.name == params.data.name", message: name}
        """

    private static func lookup(_ namespace: String) -> PolicySurroundings.Lookup {
        .object(apiVersion: "v1", kind: "ConfigMap", namespace: namespace, name: "limits")
    }

    @Test(arguments: [
        ("name: limits, namespace: policies", "policies"), ("name: limits", "team"),
    ])
    func `parameters are looked up by name, in the reference's namespace or the request's`(
        _ reference: String, _ namespace: String
    ) throws {
        let binding =
            "validationActions: [Deny]\n"
            + "paramRef: {\(reference), parameterNotFoundAction: Deny}"
        for (name, wanted) in [("web", PolicyResult.Outcome.pass), ("db", .fail)] {
            let surroundings = ExpressionFixture.surroundings([
                Self.lookup(namespace): .found(["data": ["name": .string(name)]])
            ])
            let results = try evaluate(Self.limits, binding: binding, surroundings)
            #expect(results.map(\.outcome) == [wanted])
        }
    }

    @Test func `each parameter that a selector finds is judged by itself`() throws {
        let selector = try LabelSelector(reading: ["matchLabels": ["use": "limits"]])
        let lookup = PolicySurroundings.Lookup.objects(
            apiVersion: "v1", kind: "ConfigMap", namespace: "team", selector: selector)
        let surroundings = ExpressionFixture.surroundings([
            lookup: .found([
                "items": [["data": ["name": "web"]], ["data": ["name": "db"]]]
            ])
        ])
        let binding = """
            validationActions: [Deny]
            paramRef:
              selector: {matchLabels: {use: limits}}
              parameterNotFoundAction: Deny
            """
        let results = try evaluate(Self.limits, binding: binding, surroundings)
        #expect(results.map(\.outcome) == [.pass, .fail])
    }

    @Test func `missing parameters allow or deny as the binding says, unknown ones deny`() throws {
        let reference = "paramRef: {name: limits, parameterNotFoundAction: %}"
        let audit = "validationActions: [Audit]\n"
        let allowed = try evaluate(
            Self.limits, binding: audit + reference.replacing("%", with: "Allow"),
            ExpressionFixture.surroundings([:]))
        #expect(allowed.map(\.outcome) == [.skip])
        let denied = try evaluate(
            Self.limits, binding: audit + reference.replacing("%", with: "Deny"),
            ExpressionFixture.surroundings([:]))
        #expect(denied.map(\.outcome) == [.error])
        #expect(denied.first?.forbids == true, "a binding that cannot be applied denies")
        let unknown = try evaluate(
            Self.limits, binding: audit + reference.replacing("%", with: "Allow"),
            ExpressionFixture.surroundings([Self.lookup("team"): .unavailable("no cache")]))
        #expect(unknown.map(\.outcome) == [.error])
        #expect(unknown.first?.message.contains("no cache") == true)
    }

    // MARK: Authorizer

    @Test func `the authorizer is asked what the expression says`() throws {
        var question = PolicySurroundings.AccessQuestion(
            user: "system:serviceaccount:ops:robot",
            groups: [
                "system:serviceaccounts", "system:serviceaccounts:ops", "system:authenticated",
            ], verb: "delete")
        question.group = "apps"
        question.resource = "deployments"
        question.subresource = "scale"
        question.namespace = "team"
        question.name = "web"
        let expression =
            "authorizer.serviceAccount('ops', 'robot').group('apps').resource('deployments')"
            + ".subresource('scale').namespace('team').name('web').check('delete').allowed()"
        let spec = "validations: [{expression: \"\(expression)\"}]"
        let allowed = ExpressionFixture.surroundings([
            .access(question): .found(["allowed": true])
        ])
        #expect(try evaluate(spec, allowed).map(\.outcome) == [.pass])
        #expect(
            try evaluate(spec, ExpressionFixture.surroundings([:])).map(\.outcome) == [.fail])
    }

    @Test func `the request's own resource can be asked about, and paths`() throws {
        var own = PolicySurroundings.AccessQuestion(
            user: "system:serviceaccount:team:runner", groups: ["system:authenticated"],
            verb: "create")
        own.resource = "pods"
        own.namespace = "team"
        own.name = "web"
        var path = PolicySurroundings.AccessQuestion(
            user: own.user, groups: own.groups, verb: "get")
        path.path = "/healthz"
        let surroundings = ExpressionFixture.surroundings([
            .access(own): .found(["allowed": true, "reason": "by role"]),
            .access(path): .found(["allowed": false, "error": "broken"]),
        ])
        let results = try evaluate(
            """
            validations:
            - {expression: "authorizer.requestResource.check('create').reason() == 'by role'"}
            - {expression: "authorizer.path('/healthz').check('get').errored()"}
            - {expression: "authorizer.path('/healthz').check('get').error() == 'broken'"}
            """, surroundings)
        #expect(results.map(\.outcome) == [.pass], "\(results.map(\.message))")
    }

    @Test func `an authorizer that cannot be asked is an error`() throws {
        let results = try evaluate(
            "validations: [{expression: \"authorizer.path('/x').check('get').allowed()\"}]")
        #expect(results.map(\.outcome) == [.error])
        #expect(results.first?.message.contains("cannot be asked") == true)
    }

    @Test func `a third check of one expression is too much`() throws {
        let check = "authorizer.path('/x').check('get').allowed()"
        let allowing = PolicySurroundings(now: ExpressionFixture.now) { _ in
            .found(["allowed": true])
        }
        for (count, wanted) in [(2, PolicyResult.Outcome.pass), (3, .error)] {
            let expression = Array(repeating: check, count: count).joined(separator: " && ")
            let results = try evaluate(
                "validations: [{expression: \"\(expression)\"}]", allowing)
            #expect(results.map(\.outcome) == [wanted])
        }
    }

    @Test func `what a message says cannot depend on the authorizer`() {
        #expect(throws: PolicyProblem.self) {
            try ExpressionFixture.admission(
                "validations: [{expression: \"false\", "
                    + "messageExpression: \"authorizer.path('/x').check('get').reason()\"}]")
        }
    }
}
