/// Finds `{{ expression }}` in texts.
///
/// A variable holds no other braces than single pairs, so that of nested variables the innermost
/// one is found; a backslash in front makes the braces plain text.
enum VariableScanner {
    /// A variable in a text.
    struct Match {
        /// Where it stands, braces included, in bytes.
        let range: Range<Int>
    }

    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")
    private static let escape = UInt8(ascii: "\\")

    /// The variables of `text` from left to right. Each byte is looked at a bounded number of
    /// times: a variable that does not close is given up at the first brace that cannot be in it.
    static func matches(in text: [UInt8]) -> [Match] {
        var found: [Match] = []
        var at = 0
        while at + 3 < text.count {
            guard text[at] == open, text[at + 1] == open,
                at == 0 || text[at - 1] != escape, let end = end(of: at, in: text)
            else {
                at += 1
                continue
            }
            found.append(Match(range: at..<end))
            at = end
        }
        return found
    }

    /// Where the variable that opens at `start` ends.
    private static func end(of start: Int, in text: [UInt8]) -> Int? {
        var at = start + 2
        while at < text.count {
            if text[at] == close {
                return at + 1 < text.count && text[at + 1] == close ? at + 2 : nil
            }
            guard text[at] == open else {
                at += 1
                continue
            }
            at += 1
            while at < text.count, text[at] != close {
                if text[at] == open { return nil }
                at += 1
            }
            guard at < text.count else { return nil }
            at += 1
        }
        return nil
    }

    /// The expression inside a variable: without braces, trimmed; and whether what it gives is
    /// taken as it is, which a dash in front says.
    static func expression(of match: Match, in text: [UInt8]) -> (text: String, isShallow: Bool) {
        let whole = String(decoding: text[match.range], as: UTF8.self)
        var inner = remove("}}", from: remove("{{", from: whole))
        inner = trimmed(inner)
        guard inner.hasPrefix("-") else { return (inner, false) }
        return (trimmed(String(inner.dropFirst())), true)
    }

    /// Whether `text` has anything that looks like a variable, escaped or not.
    static func mayHold(_ text: String) -> Bool {
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == open, last == open { return true }
            last = byte
        }
        return false
    }

    /// `text` with the backslash taken from every escaped variable.
    static func unescaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == escape, at + 2 < bytes.count, bytes[at + 1] == open,
                bytes[at + 2] == open, let end = end(of: at + 1, in: bytes)
            {
                result += bytes[at + 1..<end]
                at = end
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `text` with every variable in it escaped.
    static func escaped(_ text: String) -> String {
        guard mayHold(text) else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        for match in matches(in: bytes) {
            result += bytes[at..<match.range.lowerBound]
            result.append(escape)
            at = match.range.lowerBound
        }
        result += bytes[at...]
        return String(decoding: result, as: UTF8.self)
    }

    private static func remove(_ part: String, from text: String) -> String {
        let part = Array(part.utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if at + 1 < bytes.count, bytes[at] == part[0], bytes[at + 1] == part[1] {
                at += 2
            } else {
                result.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        let spaces: Set<Unicode.Scalar> = [" ", "\t", "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}"]
        var view = text.unicodeScalars[...]
        while let first = view.first, spaces.contains(first) { view.removeFirst() }
        while let last = view.last, spaces.contains(last) { view.removeLast() }
        return String(view)
    }
}
