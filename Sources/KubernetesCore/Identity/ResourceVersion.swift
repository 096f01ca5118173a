/// A version of one kind's history. Comparable within one resource, by KEP-5504 (stable in 1.35):
/// a decimal number without a leading zero. Anything else compares only as equal or not.
public struct ResourceVersion: Hashable, Sendable, CustomStringConvertible {
    /// The server's text; empty where it is not known.
    public let text: String

    /// The version that the server spells `text`.
    public init(_ text: String) { self.text = text }

    /// No version: what a list without history is asked with.
    public static let unknown = ResourceVersion("")

    /// The text.
    public var description: String { text }

    /// The number, where the text is one.
    public var number: UInt64? {
        guard text.utf8.first != UInt8(ascii: "0") || text == "0" else { return nil }
        return UInt64(text)
    }

    /// Whether this version is `other` or later; `nil` where the two cannot be compared.
    public func hasReached(_ other: ResourceVersion) -> Bool? {
        if text == other.text { return true }
        guard let own = number, let wanted = other.number else { return nil }
        return own >= wanted
    }
}
