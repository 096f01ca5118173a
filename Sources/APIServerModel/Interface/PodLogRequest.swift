public import KubernetesCore

/// A request for a container's log, checked and authorised: the pod and the container exist.
public struct PodLogRequest: Hashable, Sendable {
    /// The pod's namespace.
    public var namespace: String
    /// The pod's name.
    public var pod: String
    /// The pod's identity.
    public var podUID: UID
    /// The node that the pod is bound to; never empty.
    public var node: String
    /// The container.
    public var container: String
    /// Whether the answer goes on as long as the container writes.
    public var follow: Bool
    /// Only so many of the last lines.
    public var tailLines: Int?
    /// Only lines of the last so many seconds.
    public var sinceSeconds: Int?
    /// Only lines written at or after this time.
    public var sinceTime: Timestamp?
    /// Whether each line begins with its time in RFC 3339.
    public var timestamps: Bool
    /// Whether the log of the container before its last restart is asked for.
    public var previous: Bool
    /// At most so many bytes.
    public var limitBytes: Int?
}
