public import KubernetesCore

/// A control of the Pod Security Standards that a pod breaks.
public struct PodSecurityViolation: Hashable, Sendable {
    /// The control, as in `capabilities_restricted`.
    public let id: String
    /// What is forbidden, in the few words of a kube-apiserver: `unrestricted capabilities`.
    public let reason: String
    /// Which parts of the pod break it, in the words of a kube-apiserver.
    public let detail: String
    /// The fields at fault, in the order in which the pod is walked: pod, init containers,
    /// containers, ephemeral containers. A wrong value is `forbidden` and carries the value where
    /// it says something; a value that must be there and is not is `required`.
    ///
    /// There can be more of them than `detail` speaks of: that names containers which say nothing
    /// only while none says something wrong.
    public var fields: [FieldError]

    /// A violation by all its parts.
    public init(id: String, reason: String, detail: String, fields: [FieldError]) {
        self.id = id
        self.reason = reason
        self.detail = detail
        self.fields = fields
    }

    /// Reason and detail as a kube-apiserver joins them: `hostPort (container "a" uses …)`.
    public var text: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
}

extension Sequence<PodSecurityViolation> {
    /// All violations with their details, as refusals and warnings about one pod list them.
    public var details: String { map(\.text).joined(separator: ", ") }

    /// All violations without details, as warnings about existing pods list them.
    public var reasons: String { map(\.reason).joined(separator: ", ") }
}
