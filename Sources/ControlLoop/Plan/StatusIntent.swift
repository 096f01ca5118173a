public import KubernetesCore

/// What the root's whole status should be, together with what it was seen to be.
///
/// Only the difference is written, as a merge patch on the status subresource, and nothing where
/// there is none. The status is computed whole from the world, never edited.
public struct StatusIntent: Sendable, Equatable {
    /// The whole status that the world calls for.
    public let desired: JSONValue
    /// The status as it was observed; `.object([:])` or null where there is none yet.
    public let observed: JSONValue
    /// Given where the write must fail unless the root is still at this version.
    public let resourceVersion: ResourceVersion?

    /// The status `desired` for an object whose status was seen as `observed`.
    public init(
        desired: JSONValue, observed: JSONValue, resourceVersion: ResourceVersion? = nil
    ) {
        self.desired = desired
        self.observed = observed
        self.resourceVersion = resourceVersion
    }

    /// Whether there is nothing to write.
    public var isSettled: Bool { if case .none = difference { true } else { false } }

    /// The merge patch of the status's members; nil where nothing has to be written.
    public var difference: JSONValue? {
        MergeDifference.patch(from: observed, to: desired)
    }
}
