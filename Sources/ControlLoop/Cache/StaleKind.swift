public import KubernetesCore

/// A kind that could not be followed for a while: a local observation that whoever follows it puts
/// into the cache, and takes out when news comes again. What the cache shows of the kind is its
/// last known state, and no reading of how things are now.
public struct StaleKind: ClusterObject {
    /// A kind of a group that no API server has.
    public static let type = ResourceType(
        group: "local.controlloop", version: "v1", kind: "StaleKind", plural: "stalekinds",
        scope: .cluster)
    /// How long a kind cannot be followed before it counts as stale.
    public static let after = Duration.seconds(30)

    /// Named after the kind.
    public var metadata: ObjectMeta

    /// The observation about a kind.
    public init(_ kind: ResourceType) {
        metadata = ObjectMeta(name: StaleKind.key(of: kind).name)
    }

    /// The key under which the observation about a kind is.
    public static func key(of kind: ResourceType) -> Key<StaleKind> {
        Key(namespace: "", name: kind.group.isEmpty ? kind.plural : "\(kind.plural).\(kind.group)")
    }
}

extension ClusterView {
    /// Whether what is shown of the kind is known to be old, because it cannot be followed.
    public func isStale(_ type: ResourceType) -> Bool { self[StaleKind.key(of: type)] != nil }
}
