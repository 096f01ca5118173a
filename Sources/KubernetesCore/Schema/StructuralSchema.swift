/// An OpenAPI v3 schema as custom resource definitions use it, as a tree of values.
///
/// Reads from and writes to the `openAPIV3Schema` of a CRD, fills in defaults, drops unknown
/// fields, and validates objects with the messages of a kube-apiserver 1.36.
public struct StructuralSchema: Sendable, Equatable {
    /// The JSON types a value can be asked to have.
    public enum ValueType: String, Sendable, Hashable {
        case object
        case array
        case string
        case integer
        case number
        case boolean
    }

    /// How server-side apply treats a list.
    public enum ListType: String, Sendable, Hashable {
        case atomic
        case set
        case map
    }

    /// How server-side apply treats an object.
    public enum MapType: String, Sendable, Hashable {
        case granular
        case atomic
    }

    /// What an object may have besides its properties.
    public indirect enum Additional: Sendable, Equatable {
        /// Anything, or nothing.
        case allowed(Bool)
        /// Values of this schema.
        case schema(StructuralSchema)
    }

    /// The type; `nil` where any is allowed, or where `isIntOrString`.
    public var type: ValueType?
    /// What the value means, for people.
    public var description: String?
    /// The format of a string or number, as in `date-time`.
    public var format: String?
    /// Whether `null` is allowed.
    public var isNullable = false
    /// What an absent member becomes.
    public var defaultValue: JSONValue?
    /// The allowed values; empty for any.
    public var allowedValues: [JSONValue] = []

    /// The known members of an object.
    public var properties: SortedMembers<StructuralSchema> = [:]
    /// What an object may have besides; `nil` where the schema does not say.
    public var additionalProperties: Additional?
    /// The members an object must have.
    public var required: [String] = []
    /// The fewest members of an object.
    public var minProperties: Int?
    /// The most members of an object.
    public var maxProperties: Int?

    private var itemsBox: [StructuralSchema] = []
    /// The fewest elements of an array.
    public var minItems: Int?
    /// The most elements of an array.
    public var maxItems: Int?
    /// Whether the elements of an array must differ.
    public var hasUniqueItems = false

    /// The least number.
    public var minimum: Double?
    /// The greatest number.
    public var maximum: Double?
    /// Whether the least number itself is not allowed.
    public var isMinimumExclusive = false
    /// Whether the greatest number itself is not allowed.
    public var isMaximumExclusive = false
    /// What a number must be a multiple of.
    public var multipleOf: Double?

    /// The fewest characters of a string.
    public var minLength: Int?
    /// The most characters of a string.
    public var maxLength: Int?
    /// A regular expression that must be found in a string.
    public var pattern: String? {
        get { compiledPattern?.source }
        set { compiledPattern = newValue.map(CompiledPattern.init) }
    }
    /// The expression of `pattern`, compiled once for all values.
    private(set) var compiledPattern: CompiledPattern?

    /// Schemas that must all hold.
    public var allOf: [StructuralSchema] = []
    /// Schemas of which at least one must hold.
    public var anyOf: [StructuralSchema] = []
    /// Schemas of which exactly one must hold.
    public var oneOf: [StructuralSchema] = []
    private var notBox: [StructuralSchema] = []

    /// Whether unknown members are kept; `nil` where the schema does not say.
    public var preservesUnknownFields: Bool?
    /// Whether the value is a whole Kubernetes object inside another.
    public var isEmbeddedResource = false
    /// Whether the value is a whole number or a string.
    public var isIntOrString = false
    /// How server-side apply treats a list.
    public var listType: ListType?
    /// The members that tell the elements of a list of type `map` apart.
    public var listMapKeys: [String] = []
    /// How server-side apply treats an object.
    public var mapType: MapType?
    /// Rules in CEL.
    public var rules: [ValidationRule] = []
    /// Keywords that this type gives no meaning to, as `title` and `example`; kept for `json`.
    public var otherKeywords = JSONObject()

    /// A schema that allows anything.
    public init() {}

    /// The schema of an array's elements.
    public var items: StructuralSchema? {
        get { itemsBox.first }
        set { itemsBox = newValue.map { [$0] } ?? [] }
    }

    /// A schema that must not hold.
    public var not: StructuralSchema? {
        get { notBox.first }
        set { notBox = newValue.map { [$0] } ?? [] }
    }

    /// The schema of the members that `properties` does not name, where there is one.
    public var additionalSchema: StructuralSchema? {
        if case .schema(let schema) = additionalProperties { schema } else { nil }
    }

    /// The schema of the member `key`, by name or as an additional property.
    public func member(_ key: String) -> StructuralSchema? { properties[key] ?? additionalSchema }
}
