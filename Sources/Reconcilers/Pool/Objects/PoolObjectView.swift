public import KubernetesCore

/// What Swiftlet reads of an object that it keeps beside a pool's agents: metadata, and what it
/// wrote itself.
public protocol PoolObjectView: KubeObject {
    /// What belongs to the object besides metadata.
    var content: JSONObject { get }
}

/// A kind of which pools keep objects, and the one member besides metadata that Swiftlet writes.
public protocol PoolObjectKind: Sendable {
    /// The kind.
    static var type: ResourceType { get }
    /// The name of the member.
    static var member: StaticString { get }
}

/// An object of a kind of which pools keep objects; see the names for each kind below.
public struct KeptObjectView<Kind: PoolObjectKind>: PoolObjectView {
    /// The kind.
    public static var type: ResourceType { Kind.type }
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// The member that Swiftlet writes, where the object has it.
    public var content: JSONObject

    /// Reads an object of the kind.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = JSONObject()
        if let value = node[Kind.member]?.value() { content["\(Kind.member)"] = value }
    }
}

/// A NetworkPolicy of a pool, and its spec.
public typealias NetworkPolicyView = KeptObjectView<NetworkPolicyKind>
/// A ResourceQuota of a pool, and its spec.
public typealias ResourceQuotaView = KeptObjectView<ResourceQuotaKind>
/// A PodDisruptionBudget of a pool, and its spec.
public typealias DisruptionBudgetView = KeptObjectView<DisruptionBudgetKind>
/// A ServiceAccount of a pool's agents, and whether pods get a token of it by themselves.
public typealias ServiceAccountView = KeptObjectView<ServiceAccountKind>

/// `networking.k8s.io/v1` NetworkPolicy.
public enum NetworkPolicyKind: PoolObjectKind {
    /// The kind.
    public static let type = ResourceType.networkPolicy
    /// What Swiftlet writes.
    public static let member: StaticString = "spec"
}

/// `v1` ResourceQuota.
public enum ResourceQuotaKind: PoolObjectKind {
    /// The kind.
    public static let type = ResourceType.resourceQuota
    /// What Swiftlet writes.
    public static let member: StaticString = "spec"
}

/// `policy/v1` PodDisruptionBudget.
public enum DisruptionBudgetKind: PoolObjectKind {
    /// The kind.
    public static let type = ResourceType.podDisruptionBudget
    /// What Swiftlet writes.
    public static let member: StaticString = "spec"
}

/// `v1` ServiceAccount.
public enum ServiceAccountKind: PoolObjectKind {
    /// The kind.
    public static let type = ResourceType.serviceAccount
    /// What Swiftlet writes.
    public static let member: StaticString = "automountServiceAccountToken"
}
