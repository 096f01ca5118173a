import KubernetesCore

/// The `fieldPath` of a rule: `.a.b`, `['c d']`.
struct RuleFieldPath {
    /// A step: a property, or a key of a map.
    enum Step: Equatable {
        case child(String)
        case key(String)
    }

    let steps: [Step]

    /// The path as it is appended to that of the value.
    var text: String {
        var result = ""
        for step in steps {
            switch step {
            case .child(let name): result += "." + name
            case .key(let name): result += "[" + name + "]"
            }
        }
        return result
    }

    /// Reads `text` and finds each step in `schema`.
    init(_ text: String, in schema: StructuralSchema) throws(CELError) {
        let scalars = Array(text.unicodeScalars)
        var position = 0
        var current = schema
        var steps: [Step] = []
        var isFirst = true
        while position < scalars.count {
            let name: String
            switch scalars[position] {
            case ".": name = try Self.dotted(scalars, &position)
            case "[": name = try Self.bracketed(scalars, &position)
            default:
                throw CELError(
                    "expected [ or . but got: \(StringLibrary.join(scalars[position...]))")
            }
            isFirst = false
            if let property = current.properties[name] {
                steps.append(.child(name))
                current = property
            } else if let values = current.additionalSchema {
                steps.append(.key(name))
                current = values
            } else {
                throw CELError("does not refer to a valid field")
            }
        }
        guard !isFirst else { throw CELError("unexpected end of JSON path") }
        self.steps = steps
    }

    private static func dotted(
        _ scalars: [Unicode.Scalar], _ position: inout Int
    ) throws(CELError) -> String {
        position += 1
        let start = position
        while position < scalars.count, scalars[position] != ".", scalars[position] != "[" {
            position += 1
        }
        guard position > start || position < scalars.count else {
            throw CELError("unexpected end of JSON path")
        }
        return StringLibrary.join(scalars[start..<position])
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{0B}", "\\": "\\", "'": "'", "\"": "\"",
    ]

    private static func bracketed(
        _ scalars: [Unicode.Scalar], _ position: inout Int
    ) throws(CELError) -> String {
        position += 1
        guard position < scalars.count else { throw CELError("unexpected end of JSON path") }
        guard scalars[position] == "'" else {
            let rest = scalars[position...].prefix { $0 != "]" }
            throw CELError("expected single quoted string but got \(StringLibrary.join(rest))")
        }
        position += 1
        var name: [Unicode.Scalar] = []
        while position < scalars.count, scalars[position] != "'" {
            if scalars[position] == "\\", position + 1 < scalars.count,
                let escaped = escapes[scalars[position + 1]]
            {
                position += 1
                name.append(escaped)
            } else {
                name.append(scalars[position])
            }
            position += 1
        }
        guard position < scalars.count else { throw CELError("unexpected end of JSON path") }
        position += 1
        guard position < scalars.count else { throw CELError("unexpected end of JSON path") }
        guard scalars[position] == "]" else {
            throw CELError("expected ] but got \(StringLibrary.join(scalars[position...]))")
        }
        position += 1
        return StringLibrary.join(name[...])
    }
}
