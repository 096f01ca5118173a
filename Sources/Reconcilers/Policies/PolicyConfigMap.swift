public import KubernetesCore
import SwiftletAPI

/// A ConfigMap of the operator's own namespace that has to do with policies: it holds some, or what
/// policies look up.
public struct PolicyConfigMap: KubeObject {
    /// `v1` ConfigMap.
    public static let type = ResourceType.configMap
    /// What the label `swiftlet.dev/policies` says where each key holds policies.
    public static let holdsPolicies = "true"
    /// What the label says where policies only look the ConfigMap up.
    public static let holdsData = "data"
    /// The ConfigMap's metadata.
    public var metadata: ObjectMeta
    /// Its texts by their keys.
    public var data: [String: String]

    /// A ConfigMap by both fields. For tests and models.
    public init(metadata: ObjectMeta, data: [String: String]) {
        self.metadata = metadata
        self.data = data
    }

    /// Reads a ConfigMap.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        data = try node["data"]?.stringMap() ?? [:]
    }

    /// Whether its keys hold policies.
    var isOfPolicies: Bool {
        metadata.labels[SwiftletNames.Label.policies] == PolicyConfigMap.holdsPolicies
    }

    /// The ConfigMap as policies see it.
    var json: JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(metadata.name), "namespace": .string(metadata.namespace),
                "labels": .strings(metadata.labels),
            ],
            "data": .strings(data),
        ]
    }
}
