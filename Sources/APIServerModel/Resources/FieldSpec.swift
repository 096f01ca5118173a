import KubernetesCore

/// The type of one field of a built-in kind.
indirect enum FieldType: Hashable, Sendable {
    case string
    case int32
    case int64
    case double
    case bool
    case quantity
    case intOrString
    case time
    case microTime
    case bytes
    case any
    case list(FieldType)
    case map(FieldType)
    case object(String)
}

/// How the elements of a list are told apart when two writers' lists are merged.
enum ListMerge: Hashable, Sendable {
    case atomic
    case set
    case map([String])
}

/// One field of a built-in type, and what happens to it when it is read.
struct FieldSpec: Hashable, Sendable {
    var name: String
    var type: FieldType
    /// Whether a zero value is kept; elsewhere it is the same as none.
    var keepsZero = false
    /// Whether the field is written even when it is empty.
    var isAlwaysWritten = false
    var isRequired = false
    var merge = ListMerge.atomic
    var defaultValue: JSONValue?
}

/// One type of the built-in kinds: an object with named fields.
struct TypeSpec: Sendable {
    var name: String
    var fields: [FieldSpec]
    private var positions: [String: Int]

    init(name: String, fields: [FieldSpec]) {
        self.name = name
        self.fields = fields
        positions = [:]
        for (index, field) in fields.enumerated() { positions[field.name] = index }
    }

    subscript(_ field: String) -> FieldSpec? {
        positions[field].map { fields[$0] }
    }
}
