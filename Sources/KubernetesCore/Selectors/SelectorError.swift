/// Why a text or an object is no selector.
public struct SelectorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a kube-apiserver says it.
    public let message: String

    /// A fault in words.
    public init(_ message: String) { self.message = message }

    /// The same as `message`.
    public var description: String { message }
}
