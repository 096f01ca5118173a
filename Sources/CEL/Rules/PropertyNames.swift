/// Names of properties as CEL spells them.
public enum PropertyNames {
    private static let parts: [(plain: String, escaped: String)] = [
        ("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"),
    ]

    /// The identifier for the property `name`; `nil` where there is none, and expressions cannot
    /// see the property.
    public static func escaped(_ name: String) -> String? {
        if CELWords.reserved.contains(name) || CELWords.keywords.contains(name) {
            return "__" + name + "__"
        }
        guard let first = name.unicodeScalars.first, !CELLexer.isDigit(first),
            name.unicodeScalars.allSatisfy({
                CELLexer.isLetter($0) || CELLexer.isDigit($0) || ".-/".unicodeScalars.contains($0)
            })
        else { return nil }
        var result = ""
        var rest = name[...]
        next: while !rest.isEmpty {
            for part in parts where rest.hasPrefix(part.plain) {
                result += part.escaped
                rest = rest.dropFirst(part.plain.count)
                continue next
            }
            result += rest.prefix(1)
            rest = rest.dropFirst()
        }
        return result
    }

    /// The property that the identifier `name` stands for; `nil` where it stands for none.
    public static func unescaped(_ name: String) -> String? {
        if name.hasPrefix("__"), name.hasSuffix("__"), name.utf8.count > 4 {
            let word = String(name.dropFirst(2).dropLast(2))
            if CELWords.reserved.contains(word) || CELWords.keywords.contains(word) { return word }
        }
        var result = ""
        var rest = name[...]
        next: while !rest.isEmpty {
            guard rest.hasPrefix("__") else {
                result += rest.prefix(1)
                rest = rest.dropFirst()
                continue
            }
            for part in parts where rest.hasPrefix(part.escaped) {
                result += part.plain
                rest = rest.dropFirst(part.escaped.count)
                continue next
            }
            return nil
        }
        return result
    }
}
