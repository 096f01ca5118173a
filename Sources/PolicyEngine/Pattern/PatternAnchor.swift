/// What the brackets around a key of a pattern mean: `(key)`, `=(key)`, `^(key)`, `X(key)`,
/// `<(key)` and `+(key)`.
enum PatternAnchor: Character, Hashable, Sendable {
    /// `(key)`: the rest counts only where this matches; else the element is skipped.
    case condition = "("
    /// `=(key)`: has to match where the key is there.
    case equality = "="
    /// `^(key)`: at least one element of the list has to match.
    case existence = "^"
    /// `X(key)`: the key must not be there.
    case negation = "X"
    /// `<(key)`: the whole rule counts only where this matches, should the key be there.
    case global = "<"
    /// `+(key)`: adds where nothing is; only in mutations.
    case addIfAbsent = "+"

    /// Takes the brackets off a key.
    static func parse(_ raw: String) -> (anchor: PatternAnchor, key: String)? {
        let text = raw.trimmingSpaces()
        guard text.last == ")", let first = text.first else { return nil }
        var inner = text.dropLast()
        if first != "(" {
            guard let anchor = PatternAnchor(rawValue: first) else { return nil }
            inner.removeFirst()
            guard inner.first == "(" else { return nil }
            inner.removeFirst()
            return inner.isEmpty ? nil : (anchor, String(inner))
        }
        inner.removeFirst()
        return inner.isEmpty ? nil : (.condition, String(inner))
    }

    /// A key with these brackets around it.
    func wrapping(_ key: String) -> String {
        (self == .condition ? "(" : String(rawValue) + "(") + key + ")"
    }

    /// Whether a raw key looks as if brackets were meant that are none.
    static func isBroken(_ raw: String) -> Bool {
        let text = raw.trimmingSpaces()
        guard parse(raw) == nil, let first = text.first else { return false }
        if first == "(" || text.hasSuffix(")") { return true }
        return text.dropFirst().first == "(" && (PatternAnchor(rawValue: first) != nil)
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    func trimmingSpaces() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
