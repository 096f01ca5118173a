public import KubernetesCore

/// Asks the cluster what a caller may do.
public protocol AccessReviewing: Sendable {
    /// Whether the caller may do this. Fails where the cluster cannot be asked: then nobody may.
    func allows(
        _ caller: CallerIdentity, _ question: AccessQuestion
    ) async throws(AccessReviewFailure) -> Bool
}

/// What somebody would like to do: a verb on the objects of a kind in a namespace.
public struct AccessQuestion: Hashable, Sendable {
    /// The verb, as roles name it.
    public var verb: String
    /// The kind.
    public var type: ResourceType
    /// The namespace.
    public var namespace: String

    /// A question by all its fields.
    public init(_ verb: String, _ type: ResourceType, in namespace: String) {
        self.verb = verb
        self.type = type
        self.namespace = namespace
    }
}

/// The cluster could not be asked what somebody may do.
public struct AccessReviewFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, in words.
    public let description: String

    /// A failure for this reason.
    public init(_ description: String) { self.description = description }
}
