/// The identity of one object for its whole life; a successor of the same name has another one.
public struct UID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text, usually a UUID.
    public let text: String

    /// The identity that `text` spells.
    public init(_ text: String) { self.text = text }

    /// The text.
    public var description: String { text }

    /// By their text.
    public static func < (left: UID, right: UID) -> Bool { left.text < right.text }
}
