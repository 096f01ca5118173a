extension StructuralSchema {
    /// The keywords that have fields of their own.
    private static let keywords: Set<String> = [
        "type", "description", "format", "nullable", "default", "enum", "properties",
        "additionalProperties", "required", "minProperties", "maxProperties", "items", "minItems",
        "maxItems", "uniqueItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "pattern", "allOf", "anyOf", "oneOf", "not",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
        "x-kubernetes-map-type", "x-kubernetes-validations",
    ]

    /// Reads the `openAPIV3Schema` of a CRD. What has no meaning here is kept, not understood; what
    /// has the wrong JSON type is an error that names the place.
    public init(reading value: JSONValue) throws(SchemaError) {
        try self.init(reading: value, at: .root)
    }

    init(reading value: JSONValue, at path: FieldPath) throws(SchemaError) {
        self.init()
        let reader = try SchemaReader(value, at: path)
        type = try reader.word("type", ValueType.self)
        description = try reader.string("description")
        format = try reader.string("format").flatMap { $0.isEmpty ? nil : $0 }
        isNullable = try reader.bool("nullable") ?? false
        defaultValue = reader.members["default"]
        allowedValues = try reader.elements("enum")
        try readObject(reader)
        try readBounds(reader)
        allOf = try reader.schemas("allOf")
        anyOf = try reader.schemas("anyOf")
        oneOf = try reader.schemas("oneOf")
        not = try reader.schema("not")
        preservesUnknownFields = try reader.bool("x-kubernetes-preserve-unknown-fields")
        isEmbeddedResource = try reader.bool("x-kubernetes-embedded-resource") ?? false
        isIntOrString = try reader.bool("x-kubernetes-int-or-string") ?? false
        listType = try reader.word("x-kubernetes-list-type", ListType.self)
        listMapKeys = try reader.strings("x-kubernetes-list-map-keys")
        mapType = try reader.word("x-kubernetes-map-type", MapType.self)
        for (index, rule) in try reader.elements("x-kubernetes-validations").enumerated() {
            rules.append(
                try ValidationRule(
                    reading: rule, at: path.child("x-kubernetes-validations")[index]))
        }
        otherKeywords = JSONObject(
            reader.members.filter { !StructuralSchema.keywords.contains($0.0) }.map { ($0.0, $0.1) }
        )
    }

    private mutating func readObject(_ reader: SchemaReader) throws(SchemaError) {
        if let members = reader.value("properties") {
            let place = reader.path.child("properties")
            guard let members = members.object else {
                throw reader.mismatch("properties", "an object", members)
            }
            for (key, member) in members {
                properties[key] = try StructuralSchema(reading: member, at: place.key(key))
            }
        }
        if let additional = reader.value("additionalProperties") {
            additionalProperties =
                if let flag = additional.bool {
                    .allowed(flag)
                } else {
                    .schema(
                        try StructuralSchema(
                            reading: additional, at: reader.path.child("additionalProperties")))
                }
        }
        required = try reader.strings("required")
        items = try reader.schema("items")
    }

    private mutating func readBounds(_ reader: SchemaReader) throws(SchemaError) {
        minProperties = try reader.count("minProperties")
        maxProperties = try reader.count("maxProperties")
        minItems = try reader.count("minItems")
        maxItems = try reader.count("maxItems")
        hasUniqueItems = try reader.bool("uniqueItems") ?? false
        minimum = try reader.number("minimum")
        maximum = try reader.number("maximum")
        isMinimumExclusive = try reader.bool("exclusiveMinimum") ?? false
        isMaximumExclusive = try reader.bool("exclusiveMaximum") ?? false
        multipleOf = try reader.number("multipleOf")
        minLength = try reader.count("minLength")
        maxLength = try reader.count("maxLength")
        pattern = try reader.string("pattern").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// This schema as the `openAPIV3Schema` of a CRD; what is at its default is left out.
    public var json: JSONValue {
        var members = otherKeywords
        members["type"] = type.map { .string($0.rawValue) }
        members["description"] = description.map(JSONValue.string)
        members["format"] = format.map(JSONValue.string)
        if isNullable { members["nullable"] = true }
        members["default"] = defaultValue
        if !allowedValues.isEmpty { members["enum"] = .array(allowedValues) }
        writeObject(into: &members)
        writeBounds(into: &members)
        for (key, schemas) in [("allOf", allOf), ("anyOf", anyOf), ("oneOf", oneOf)]
        where !schemas.isEmpty {
            members[key] = .array(schemas.map(\.json))
        }
        members["not"] = not?.json
        writeExtensions(into: &members)
        return .object(members)
    }

    private func writeObject(into members: inout JSONObject) {
        if !properties.isEmpty {
            members["properties"] = .object(JSONObject(properties.map { ($0.0, $0.1.json) }))
        }
        switch additionalProperties {
        case .allowed(let flag): members["additionalProperties"] = .bool(flag)
        case .schema(let schema): members["additionalProperties"] = schema.json
        case nil: break
        }
        if !required.isEmpty { members["required"] = .strings(required) }
        members["items"] = items?.json
    }

    private func writeBounds(into members: inout JSONObject) {
        let counts = [
            ("minProperties", minProperties), ("maxProperties", maxProperties),
            ("minItems", minItems), ("maxItems", maxItems), ("minLength", minLength),
            ("maxLength", maxLength),
        ]
        for (key, count) in counts { members[key] = count.map(JSONValue.int) }
        for (key, number) in [
            ("minimum", minimum), ("maximum", maximum), ("multipleOf", multipleOf),
        ] {
            members[key] = number.map { number in
                Int64(exactly: number).map(JSONValue.integer) ?? .double(number)
            }
        }
        if isMinimumExclusive { members["exclusiveMinimum"] = true }
        if isMaximumExclusive { members["exclusiveMaximum"] = true }
        if hasUniqueItems { members["uniqueItems"] = true }
        members["pattern"] = pattern.map(JSONValue.string)
    }

    private func writeExtensions(into members: inout JSONObject) {
        members["x-kubernetes-preserve-unknown-fields"] = preservesUnknownFields.map(
            JSONValue.bool)
        if isEmbeddedResource { members["x-kubernetes-embedded-resource"] = true }
        if isIntOrString { members["x-kubernetes-int-or-string"] = true }
        members["x-kubernetes-list-type"] = listType.map { .string($0.rawValue) }
        if !listMapKeys.isEmpty { members["x-kubernetes-list-map-keys"] = .strings(listMapKeys) }
        members["x-kubernetes-map-type"] = mapType.map { .string($0.rawValue) }
        if !rules.isEmpty { members["x-kubernetes-validations"] = .array(rules.map(\.json)) }
    }
}
