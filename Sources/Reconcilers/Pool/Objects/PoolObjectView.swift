public import KubernetesCore

/// What Swiftlet reads of an object that it keeps beside a pool's agents: metadata, and what it
/// wrote itself.
public protocol PoolObjectView: KubeObject {
    /// What belongs to the object besides metadata.
    var content: JSONObject { get }
}

/// A NetworkPolicy of a pool.
public struct NetworkPolicyView: PoolObjectView {
    /// `networking.k8s.io/v1` NetworkPolicy.
    public static let type = ResourceType.networkPolicy
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// Its spec.
    public var content: JSONObject

    /// Reads a NetworkPolicy.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = JSONObject(of: node, "spec")
    }
}

/// A ResourceQuota of a pool.
public struct ResourceQuotaView: PoolObjectView {
    /// `v1` ResourceQuota.
    public static let type = ResourceType.resourceQuota
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// Its spec.
    public var content: JSONObject

    /// Reads a ResourceQuota.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = JSONObject(of: node, "spec")
    }
}

/// A PodDisruptionBudget of a pool.
public struct DisruptionBudgetView: PoolObjectView {
    /// `policy/v1` PodDisruptionBudget.
    public static let type = ResourceType.podDisruptionBudget
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// Its spec.
    public var content: JSONObject

    /// Reads a PodDisruptionBudget.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = JSONObject(of: node, "spec")
    }
}

/// A ServiceAccount of a pool's agents.
public struct ServiceAccountView: PoolObjectView {
    /// `v1` ServiceAccount.
    public static let type = ResourceType.serviceAccount
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// Whether pods get a token of it by themselves.
    public var content: JSONObject

    /// Reads a ServiceAccount.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = JSONObject(of: node, "automountServiceAccountToken")
    }
}

extension JSONObject {
    /// One member of an object, where it has it.
    fileprivate init(of node: JSONNode, _ key: StaticString) {
        self.init()
        if let value = node[key]?.value() { self["\(key)"] = value }
    }
}
