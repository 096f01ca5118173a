public import KubernetesCore

/// Who calls the gateway: one pod, as the API server vouches for it.
public struct AgentIdentity: Hashable, Sendable {
    /// The namespace of the pod.
    public var namespace: String
    /// The name of the pod.
    public var pod: String
    /// The identity of the pod: what leases are bound to.
    public var podUID: UID

    /// The pod `namespace/pod` with this identity.
    public init(namespace: String, pod: String, podUID: UID) {
        self.namespace = namespace
        self.pod = pod
        self.podUID = podUID
    }
}
