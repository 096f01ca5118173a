/// A text with `*` for any run of characters, none included, and `?` for exactly one character.
///
/// There is no way to mean either of them literally. Case counts, and the whole text has to match.
/// The time is bounded by the product of the two lengths; no pattern makes it grow further.
public struct Wildcard: Hashable, Sendable {
    private static let star = UInt8(ascii: "*")
    private static let single = UInt8(ascii: "?")

    private let bytes: [UInt8]
    private let isLiteral: Bool

    /// The pattern that `text` spells.
    public init(_ text: String) {
        bytes = Array(text.utf8)
        isLiteral = !Wildcard.isPattern(text)
    }

    /// Whether `text` holds a `*` or a `?`.
    public static func isPattern(_ text: String) -> Bool {
        text.utf8.contains { $0 == star || $0 == single }
    }

    /// Whether `text` is what `pattern` describes.
    public static func matches(_ pattern: String, _ text: String) -> Bool {
        Wildcard(pattern).matches(text)
    }

    /// Whether `text` is what this pattern describes.
    public func matches(_ text: String) -> Bool {
        if isLiteral { return text.utf8.elementsEqual(bytes) }
        var text = text
        return text.withUTF8 { matches($0) }
    }

    /// Goes on greedily and comes back only to the last `*`, which is enough: what an earlier one
    /// could take, the last one can take as well.
    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var (place, position) = (0, 0)
        var lastStar: (place: Int, position: Int)?
        while position < text.count {
            let expected = place < bytes.count ? bytes[place] : nil
            if expected == Wildcard.star {
                lastStar = (place, position)
                place += 1
            } else if expected == Wildcard.single {
                place += 1
                position = Wildcard.next(text, position)
            } else if expected == text[position] {
                place += 1
                position += 1
            } else if let last = lastStar {
                position = Wildcard.next(text, last.position)
                place = last.place + 1
                lastStar = (last.place, position)
            } else {
                return false
            }
        }
        return bytes[place...].allSatisfy { $0 == Wildcard.star }
    }

    /// Where the character after the one at `position` begins.
    private static func next(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        var next = position + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
