/// Asks the cluster whose a token is.
public protocol TokenReviewing: Sendable {
    /// The pod whose token this is; `nil` where the token is not good, not made for the gateway, or
    /// not bound to a pod. Fails where the cluster cannot be asked: nobody is let in then.
    func review(_ token: String) async throws(TokenReviewFailure) -> AgentIdentity?
}

/// The cluster could not be asked about a token.
public struct TokenReviewFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, in words.
    public let description: String

    /// A failure for this reason.
    public init(_ description: String) { self.description = description }
}
