public import KubernetesCore

/// Something worth telling people; becomes a Kubernetes Event on the object it is about.
///
/// Notes tell of changes: they are recorded when the plan that carries them wrote something. A plan
/// that writes nothing is a fixed point and stays silent, whatever it notes.
public struct Note: Sendable, Hashable {
    /// How an Event is filed.
    public enum Kind: String, Sendable, Hashable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// Whether people should look.
    public let kind: Kind
    /// A word in CamelCase for programs, as in `AgentCreated`.
    public let reason: String
    /// A sentence for people; cut to 1024 bytes when it is written.
    public let message: String
    /// The object that the Event belongs to.
    public let about: ObjectRef
    /// Annotations of the Event, for programs.
    public let annotations: [String: String]

    /// A note by all its fields.
    public init(
        _ kind: Kind, reason: String, message: String, about: ObjectRef,
        annotations: [String: String] = [:]
    ) {
        self.kind = kind
        self.reason = reason
        self.message = message
        self.about = about
        self.annotations = annotations
    }
}
