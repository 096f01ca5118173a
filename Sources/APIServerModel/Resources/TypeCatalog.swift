import KubernetesCore

/// The types of the built-in kinds, read from the notation of `TypeNotation`.
struct TypeCatalog: Sendable {
    private(set) var types: [String: TypeSpec] = [:]

    static let builtIn = TypeCatalog(
        reading: [
            TypeNotation.metadata, TypeNotation.core, TypeNotation.pods, TypeNotation.volumes,
            TypeNotation.access, TypeNotation.policy, TypeNotation.extensions, TypeNotation.apps,
        ])

    /// Reads texts in which a line without indentation names a type and each indented line is one
    /// field: name, type, then flags. Types: a scalar, `[element]`, `{value of a map}` or the name
    /// of a type. Flags: `?` keeps zero values, `!` is always written, `*` is required, `@set` and
    /// `@key,key` say how lists merge, `=value` is the default.
    init(reading texts: [String]) {
        for text in texts {
            var name = ""
            var fields: [FieldSpec] = []
            for line in text.split(separator: "\n") {
                if line.hasPrefix(" ") {
                    fields.append(TypeCatalog.field(line))
                    continue
                }
                if !name.isEmpty { types[name] = TypeSpec(name: name, fields: fields) }
                name = String(line)
                fields = []
            }
            if !name.isEmpty { types[name] = TypeSpec(name: name, fields: fields) }
        }
    }

    subscript(_ name: String) -> TypeSpec? { types[name] }

    private static func field(_ line: Substring) -> FieldSpec {
        let words = line.split(separator: " ")
        precondition(words.count >= 2, "a field needs a name and a type: \(line)")
        var field = FieldSpec(name: String(words[0]), type: type(words[1]))
        for flag in words.dropFirst(2) {
            switch flag.first {
            case "?": field.keepsZero = true
            case "!": field.isAlwaysWritten = true
            case "*": field.isRequired = true
            case "@" where flag == "@set": field.merge = .set
            case "@":
                field.merge = .map(flag.dropFirst().split(separator: ",").map(String.init))
            case "=": field.defaultValue = value(flag.dropFirst(), of: field.type)
            default: preconditionFailure("an unknown flag: \(line)")
            }
        }
        return field
    }

    private static func type(_ text: Substring) -> FieldType {
        if text.hasPrefix("[") { return .list(type(text.dropFirst().dropLast())) }
        if text.hasPrefix("{") { return .map(type(text.dropFirst().dropLast())) }
        switch text {
        case "string": return .string
        case "int32": return .int32
        case "int64": return .int64
        case "double": return .double
        case "bool": return .bool
        case "quantity": return .quantity
        case "intOrString": return .intOrString
        case "time": return .time
        case "microTime": return .microTime
        case "bytes": return .bytes
        case "any": return .any
        default: return .object(String(text))
        }
    }

    private static func value(_ text: Substring, of type: FieldType) -> JSONValue {
        switch type {
        case .int32, .int64, .intOrString: .integer(Int64(text) ?? 0)
        case .bool: .bool(text == "true")
        case .object: .object([:])
        default: .string(String(text))
        }
    }
}
