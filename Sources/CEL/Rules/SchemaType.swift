import KubernetesCore

/// How values of a structural schema look to CEL: which type they have, which fields can be seen.
///
/// Two are equal where they are the same object or have the same name; names tell the places of one
/// schema apart.
public final class SchemaType: Sendable, Hashable {
    enum Kind: Sendable {
        case intOrString, integer, number, boolean, string, bytes, duration, date, dateTime
        case array, map, object
        /// Anything; only in types that a program declares.
        case dynamic
    }

    /// How lists are compared and joined.
    enum ListKind: Sendable, Equatable {
        case plain
        case set
        case map([String])
    }

    struct Field: Sendable {
        /// The name in JSON.
        let name: String
        let schema: SchemaType
    }

    /// The name in messages.
    public let name: String
    let kind: Kind
    let isNullable: Bool
    let listKind: ListKind
    /// The schema of elements or of the values of a map.
    let element: SchemaType?
    /// Fields by their name in CEL.
    let fields: [String: Field]
    /// The names of the fields in CEL, ascending, each once.
    let fieldOrder: [String]
    /// The bounds that the estimate of costs uses.
    let bounds: SchemaBounds

    /// The type of values of `schema`; `nil` where CEL cannot see them. With `isObject` the value
    /// is a whole Kubernetes object, which always has `apiVersion`, `kind` and `metadata`.
    init?(_ schema: StructuralSchema, name: String, isObject: Bool) {
        self.name = name
        isNullable = schema.isNullable
        bounds = SchemaBounds(schema)
        var element: SchemaType?
        var fields: [String: Field] = [:]
        var order: [String] = []
        var listKind = ListKind.plain
        if schema.isIntOrString {
            kind = .intOrString
        } else {
            switch schema.type {
            case .integer: kind = .integer
            case .number: kind = .number
            case .boolean: kind = .boolean
            case .string: kind = Self.stringKind(schema.format)
            case .array:
                kind = .array
                guard let items = schema.items,
                    let type = SchemaType(
                        items, name: name + ".@idx", isObject: items.isEmbeddedResource)
                else { return nil }
                element = type
                if schema.listType == .set { listKind = .set }
                if schema.listType == .map { listKind = .map(schema.listMapKeys) }
            case .object:
                if let additional = schema.additionalSchema {
                    kind = .map
                    guard
                        let type = SchemaType(
                            additional, name: name + ".@elem",
                            isObject: additional.isEmbeddedResource)
                    else { return nil }
                    element = type
                } else {
                    kind = .object
                    (fields, order) = Self.fields(
                        of: schema, name, isObject: isObject || schema.isEmbeddedResource)
                }
            case nil:
                guard schema.isEmbeddedResource || isObject else { return nil }
                kind = .object
                (fields, order) = Self.fields(of: schema, name, isObject: true)
            }
        }
        self.element = element
        self.fields = fields
        fieldOrder = order
        self.listKind = listKind
    }

    /// A type that a program declares, not a schema.
    init(
        _ name: String, _ kind: Kind, element: SchemaType? = nil,
        fields: [(name: String, type: SchemaType)] = []
    ) {
        self.name = name
        self.kind = kind
        isNullable = false
        listKind = .plain
        self.element = element
        var known: [String: Field] = [:]
        for field in fields { known[field.name] = Field(name: field.name, schema: field.type) }
        self.fields = known
        fieldOrder = fields.map(\.name).sorted()
        bounds = SchemaBounds(.object())
    }

    private static func stringKind(_ format: String?) -> Kind {
        switch format {
        case "byte": .bytes
        case "duration": .duration
        case "date": .date
        case "date-time": .dateTime
        default: .string
        }
    }

    private static func fields(
        of schema: StructuralSchema, _ name: String, isObject: Bool
    ) -> ([String: Field], [String]) {
        var properties = schema.properties
        if isObject {
            var metadata = properties["metadata"] ?? .object()
            if metadata.properties["name"] == nil { metadata.properties["name"] = .string() }
            if metadata.properties["generateName"] == nil {
                metadata.properties["generateName"] = .string()
            }
            metadata.type = .object
            metadata.additionalProperties = nil
            properties["apiVersion"] = properties["apiVersion"] ?? .string()
            properties["kind"] = properties["kind"] ?? .string()
            properties["metadata"] = metadata
        }
        var fields: [String: Field] = [:]
        var order: [String] = []
        for (property, value) in properties {
            guard let escaped = PropertyNames.escaped(property),
                let type = SchemaType(
                    value, name: name + "." + property, isObject: value.isEmbeddedResource)
            else { continue }
            let field = Field(name: property, schema: type)
            fields[escaped] = field
            order.append(escaped)
            // A reserved word is also a plain field name, for it cannot be taken for a variable.
            if escaped != property, CELWords.reserved.contains(property) {
                fields[property] = field
            }
        }
        return (fields, order.sorted())
    }

    /// Whether values have named fields.
    var isObject: Bool { kind == .object }

    /// The type in the checker.
    var type: CELType {
        switch kind {
        case .intOrString, .dynamic: .dyn
        case .integer: .int
        case .number: .double
        case .boolean: .bool
        case .string: .string
        case .bytes: .bytes
        case .duration: .duration
        case .date, .dateTime: .timestamp
        case .array: .list(element?.type ?? .dyn)
        case .map: .map(.string, element?.type ?? .dyn)
        case .object: .object(self)
        }
    }

    /// Whether both have the same name.
    public static func == (left: SchemaType, right: SchemaType) -> Bool {
        left === right || CELText.equal(left.name, right.name)
    }

    /// Feeds the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The bounds of a schema that say how large its values can be.
struct SchemaBounds: Sendable {
    let maxLength: Int?
    let maxItems: Int?
    let maxProperties: Int?
    let longestAllowed: Int?
    let required: [String]

    init(_ schema: StructuralSchema) {
        maxLength = schema.maxLength
        maxItems = schema.maxItems
        maxProperties = schema.maxProperties
        required = schema.required.filter { schema.properties[$0]?.defaultValue == nil }
        longestAllowed = schema.allowedValues.compactMap { $0.string?.utf8.count }.max()
    }
}
