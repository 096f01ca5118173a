import KubernetesCore
import Testing
import YAMLReading

@testable import PolicyEngine

/// Policies and requests for tests, written as people write them.
enum ExpressionFixture {
    static let now = Timestamp(seconds: 1_780_000_000)

    static func document(_ text: String) throws -> PolicyDocument {
        PolicyDocument(source: "test.yaml", object: try #require(try YAMLText.read(text).first))
    }

    /// A policy from its whole text.
    static func policy(_ text: String) throws -> ExpressionPolicy {
        try ExpressionPolicy(try document(text))
    }

    /// A `ValidatingPolicy` about pods; `spec` is what else its spec says.
    static func validating(_ spec: String) throws -> ExpressionPolicy {
        try policy(
            """
            apiVersion: policies.kyverno.io/v1
            kind: ValidatingPolicy
            metadata: {name: p}
            spec:
              matchConstraints:
                resourceRules:
                - apiGroups: [""]
                  apiVersions: [v1]
                  operations: [CREATE, UPDATE]
                  resources: [pods]
            \(indented(spec))
            """)
    }

    /// A `ValidatingAdmissionPolicy` about pods with one binding.
    static func admission(
        _ spec: String, binding: String = "validationActions: [Deny]"
    ) throws -> ExpressionPolicy {
        var result = try policy(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: p}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [pods]}
            \(indented(spec))
            """)
        result.attach([try self.binding(binding)])
        return result
    }

    static func binding(_ spec: String) throws -> ExpressionBinding {
        try ExpressionBinding(
            try document(
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: b}
                spec:
                  policyName: p
                \(indented(spec))
                """))
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
            .joined(separator: "\n")
    }

    /// A pod in the namespace `team`.
    static func pod(_ rest: String = "") throws -> JSONValue {
        var pod = try #require(
            try YAMLText.read(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: team, labels: {app: web}}
                spec:
                  containers:
                  - {name: main, image: "ghcr.io/acme/web:1.2"}
                """
            ).first)
        for (key, value) in try YAMLText.read(rest).first?.object ?? [:] {
            for (field, inner) in value.object ?? [:] { pod[path: [key, field]] = inner }
        }
        return pod
    }

    static let namespace: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": [
            "name": "team", "labels": ["tier": "gold", "kubernetes.io/metadata.name": "team"],
        ],
    ]

    static func request(
        _ object: JSONValue, _ operation: PolicyRequest.Operation = .create,
        namespace: JSONValue = namespace
    ) -> PolicyRequest {
        PolicyRequest(
            operation, object, of: .pod, namespace: namespace,
            user: PolicyRequest.User(
                name: "system:serviceaccount:team:runner", groups: ["system:authenticated"]))
    }

    static let surroundings = PolicySurroundings(now: now, seed: 7)

    static func surroundings(
        _ answers: [PolicySurroundings.Lookup: PolicySurroundings.Answer]
    ) -> PolicySurroundings {
        PolicySurroundings(now: now, seed: 7) { answers[$0] ?? .notFound }
    }

    /// What `expression` says about a pod as the only validation of a `ValidatingPolicy`.
    static func verdict(
        of expression: String, _ surroundings: PolicySurroundings = surroundings
    ) throws -> (outcome: PolicyResult.Outcome, message: String) {
        let spec: JSONValue = ["validations": [["expression": .string(expression)]]]
        var object = try document(
            """
            apiVersion: policies.kyverno.io/v1
            kind: ValidatingPolicy
            metadata: {name: p}
            spec:
              autogen: {podControllers: {controllers: []}}
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [pods]}
            """
        ).object
        object[path: ["spec", "validations"]] = spec["validations"]
        let policy = try ExpressionPolicy(PolicyDocument(source: "test", object: object))
        let result = try #require(
            policy.evaluate(request(try pod()), surroundings).first)
        return (result.outcome, result.message)
    }
}
