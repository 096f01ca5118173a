/// One kind of Kubernetes object, as requests and owner references name it.
public struct ResourceType: Hashable, Comparable, Sendable {
    /// Whether objects of a kind live in namespaces.
    public enum Scope: Hashable, Sendable {
        case cluster
        case namespaced
    }

    /// The API group; empty for the core group.
    public let group: String
    /// The version inside the group, as in `v1alpha1`.
    public let version: String
    /// The kind, as in `Pod`.
    public let kind: String
    /// The name in paths, as in `pods`.
    public let plural: String
    /// Whether objects of this kind live in namespaces.
    public let scope: Scope

    /// A kind by all its names.
    public init(
        group: String, version: String, kind: String, plural: String,
        scope: Scope = .namespaced
    ) {
        self.group = group
        self.version = version
        self.kind = kind
        self.plural = plural
        self.scope = scope
    }

    /// Group and version as objects carry them: `v1` or `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : group + "/" + version }

    /// The path of the group and version: `/api/v1` or `/apis/apps/v1`.
    public var groupPath: String { (group.isEmpty ? "/api/" : "/apis/") + apiVersion }

    /// The path of the collection: of all namespaces where `namespace` is nil.
    public func collectionPath(namespace: String?) -> String {
        guard scope == .namespaced, let namespace else { return groupPath + "/" + plural }
        return groupPath + "/namespaces/" + namespace + "/" + plural
    }

    /// The path of one object or of one of its subresources.
    public func objectPath(
        namespace: String, name: String, subresource: String? = nil
    ) -> String {
        collectionPath(namespace: namespace) + "/" + name + (subresource.map { "/" + $0 } ?? "")
    }

    /// By group, then plural, then version.
    public static func < (left: ResourceType, right: ResourceType) -> Bool {
        (left.group, left.plural, left.version) < (right.group, right.plural, right.version)
    }
}

extension ResourceType {
    /// `v1` pods.
    public static let pod = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
    /// `v1` namespaces.
    public static let namespace = ResourceType(
        group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: .cluster)
    /// `v1` nodes.
    public static let node = ResourceType(
        group: "", version: "v1", kind: "Node", plural: "nodes", scope: .cluster)
    /// `v1` config maps.
    public static let configMap = ResourceType(
        group: "", version: "v1", kind: "ConfigMap", plural: "configmaps")
    /// `v1` secrets.
    public static let secret = ResourceType(
        group: "", version: "v1", kind: "Secret", plural: "secrets")
    /// `v1` service accounts.
    public static let serviceAccount = ResourceType(
        group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts")
    /// `v1` resource quotas.
    public static let resourceQuota = ResourceType(
        group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas")
    /// `v1` events.
    public static let event = ResourceType(
        group: "", version: "v1", kind: "Event", plural: "events")
    /// Leases of `coordination.k8s.io/v1`.
    public static let lease = ResourceType(
        group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")
    /// Network policies of `networking.k8s.io/v1`.
    public static let networkPolicy = ResourceType(
        group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy",
        plural: "networkpolicies")
    /// Pod disruption budgets of `policy/v1`.
    public static let podDisruptionBudget = ResourceType(
        group: "policy", version: "v1", kind: "PodDisruptionBudget",
        plural: "poddisruptionbudgets")
    /// Token reviews of `authentication.k8s.io/v1`.
    public static let tokenReview = ResourceType(
        group: "authentication.k8s.io", version: "v1", kind: "TokenReview",
        plural: "tokenreviews", scope: .cluster)
}
