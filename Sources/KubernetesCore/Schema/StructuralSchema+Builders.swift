/// What Swift code writes schemas with, so that a CRD stands beside the types it describes.
extension StructuralSchema {
    /// An object with these members, of which those in `required` must be there.
    public static func object(
        _ properties: SortedMembers<StructuralSchema> = [:], required: [String] = []
    ) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .object
        schema.properties = properties
        schema.required = required
        return schema
    }

    /// An object whose members have any names and all this schema.
    public static func map(of values: StructuralSchema, maxCount: Int? = nil) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .object
        schema.additionalProperties = .schema(values)
        schema.maxProperties = maxCount
        return schema
    }

    /// An array; `keys` make it a list that server-side apply merges by these members.
    public static func array(
        of items: StructuralSchema, _ listType: ListType? = nil, keys: [String] = [],
        minCount: Int? = nil, maxCount: Int? = nil
    ) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .array
        schema.items = items
        schema.listType = keys.isEmpty ? listType : .map
        schema.listMapKeys = keys
        schema.minItems = minCount
        schema.maxItems = maxCount
        return schema
    }

    /// A string. Lengths are counted in Unicode code points; a pattern may match anywhere.
    public static func string(
        minLength: Int? = nil, maxLength: Int? = nil, pattern: String? = nil,
        format: String? = nil
    ) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .string
        schema.minLength = minLength
        schema.maxLength = maxLength
        schema.pattern = pattern
        schema.format = format
        return schema
    }

    /// A string that is one of `values`.
    public static func oneOf(_ values: [String]) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .string
        schema.allowedValues = values.map(JSONValue.string)
        return schema
    }

    /// A whole number.
    public static func integer(
        minimum: Int? = nil, maximum: Int? = nil, format: String? = nil
    ) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .integer
        schema.minimum = minimum.map(Double.init)
        schema.maximum = maximum.map(Double.init)
        schema.format = format
        return schema
    }

    /// A number, whole or not; both bounds belong to what is allowed.
    public static func number(
        minimum: Double? = nil, maximum: Double? = nil
    ) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .number
        schema.minimum = minimum
        schema.maximum = maximum
        return schema
    }

    /// A truth value.
    public static func boolean() -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .boolean
        return schema
    }

    /// A whole number or a string, as quantities and percentages are.
    public static func intOrString(pattern: String? = nil) -> StructuralSchema {
        var schema = StructuralSchema()
        schema.isIntOrString = true
        schema.pattern = pattern
        return schema
    }

    /// An object of which nothing is known and everything kept.
    public static func freeObject() -> StructuralSchema {
        var schema = StructuralSchema()
        schema.type = .object
        schema.preservesUnknownFields = true
        return schema
    }

    /// Any JSON value.
    public static func anything() -> StructuralSchema {
        var schema = StructuralSchema()
        schema.preservesUnknownFields = true
        return schema
    }

    /// The same with a description for people.
    public func described(_ text: String) -> StructuralSchema { with { $0.description = text } }

    /// The same with what an absent member becomes.
    public func defaulting(to value: JSONValue) -> StructuralSchema {
        with { $0.defaultValue = value }
    }

    /// The same with one more rule in CEL.
    public func rule(_ rule: ValidationRule) -> StructuralSchema { with { $0.rules.append(rule) } }

    /// The same with one more rule in CEL and what is said where it does not hold.
    public func rule(
        _ expression: String, _ message: String, reason: String? = nil, fieldPath: String? = nil
    ) -> StructuralSchema {
        rule(
            ValidationRule(expression, message: message, reason: reason, fieldPath: fieldPath))
    }

    /// The same, allowing `null`.
    public func nullable() -> StructuralSchema { with { $0.isNullable = true } }

    /// The same after `change`.
    public func with(_ change: (inout StructuralSchema) -> Void) -> StructuralSchema {
        var schema = self
        change(&schema)
        return schema
    }
}
