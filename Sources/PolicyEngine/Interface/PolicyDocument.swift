public import KubernetesCore

/// A policy, a binding or an exception as it was found.
public struct PolicyDocument: Sendable, Equatable {
    /// Where it was found, for messages: `policies/tenant-label.yaml` or `ClusterPolicy
    /// tenant-label`.
    public let source: String
    /// The document itself, not looked at yet.
    public let object: JSONValue

    /// `object`, found at `source`.
    public init(source: String, object: JSONValue) {
        self.source = source
        self.object = object
    }
}
