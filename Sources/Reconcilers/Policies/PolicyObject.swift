public import KubernetesCore

/// A kind in which a cluster keeps policies, or what belongs to them.
public protocol PolicyKind: Sendable {
    /// The kind as the server names it.
    static var type: ResourceType { get }
}

/// A policy, a binding or an exception that the cluster keeps, as it was written: name, labels,
/// annotations and spec. Its status and whoever manages its fields are left out.
public struct PolicyObject<Kind: PolicyKind>: OptionalKubeObject {
    /// The kind as the server names it.
    public static var type: ResourceType { Kind.type }
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// The policy as a document.
    public var document: JSONValue

    /// Reads an object of the kind.
    public init(reading node: JSONNode) throws(JSONError) {
        let given = try node.required("metadata")
        metadata = try ObjectMeta(reading: given)
        var kept: JSONObject = ["name": .string(metadata.name)]
        if !metadata.namespace.isEmpty { kept["namespace"] = .string(metadata.namespace) }
        kept["labels"] = given["labels"]?.value()
        kept["annotations"] = given["annotations"]?.value()
        var document: JSONObject = [
            "apiVersion": .string(Kind.type.apiVersion), "kind": .string(Kind.type.kind),
            "metadata": .object(kept),
        ]
        document["spec"] = node["spec"]?.value()
        self.document = .object(document)
    }
}

/// The kinds in which a cluster keeps policies.
public enum PolicyKinds {
    /// `kyverno.io/v1` ClusterPolicy.
    public enum ClusterPolicy: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "kyverno.io", version: "v1", kind: "ClusterPolicy", plural: "clusterpolicies",
            scope: .cluster)
    }

    /// `kyverno.io/v1` Policy.
    public enum Policy: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "kyverno.io", version: "v1", kind: "Policy", plural: "policies")
    }

    /// `kyverno.io/v2` PolicyException.
    public enum Exception: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "kyverno.io", version: "v2", kind: "PolicyException",
            plural: "policyexceptions")
    }

    /// `policies.kyverno.io/v1` ValidatingPolicy.
    public enum ValidatingPolicy: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "policies.kyverno.io", version: "v1", kind: "ValidatingPolicy",
            plural: "validatingpolicies", scope: .cluster)
    }

    /// `policies.kyverno.io/v1` NamespacedValidatingPolicy.
    public enum NamespacedValidatingPolicy: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "policies.kyverno.io", version: "v1", kind: "NamespacedValidatingPolicy",
            plural: "namespacedvalidatingpolicies")
    }

    /// `policies.kyverno.io/v1` PolicyException.
    public enum ExpressionException: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "policies.kyverno.io", version: "v1", kind: "PolicyException",
            plural: "policyexceptions")
    }

    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicy.
    public enum AdmissionPolicy: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "admissionregistration.k8s.io", version: "v1",
            kind: "ValidatingAdmissionPolicy", plural: "validatingadmissionpolicies",
            scope: .cluster)
    }

    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicyBinding.
    public enum AdmissionBinding: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "admissionregistration.k8s.io", version: "v1",
            kind: "ValidatingAdmissionPolicyBinding",
            plural: "validatingadmissionpolicybindings", scope: .cluster)
    }
}
