import KubernetesCore

/// The JSONPath of printer columns and scale paths: members, positions, wildcards and filters by
/// equality, as in `.status.conditions[?(@.type=="Ready")].status`.
struct JSONPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        case position(Int)
        case all
        case filter(path: [String], operation: String, value: JSONValue)
        case exists(path: [String])
    }

    private let steps: [Step]

    /// Reads a path with or without its leading dot; nil where it is none.
    init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
        if rest.hasPrefix("$") { rest = rest.dropFirst() }
        var steps: [Step] = []
        while let first = rest.first {
            if first == "." {
                rest = rest.dropFirst()
                if rest.isEmpty || rest.first == "[" { continue }
                let name = JSONPath.name(&rest)
                guard !name.isEmpty else { return nil }
                steps.append(name == "*" ? .all : .member(name))
            } else if first == "[" {
                guard let step = JSONPath.bracket(&rest) else { return nil }
                steps.append(step)
            } else if steps.isEmpty {
                let name = JSONPath.name(&rest)
                guard !name.isEmpty else { return nil }
                steps.append(.member(name))
            } else {
                return nil
            }
        }
        self.steps = steps
    }

    /// The path's members where it is nothing but members: `.spec.size`.
    var members: [String]? {
        var names: [String] = []
        for step in steps {
            guard case .member(let name) = step else { return nil }
            names.append(name)
        }
        return names.isEmpty ? nil : names
    }

    /// A name up to the next dot or bracket that no backslash precedes.
    private static func name(_ rest: inout Substring) -> String {
        var name = ""
        while let character = rest.first {
            if character == "\\", rest.count > 1 {
                rest.removeFirst()
                name.append(rest.removeFirst())
                continue
            }
            if character == "." || character == "[" { break }
            name.append(rest.removeFirst())
        }
        return name
    }

    private static func bracket(_ rest: inout Substring) -> Step? {
        guard let end = closing(rest) else { return nil }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        if inside == "*" { return .all }
        if let position = Int(inside) { return .position(position) }
        if let quote = inside.first, quote == "'" || quote == "\"", inside.last == quote {
            return .member(String(inside.dropFirst().dropLast()))
        }
        guard inside.hasPrefix("?("), inside.hasSuffix(")") else { return nil }
        return filter(inside.dropFirst(2).dropLast())
    }

    /// The bracket that closes the one `text` begins with; brackets inside quotes do not count.
    private static func closing(_ text: Substring) -> Substring.Index? {
        var quote: Character?
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "]" {
                return index
            }
        }
        return nil
    }

    private static func filter(_ text: Substring) -> Step? {
        for operation in ["==", "!="] {
            guard let range = find(operation, in: text) else { continue }
            let path = trim(text[..<range.lowerBound])
            let literal = trim(text[range.upperBound...])
            guard path.hasPrefix("@"), let names = JSONPath(String(path.dropFirst()))?.members
            else { return nil }
            let value: JSONValue
            if let quote = literal.first, quote == "'" || quote == "\"", literal.last == quote {
                value = .string(String(literal.dropFirst().dropLast()))
            } else if let number = Int64(literal) {
                value = .integer(number)
            } else if literal == "true" || literal == "false" {
                value = .bool(literal == "true")
            } else {
                return nil
            }
            return .filter(path: names, operation: operation, value: value)
        }
        guard text.hasPrefix("@"), let names = JSONPath(String(text.dropFirst()))?.members
        else { return nil }
        return .exists(path: names)
    }

    private static func find(_ word: String, in text: Substring) -> Range<Substring.Index>? {
        for index in text.indices where text[index...].hasPrefix(word) {
            return index..<text.index(index, offsetBy: word.count)
        }
        return nil
    }

    private static func trim(_ text: Substring) -> Substring {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }

    /// What the path finds in `value`, in order.
    func find(in value: JSONValue) -> [JSONValue] {
        var found = [value]
        for step in steps {
            found = found.flatMap { JSONPath.apply(step, to: $0) }
            if found.isEmpty { break }
        }
        return found
    }

    private static func apply(_ step: Step, to value: JSONValue) -> [JSONValue] {
        switch step {
        case .member(let name):
            return value[name].map { [$0] } ?? []
        case .position(let index):
            guard let elements = value.array else { return [] }
            let at = index < 0 ? elements.count + index : index
            return elements.indices.contains(at) ? [elements[at]] : []
        case .all:
            return value.array ?? value.object?.values ?? []
        case .filter(let path, let operation, let wanted):
            return (value.array ?? []).filter { element in
                guard let found = element[path: path] else { return false }
                return (found == wanted) == (operation == "==")
            }
        case .exists(let path):
            return (value.array ?? []).filter { $0[path: path] != nil }
        }
    }
}
