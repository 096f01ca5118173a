/// A type of CEL, at run time or in the type checker.
public indirect enum CELType: Hashable, Sendable, CustomStringConvertible {
    /// Not known before the evaluation.
    case dyn
    case null
    case bool
    case int
    case uint
    case double
    case string
    case bytes
    case timestamp
    case duration
    /// The type of types.
    case type
    case list(CELType)
    case map(CELType, CELType)
    case optional(CELType)
    /// A library's type by its name, with its parameters.
    case opaque(String, [CELType] = [])
    /// An object with declared fields.
    case object(SchemaType)
    /// The type of the value that names a type.
    case typeOf(CELType)
    /// A type to be found by unification.
    case parameter(Int)
    /// What follows an error; fits everything, so that one error is reported once.
    case error

    /// The type as messages and the function `type` show it.
    public var description: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .type: "type"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .optional(let value): "optional_type(\(value))"
        case .opaque(let name, let parameters):
            parameters.isEmpty
                ? name
                : name + "(" + parameters.map(\.description).joined(separator: ", ") + ")"
        case .object(let schema): schema.name
        case .typeOf(let type): "type(\(type))"
        case .parameter(let number): "_var\(number)"
        case .error: "!error!"
        }
    }

    /// The name of the type without its parameters: what `type(x)` is called.
    public var name: String {
        switch self {
        case .null: "null_type"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .list: "list"
        case .map: "map"
        case .optional: "optional_type"
        case .typeOf: "type"
        case .opaque(let name, _): name
        default: description
        }
    }

    /// The types that an expression can name.
    static let named: [String: CELType] = [
        "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string,
        "bytes": .bytes, "list": .list(.dyn), "map": .map(.dyn, .dyn), "null_type": .null,
        "type": .type, "google.protobuf.Timestamp": .timestamp,
        "google.protobuf.Duration": .duration, "optional_type": .optional(.dyn),
        "net.IP": .opaque("net.IP"), "net.CIDR": .opaque("net.CIDR"),
        "kubernetes.URL": .opaque("kubernetes.URL"),
        "kubernetes.Quantity": .opaque("kubernetes.Quantity"),
        "kubernetes.Semver": .opaque("kubernetes.Semver"),
        "kubernetes.NamedFormat": .opaque("kubernetes.NamedFormat"),
    ]
}
