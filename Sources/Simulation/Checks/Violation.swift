/// Something that must never be, and was.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    /// The invariant, in a word or two.
    public let invariant: String
    /// The object that it is about.
    public let object: String
    /// What happened, in a sentence.
    public let sentence: String
    /// When.
    public let time: SimulatedTime
    /// After how many steps of the run.
    public var step = 0
    /// What happened at the server around it, oldest first.
    public var excerpt: [String] = []

    init(_ invariant: String, _ object: String, _ sentence: String, at time: SimulatedTime) {
        self.invariant = invariant
        self.object = object
        self.sentence = sentence
        self.time = time
    }

    /// All of it but the excerpt, in one line.
    public var description: String {
        "\(invariant): \(object), step \(step) at \(time): \(sentence)"
    }
}
