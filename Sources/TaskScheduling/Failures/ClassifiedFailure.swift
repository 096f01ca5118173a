/// A failure with its class and a word for programs.
public struct ClassifiedFailure: Hashable, Sendable {
    /// What kind of failure it was.
    public var kind: FailureClass
    /// Why, in one CamelCase word, as in `OutOfMemory`.
    public var reason: String
    /// The exit code, where a process ended.
    public var exitCode: Int?
    /// The text that rules' patterns are held against.
    public var text: String

    /// A failure by all its parts.
    public init(_ kind: FailureClass, reason: String, exitCode: Int? = nil, text: String = "") {
        self.kind = kind
        self.reason = reason
        self.exitCode = exitCode
        self.text = text
    }
}
