/// Why a pattern cannot be used.
public struct PatternProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the pattern, as in `/spec/containers/0/image/`.
    public let path: String
    /// What is wrong and what would be right.
    public let reason: String

    /// A problem at `path`.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The whole of it in one line.
    public var description: String { "at \(path): \(reason)" }
}
