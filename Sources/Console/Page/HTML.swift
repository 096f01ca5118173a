/// A piece of HTML that is safe by construction: literals are taken as they stand, because they are
/// ours; every text that is put in is escaped, because it may be anyone's.
public struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// The markup.
    public let source: String

    /// A literal, as it stands.
    public init(stringLiteral literal: String) { source = literal }

    /// A literal with values in it.
    public init(stringInterpolation interpolation: StringInterpolation) {
        source = interpolation.source
    }

    private init(source: String) { self.source = source }

    /// Pieces one after the other.
    public init(_ pieces: [HTML]) { source = pieces.map(\.source).joined() }

    /// What stands between the literals of an `HTML`.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source: String

        /// Room for what comes.
        public init(literalCapacity: Int, interpolationCount: Int) {
            source = ""
            source.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// A part of the literal, as it stands.
        public mutating func appendLiteral(_ literal: String) { source += literal }

        /// A text of anyone: escaped for elements and quoted attributes alike.
        public mutating func appendInterpolation(_ text: String) {
            source += HTML.escaped(text)
        }

        /// A number.
        public mutating func appendInterpolation(_ number: Int) { source += String(number) }

        /// A piece that is safe already.
        public mutating func appendInterpolation(_ piece: HTML) { source += piece.source }

        /// Pieces that are safe already.
        public mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { source += piece.source }
        }

        /// A piece that is safe already, or nothing.
        public mutating func appendInterpolation(_ piece: HTML?) { source += piece?.source ?? "" }
    }

    /// `text` in which nothing can end an element's text or a quoted attribute's value; without
    /// control characters.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in PlainText.of(text, max: 4_096).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "`": result += "&#96;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
