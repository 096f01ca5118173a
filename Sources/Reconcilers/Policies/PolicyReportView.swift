public import KubernetesCore

/// What Swiftlet reads of a report of its own: metadata, and what the report says.
public struct PolicyReportView<Kind: PolicyKind>: OptionalKubeObject {
    /// The kind as the server names it.
    public static var type: ResourceType { Kind.type }
    /// The object's metadata.
    public var metadata: ObjectMeta
    /// `scope`, `summary` and `results`.
    public var content: JSONObject

    /// Reads a report.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        content = [:]
        content["scope"] = node["scope"]?.value()
        content["summary"] = node["summary"]?.value()
        content["results"] = node["results"]?.value()
    }
}

extension PolicyKinds {
    /// `openreports.io/v1alpha1` Report.
    public enum Report: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "openreports.io", version: "v1alpha1", kind: "Report", plural: "reports")
    }

    /// `wgpolicyk8s.io/v1alpha2` PolicyReport.
    public enum PolicyReport: PolicyKind {
        /// The kind as the server names it.
        public static let type = ResourceType(
            group: "wgpolicyk8s.io", version: "v1alpha2", kind: "PolicyReport",
            plural: "policyreports")
    }
}
