/// What an attempt keeps itself to go on from, beside what is committed of its folder: a text.
public struct StoredState: Hashable, Sendable {
    /// Counts the task's states.
    public var sequence: Int
    /// The attempt that kept it.
    public var attempt: Int
    /// What was kept.
    public var text: String

    /// A state by all its parts.
    public init(sequence: Int, attempt: Int, text: String) {
        self.sequence = sequence
        self.attempt = attempt
        self.text = text
    }
}
