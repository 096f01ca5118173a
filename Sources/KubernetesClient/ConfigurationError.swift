/// Why a client cannot be configured: one sentence that says what, where, and what to do.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// An error that `description` explains.
    public init(_ description: String) { self.description = description }
}
