import KubernetesCore

/// Names of kinds where there is no cluster to ask: what a manifest does not say about itself.
enum KindNames {
    /// Built-in kinds that live in no namespace, and those of the usual extensions.
    private static let clusterKinds: Set<String> = [
        "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterCleanupPolicy",
        "ClusterIssuer", "ClusterPolicy", "ClusterPolicyReport", "ClusterRole",
        "ClusterRoleBinding", "ClusterTrustBundle", "ComponentStatus",
        "CustomResourceDefinition", "DeviceClass", "FlowSchema", "GatewayClass",
        "GlobalContextEntry", "IPAddress", "IngressClass", "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration", "Namespace", "Node",
        "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration",
        "ResourceSlice", "RuntimeClass", "SelfSubjectAccessReview", "SelfSubjectReview",
        "SelfSubjectRulesReview", "ServiceCIDR", "StorageClass", "StorageVersion",
        "SubjectAccessReview", "TokenReview", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding", "ValidatingPolicy", "ValidatingWebhookConfiguration",
        "VolumeAttachment", "VolumeAttributesClass", "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    ]

    /// The type of an object by its `apiVersion` and `kind`; `nil` where it does not say them.
    static func type(of object: JSONValue) -> ResourceType? {
        guard let apiVersion = object["apiVersion"]?.string, !apiVersion.isEmpty,
            let kind = object["kind"]?.string, !kind.isEmpty
        else { return nil }
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        let group = parts.count == 2 ? String(parts[0]) : ""
        return ResourceType(
            group: group, version: parts.last.map(String.init) ?? "", kind: kind,
            plural: plural(of: kind), scope: clusterKinds.contains(kind) ? .cluster : .namespaced)
    }

    /// How paths name a kind: as Kubernetes guesses it, which is right for all of its own kinds.
    static func plural(of kind: String) -> String {
        let name = kind.lowercased()
        if name == "endpoints" { return name }
        if name.hasSuffix("s") || name.hasSuffix("x") || name.hasSuffix("ch")
            || name.hasSuffix("sh")
        {
            return name + "es"
        }
        let vowels = "aeiou"
        if name.hasSuffix("y"), let before = name.dropLast().last, !vowels.contains(before) {
            return name.dropLast() + "ies"
        }
        return name + "s"
    }
}
