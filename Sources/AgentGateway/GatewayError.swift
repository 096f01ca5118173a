/// Why a gateway cannot be started.
public struct GatewayError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do, in one line.
    public let description: String

    /// An error of this description.
    public init(_ description: String) { self.description = description }
}
