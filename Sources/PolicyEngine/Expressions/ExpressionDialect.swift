import CEL
import KubernetesCore

/// Which names and functions an expression has: every kind of policy has its own.
enum ExpressionDialect: Sendable, Equatable {
    /// `ValidatingAdmissionPolicy` of Kubernetes, and `validate.cel` of Kyverno, which is run by
    /// the same validator.
    case admission(hasParams: Bool)
    /// `ValidatingPolicy` of Kyverno; one that lives in a namespace names no namespaces.
    case kyverno(namespaced: Bool)
    /// `ValidatingPolicy` of Kyverno on any JSON.
    case json

    /// What a part of a policy can refer to.
    enum Part: CaseIterable {
        case matchCondition, expression, messageExpression
    }

    /// The environment of one part, without the policy's own variables.
    func environment(for part: Part) -> CELEnvironment {
        switch self {
        case .admission(let hasParams):
            var environment = Self.base
            if hasParams { environment.variables["params"] = .dyn }
            if part != .messageExpression {
                environment.variables["authorizer"] = AuthorizerLibrary.authorizer
                environment.variables["authorizer.requestResource"] =
                    AuthorizerLibrary.resourceCheck
                environment.library = AuthorizerLibrary.library
            }
            return environment
        case .kyverno(let namespaced):
            return namespaced ? Self.namespaced : Self.cluster
        case .json: return Self.document
        }
    }

    /// Whether the request holds the objects.
    var requestHoldsObjects: Bool {
        if case .kyverno = self { true } else { false }
    }

    private static let base = CELEnvironment(
        variables: [
            "object": .dyn, "oldObject": .dyn,
            "request": .object(.object("kubernetes.AdmissionRequest", requestFields)),
            "namespaceObject": .object(namespaceType),
        ])

    private static let cluster = kyverno(KyvernoLibrary.cluster)
    private static let namespaced = kyverno(KyvernoLibrary.namespaced)

    private static func kyverno(_ library: CELLibrary) -> CELEnvironment {
        var fields = requestFields
        fields["object"] = .anything
        fields["oldObject"] = .anything
        let exceptions = SchemaType.object(
            "kyverno.Exceptions",
            ["allowedImages": .list(of: .text), "allowedValues": .list(of: .text)])
        return CELEnvironment(
            variables: [
                "object": .dyn, "oldObject": .dyn,
                "request": .object(.object("kyverno.AdmissionRequest", fields)),
                "namespaceObject": .object(namespaceType), "exceptions": .object(exceptions),
            ], features: kyvernoFeatures, library: library)
    }

    private static let document = CELEnvironment(
        variables: ["object": .dyn], features: kyvernoFeatures, library: KyvernoLibrary.cluster)

    private static let kyvernoFeatures: CELFeatures = {
        var features = CELFeatures.all
        features.homogeneousLiterals = true
        return features
    }()

    private static let requestFields: [String: SchemaType] = {
        let kind = SchemaType.object(
            "kubernetes.GroupVersionKind", ["group": .text, "version": .text, "kind": .text])
        let resource = SchemaType.object(
            "kubernetes.GroupVersionResource",
            ["group": .text, "version": .text, "resource": .text])
        let user = SchemaType.object(
            "kubernetes.UserInfo",
            [
                "username": .text, "uid": .text, "groups": .list(of: .text),
                "extra": .map(of: .list(of: .text)),
            ])
        return [
            "kind": kind, "resource": resource, "subResource": .text, "requestKind": kind,
            "requestResource": resource, "requestSubResource": .text, "name": .text,
            "namespace": .text, "operation": .text, "userInfo": user, "dryRun": .flag,
            "options": .anything,
        ]
    }()

    private static let namespaceType: SchemaType = {
        let metadata = SchemaType.object(
            "kubernetes.NamespaceMetadata",
            [
                "name": .text, "generateName": .text, "namespace": .text,
                "labels": .map(of: .text), "annotations": .map(of: .text), "UID": .text,
                "creationTimestamp": .time, "deletionTimestamp": .time,
                "deletionGracePeriodSeconds": .whole, "generation": .whole,
                "resourceVersion": .text, "finalizers": .list(of: .text),
            ])
        let condition = SchemaType.object(
            "kubernetes.NamespaceCondition",
            [
                "status": .text, "type": .text, "lastTransitionTime": .time, "message": .text,
                "reason": .text,
            ])
        return .object(
            "kubernetes.Namespace",
            [
                "metadata": metadata,
                "spec": .object("kubernetes.NamespaceSpec", ["finalizers": .list(of: .text)]),
                "status": .object(
                    "kubernetes.NamespaceStatus",
                    ["phase": .text, "conditions": .list(of: condition)]),
            ])
    }()
}
