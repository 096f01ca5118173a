/// What pod security admission says to a request.
public struct PodSecurityDecision: Hashable, Sendable {
    /// Why the request is refused; nil where it is not.
    public var refusal: String?
    /// What whoever asks is warned about.
    public var warnings: [String]
    /// What belongs into the audit log, by the full key of the annotation.
    public var audit: [String: String]

    /// A decision; by itself one that lets a request pass and says nothing.
    public init(
        refusal: String? = nil, warnings: [String] = [], audit: [String: String] = [:]
    ) {
        self.refusal = refusal
        self.warnings = warnings
        self.audit = audit
    }

    /// Notes an annotation under its short key.
    mutating func note(_ key: String, _ text: String) {
        audit[NamespacePodSecurity.prefix + key] = text
    }
}
