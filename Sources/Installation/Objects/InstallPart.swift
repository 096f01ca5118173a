public import KubernetesCore

/// Objects of the install that come and go together: a file of the chart's templates.
public struct InstallPart: Sendable {
    /// The name of the template, without suffix.
    public let name: String
    /// When a chart has them, in Helm's language; nil for always.
    public let condition: String?
    /// The objects; in the order in which they have to be applied.
    public let objects: [JSONValue]
    /// Whether the plain manifests have them too.
    let isPlain: Bool

    init(
        _ name: String, when condition: String? = nil, isPlain: Bool = true, _ objects: [JSONValue]
    ) {
        self.name = name
        self.condition = condition
        self.objects = objects
        self.isPlain = isPlain
    }
}
