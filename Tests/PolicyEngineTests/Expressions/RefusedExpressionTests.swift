import KubernetesCore
import Testing

@testable import PolicyEngine

/// What cannot be judged is refused when it is read, with its place.
struct RefusedExpressionTests {
    @Test(arguments: [
        ("validations: [{expression: \"1 + 1\"}]", "spec.validations[0].expression", "not int"),
        ("validations: [{expression: \"object.x\"}]", "spec.validations[0].expression", "not dyn"),
        (
            "validations: [{expression: \"object.x ==\"}]", "spec.validations[0].expression",
            "compilation failed: 1:"
        ),
        (
            "validations: [{expression: \"nothing == 1\"}]", "spec.validations[0].expression",
            "undeclared reference to 'nothing'"
        ),
        (
            "validations: [{expression: \"variables.x == 1\"}]", "spec.validations[0].expression",
            "undeclared reference to 'variables'"
        ),
        (
            "variables: [{name: y, expression: \"1\"}]\n"
                + "validations: [{expression: \"variables.x == 1\"}]",
            "spec.validations[0].expression", "undefined field 'x'"
        ),
        (
            "variables: [{name: y, expression: \"variables.y\"}]\n"
                + "validations: [{expression: \"true\"}]",
            "spec.variables[0].expression", "undeclared reference"
        ),
        (
            "variables: [{name: y, expression: \"1\"}, {name: y, expression: \"2\"}]\n"
                + "validations: [{expression: \"true\"}]",
            "spec.variables[1].name", "used twice"
        ),
        (
            "variables: [{name: a-b, expression: \"1\"}]\nvalidations: [{expression: \"true\"}]",
            "spec.variables[0].name", "no name"
        ),
        (
            "matchConditions: [{name: n, expression: \"variables.x == 1\"}]\n"
                + "variables: [{name: x, expression: \"1\"}]\n"
                + "validations: [{expression: \"true\"}]",
            "spec.matchConditions[0].expression", "undeclared reference"
        ),
        (
            "validations: [{expression: \"object.x.matches('(')\"}]",
            "spec.validations[0].expression", "invalid matches argument"
        ),
        ("validations: []", "spec.validations", "at least one"),
        ("validations: [{message: hi}]", "spec.validations[0].expression", "must be given"),
        ("validations: [{expression: ' '}]", "spec.validations[0].expression", "must be given"),
        ("validations: [{expression: 1}]", "spec.validations[0].expression", "must be a string"),
        (
            "validations: [{expression: \"true\", mesage: x}]", "spec.validations[0].mesage",
            "no field"
        ),
        (
            "validations: [{expression: \"true\", reason: Bad}]", "spec.validations[0].reason",
            "none of"
        ),
        (
            "validations: [{expression: \"true\"}]\nfailurePolicy: Never", "spec.failurePolicy",
            "none of"
        ),
        (
            "validations: [{expression: \"true\"}]\nvalidationActions: [Forbid]",
            "spec.validationActions", "none of"
        ),
        (
            "validations: [{expression: \"true\"}]\nvalidationActions: [Deny, Deny]",
            "spec.validationActions", "twice"
        ),
        ("validations: [{expression: \"true\"}]\nrules: []", "spec.rules", "no field"),
        (
            "validations: [{expression: \"true\"}]\nevaluation: {mode: XML}",
            "spec.evaluation.mode", "none of"
        ),
        (
            "validations: [{expression: \"true\"}]\n"
                + "auditAnnotations: [{key: k, valueExpression: \"1\"}]",
            "spec.auditAnnotations[0].valueExpression", "must evaluate to string or null"
        ),
    ])
    func `a policy with a fault is refused at its place`(
        _ spec: String, _ path: String, _ reason: String
    ) throws {
        let problem = try #require(throws: PolicyProblem.self) {
            try ExpressionFixture.validating(spec)
        }
        #expect(problem.path == path)
        #expect(problem.reason.contains(reason), "\(problem)")
        #expect(!problem.description.contains("\n"))
        #expect(problem.policy == "p" && problem.source == "test.yaml")
    }

    @Test(arguments: [
        ("resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods]}]", "operations"),
        (
            "resourceRules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], "
                + "operations: [create]}]", "operations"
        ),
        ("resourceRules: [{kinds: [Pod]}]", "kinds"),
        ("namespaceSelector: {matchNames: [a]}", "matchNames"),
        ("objectSelector: {matchExpressions: [{key: a, operator: Like}]}", "objectSelector"),
        ("matchPolicy: Similar", "matchPolicy"),
    ])
    func `constraints that say nothing clear are refused`(
        _ constraints: String, _ field: String
    ) throws {
        let problem = try #require(throws: PolicyProblem.self) {
            try ExpressionFixture.policy(
                """
                apiVersion: policies.kyverno.io/v1
                kind: ValidatingPolicy
                metadata: {name: p}
                spec: {matchConstraints: {\(constraints)}, validations: [{expression: "true"}]}
                """)
        }
        #expect(problem.path.hasSuffix(field), "\(problem)")
    }

    @Test(arguments: [
        ("policies.kyverno.io/v2", "ValidatingPolicy", "apiVersion"),
        ("policies.kyverno.io/v1", "ImageValidatingPolicy", "apiVersion"),
        ("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", "apiVersion"),
        ("policies.kyverno.io/v1", "NamespacedValidatingPolicy", "metadata.namespace"),
    ])
    func `other versions and kinds are refused`(
        _ version: String, _ kind: String, _ path: String
    ) throws {
        let problem = try #require(throws: PolicyProblem.self) {
            try ExpressionFixture.policy(
                """
                apiVersion: \(version)
                kind: \(kind)
                metadata: {name: p}
                spec: {validations: [{expression: "true"}]}
                """)
        }
        #expect(problem.path == path, "\(problem)")
    }

    @Test(arguments: [
        ("policyName: ''", "policyName"), ("validationActions: []", "validationActions"),
        ("validationActions: [Deny, Warn]", "validationActions"),
        ("paramRef: {parameterNotFoundAction: Deny}", "paramRef"),
        ("paramRef: {name: a, selector: {}}", "paramRef"),
        ("paramRef: {name: a, parameterNotFoundAction: Maybe}", "parameterNotFoundAction"),
        ("actions: [Deny]", "actions"),
    ])
    func `a binding with a fault is refused at its place`(_ part: String, _ field: String) throws {
        let known = ["policyName: p", "validationActions: [Deny]"].filter {
            !part.hasPrefix($0.prefix { $0 != ":" })
        }
        let spec = (known + [part]).map { "  " + $0 }.joined(separator: "\n")
        let problem = try #require(throws: PolicyProblem.self) {
            try ExpressionBinding(
                try ExpressionFixture.document(
                    """
                    apiVersion: admissionregistration.k8s.io/v1
                    kind: ValidatingAdmissionPolicyBinding
                    metadata: {name: b}
                    spec:
                    \(spec)
                    """))
        }
        #expect(problem.path.hasSuffix(field), "\(problem)")
    }

    @Test(arguments: [
        ("policyRefs: []", "policyRefs"), ("policyRefs: [{name: p}]", "kind"),
        (
            "policyRefs: [{name: p, kind: ValidatingPolicy}], matchConditions: [{name: n, "
                + "expression: '1'}]", "expression"
        ),
        ("policyRefs: [{name: p, kind: ValidatingPolicy}], expiresAt: soon", "expiresAt"),
        ("policyRefs: [{name: p, kind: ValidatingPolicy}], reportResult: fail", "reportResult"),
    ])
    func `an exception with a fault is refused at its place`(
        _ spec: String, _ field: String
    ) throws {
        let problem = try #require(throws: PolicyProblem.self) {
            try ExpressionException(
                try ExpressionFixture.document(
                    """
                    apiVersion: policies.kyverno.io/v1beta1
                    kind: PolicyException
                    metadata: {name: e}
                    spec: {\(spec)}
                    """))
        }
        #expect(problem.path.hasSuffix(field), "\(problem)")
    }
}
