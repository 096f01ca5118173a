/// Conditions on single fields of objects, all of which must hold (`fieldSelector=spec.mode=safe`).
/// Which fields a kind supports is for the caller to check.
public struct FieldSelector: Hashable, Sendable, CustomStringConvertible {
    /// One condition: a field has a value, or has it not.
    public struct Requirement: Hashable, Sendable {
        /// The field's path, as in `metadata.name`.
        public let field: String
        /// Whether the field must have the value, or must not.
        public let isEqual: Bool
        /// The value, with its escapes resolved.
        public let value: String

        /// A condition by its parts.
        public init(field: String, isEqual: Bool = true, value: String) {
            self.field = field
            self.isEqual = isEqual
            self.value = value
        }
    }

    /// The conditions, ascending by their text.
    public let requirements: [Requirement]

    /// The selector that every object meets.
    public static let everything = FieldSelector([])

    /// These conditions.
    public init(_ requirements: [Requirement]) { self.requirements = requirements }

    /// Reads the grammar of queries; an empty text selects everything.
    public init(parsing text: String) throws(SelectorError) {
        var requirements: [Requirement] = []
        for term in FieldSelector.terms(text).sorted() where !term.isEmpty {
            guard let (field, isEqual, value) = FieldSelector.split(term) else {
                throw SelectorError("invalid selector: '\(text)'; can't understand '\(term)'")
            }
            requirements.append(
                Requirement(
                    field: field, isEqual: isEqual, value: try FieldSelector.unescape(value)))
        }
        self.init(requirements)
    }

    /// Whether a field must have one value, which then is returned.
    public func requiredValue(of field: String) -> String? {
        requirements.first { $0.field == field && $0.isEqual }?.value
    }

    /// Whether an object meets every condition; `value` looks a field up, absent ones are empty.
    public func matches(_ value: (String) -> String?) -> Bool {
        requirements.allSatisfy { ((value($0.field) ?? "") == $0.value) == $0.isEqual }
    }

    /// The conditions in the grammar of queries.
    public var description: String {
        requirements.map { $0.field + ($0.isEqual ? "=" : "!=") + FieldSelector.escape($0.value) }
            .joined(separator: ",")
    }

    /// The parts between commas that no backslash precedes.
    private static func terms(_ text: String) -> [String] {
        var terms: [String] = []
        var current = ""
        var escaped = false
        for character in text {
            if !escaped, character == "," {
                terms.append(current)
                current = ""
                continue
            }
            escaped = !escaped && character == "\\"
            current.append(character)
        }
        return terms + [current]
    }

    private static func split(_ term: String) -> (String, Bool, String)? {
        for index in term.indices {
            let rest = term[index...]
            for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)]
            where rest.hasPrefix(sign) {
                return (String(term[..<index]), isEqual, String(rest.dropFirst(sign.count)))
            }
        }
        return nil
    }

    private static func unescape(_ text: String) throws(SelectorError) -> String {
        var result = ""
        var escaped = false
        for character in text {
            if escaped {
                guard ["\\", ",", "="].contains(character) else {
                    throw SelectorError(
                        "invalid field selector: invalid escape sequence: \\\(character)")
                }
                result.append(character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "," || character == "=" {
                let code = character.unicodeScalars.first?.value ?? 0
                throw SelectorError(
                    "invalid field selector: unescaped character in value: \(code)")
            } else {
                result.append(character)
            }
        }
        guard !escaped else {
            throw SelectorError("invalid field selector: invalid escape sequence: \\")
        }
        return result
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for character in text {
            if ["\\", ",", "="].contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
