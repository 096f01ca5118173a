/// Asks the cluster whose a token is.
public protocol TokenReviewing: Sendable {
    /// Whose token this is; `nil` where the token is not good or not made for the gateway. Fails
    /// where the cluster cannot be asked: nobody is let in then.
    func review(_ token: String) async throws(TokenReviewFailure) -> CallerIdentity?
}

/// The cluster could not be asked about a token.
public struct TokenReviewFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why, in words.
    public let description: String

    /// A failure for this reason.
    public init(_ description: String) { self.description = description }
}
