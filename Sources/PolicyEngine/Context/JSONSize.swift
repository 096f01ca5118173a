import KubernetesCore

/// How many bytes a value takes as JSON, about.
enum JSONSize {
    static func of(_ value: JSONValue) -> Int {
        switch value {
        case .null, .bool: 4
        case .integer, .double: 8
        case .string(let text): text.utf8.count + 2
        case .array(let elements): elements.reduce(2) { $0 + of($1) + 1 }
        case .object(let members):
            zip(members.keys, members.values).reduce(2) { $0 + $1.0.utf8.count + of($1.1) + 4 }
        }
    }

    /// About how many steps it takes at worst to compare two values text by text, where either may
    /// hold wildcards: a step stands for a few hundred pairs of bytes.
    static func comparison(_ first: JSONValue, _ second: JSONValue) -> Int {
        let (product, overflow) = of(first).multipliedReportingOverflow(by: of(second))
        return overflow ? .max : 5 + product / 256
    }

    /// The bytes of the longest text with wildcards in `value`; 0 where there is none.
    static func longestWildcard(in value: JSONValue) -> Int {
        switch value {
        case .string(let text): Wildcard.isPattern(text) ? text.utf8.count : 0
        case .array(let elements): elements.reduce(0) { max($0, longestWildcard(in: $1)) }
        case .object(let members):
            members.values.reduce(0) { max($0, longestWildcard(in: $1)) }
        default: 0
        }
    }
}
