extension StructuralSchema {
    private enum Level: Equatable {
        case root
        case item
        case field

        var place: String {
            switch self {
            case .root: "at the root"
            case .item: "for specified array items"
            case .field: "for specified object fields"
            }
        }
    }

    /// Why this schema, which stands at `path` of a CRD, is not structural: every value must have
    /// one type, said outside of `allOf`, `anyOf`, `oneOf` and `not`. Ascending by message.
    public func structuralErrors(at path: FieldPath) -> [FieldError] {
        (invariantErrors(.root, at: path) + completenessErrors(of: self, at: path, [])).sorted {
            $0.message < $1.message
        }
    }

    private func invariantErrors(_ level: Level, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if type == .array, items == nil {
            errors.append(.required(path.child("items"), "must be specified"))
        }
        if let items { errors += items.invariantErrors(.item, at: path.child("items")) }
        for (key, schema) in properties {
            errors += schema.invariantErrors(.field, at: path.child("properties").key(key))
        }
        if additionalProperties != nil, level == .root {
            errors.append(
                .forbidden(path.child("additionalProperties"), "must not be used at the root"))
        }
        if let additionalSchema {
            errors += additionalSchema.invariantErrors(
                .field, at: path.child("additionalProperties"))
        }
        errors += extensionErrors(at: path)
        errors += nestedErrors(
            at: path, skipsAnyOf: StructuralSchema.isIntOrStringPair(anyOf),
            skipsFirstAllOf: StructuralSchema.isIntOrStringPair(allOf.first?.anyOf ?? []))
        errors += typeErrors(level, at: path)
        if level == .root || isEmbeddedResource { errors += typeMetaErrors(at: path) }
        if level == .root, let metadata = properties["metadata"] {
            errors += metadata.metadataErrors(at: path.child("properties").key("metadata"))
        }
        return errors
    }

    private func extensionErrors(at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if isIntOrString, preservesUnknownFields == true {
            errors.append(
                .invalid(
                    path.child("x-kubernetes-preserve-unknown-fields"), true,
                    "must be false if x-kubernetes-int-or-string is true"))
        }
        if isIntOrString, isEmbeddedResource {
            errors.append(
                .invalid(
                    path.child("x-kubernetes-embedded-resource"), true,
                    "must be false if x-kubernetes-int-or-string is true"))
        }
        if isEmbeddedResource, additionalProperties != nil {
            errors.append(
                .forbidden(
                    path.child("additionalProperties"),
                    "must not be used if x-kubernetes-embedded-resource is set"))
        }
        if isEmbeddedResource, preservesUnknownFields != true, properties.isEmpty {
            errors.append(
                .required(
                    path.child("properties"),
                    "must not be empty if x-kubernetes-embedded-resource is true without "
                        + "x-kubernetes-preserve-unknown-fields"))
        }
        if let fault = compiledPattern?.fault, let pattern {
            errors.append(
                .invalid(
                    path.child("pattern"), .string(pattern),
                    "must be a valid regular expression, but isn't: \(fault)"))
        }
        return errors
    }

    private func typeErrors(_ level: Level, at path: FieldPath) -> [FieldError] {
        let place = path.child("type")
        if isEmbeddedResource, type != .object {
            let words = "must be object if x-kubernetes-embedded-resource is true"
            guard let type else { return [.required(place, words)] }
            return [.invalid(place, .string(type.rawValue), words)]
        }
        guard let type else {
            if isIntOrString || preservesUnknownFields == true { return [] }
            return [.required(place, "must not be empty " + level.place)]
        }
        guard level == .root, type != .object else { return [] }
        return [.invalid(place, .string(type.rawValue), "must be object at the root")]
    }

    private func typeMetaErrors(at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (key, expected) in [
            ("kind", ValueType.string), ("apiVersion", .string), ("metadata", .object),
        ] {
            guard let schema = properties[key], schema.type != expected else { continue }
            errors.append(
                .invalid(
                    path.child("properties").key(key).child("type"),
                    .string(schema.type?.rawValue ?? ""), "must be " + expected.rawValue))
        }
        return errors
    }

    /// The schema of the root's metadata may restrict the names and nothing else.
    private func metadataErrors(at path: FieldPath) -> [FieldError] {
        var rest = self
        if rest.properties.keys.allSatisfy({ $0 == "name" || $0 == "generateName" }) {
            rest.properties = [:]
        }
        rest.type = nil
        rest.defaultValue = nil
        if rest == StructuralSchema() { return [] }
        return [
            .forbidden(
                path,
                "must not specify anything other than name and generateName, "
                    + "but metadata is implicitly specified")
        ]
    }

    private static func isIntOrStringPair(_ schemas: [StructuralSchema]) -> Bool {
        schemas == [
            StructuralSchema().with { $0.type = .integer },
            StructuralSchema().with { $0.type = .string },
        ]
    }

    private func nestedErrors(
        at path: FieldPath, skipsAnyOf: Bool, skipsFirstAllOf: Bool
    ) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, schema) in anyOf.enumerated() where !skipsAnyOf {
            errors += schema.junctorErrors(at: path.child("anyOf")[index], skipsAnyOf: false)
        }
        for (index, schema) in allOf.enumerated() {
            errors += schema.junctorErrors(
                at: path.child("allOf")[index], skipsAnyOf: skipsFirstAllOf && index == 0)
        }
        for (index, schema) in oneOf.enumerated() {
            errors += schema.junctorErrors(at: path.child("oneOf")[index], skipsAnyOf: false)
        }
        if let not { errors += not.junctorErrors(at: path.child("not"), skipsAnyOf: false) }
        return errors
    }

    /// What a schema inside `allOf`, `anyOf`, `oneOf` or `not` must not say.
    private func junctorErrors(at path: FieldPath, skipsAnyOf: Bool) -> [FieldError] {
        var errors = nestedErrors(at: path, skipsAnyOf: skipsAnyOf, skipsFirstAllOf: false)
        if let items { errors += items.junctorErrors(at: path.child("items"), skipsAnyOf: false) }
        for (key, schema) in properties {
            errors += schema.junctorErrors(
                at: path.child("properties").key(key), skipsAnyOf: false)
        }
        let members: [(Bool, String, String)] = [
            (type != nil, "type", "empty"),
            (additionalProperties != nil, "additionalProperties", "undefined"),
            (defaultValue != nil, "default", "undefined"),
            (otherKeywords["title"] != nil, "title", "empty"),
            (description != nil, "description", "empty"), (isNullable, "nullable", "false"),
            (otherKeywords["externalDocs"] != nil, "externalDocs", "undefined"),
            (preservesUnknownFields == true, "x-kubernetes-preserve-unknown-fields", "false"),
            (isEmbeddedResource, "x-kubernetes-embedded-resource", "false"),
            (isIntOrString, "x-kubernetes-int-or-string", "false"),
            (!listMapKeys.isEmpty, "x-kubernetes-list-map-keys", "empty"),
            (listType != nil, "x-kubernetes-list-type", "undefined"),
            (mapType != nil, "x-kubernetes-map-type", "undefined"),
            (!rules.isEmpty, "x-kubernetes-validations", "empty"),
        ]
        for (isSet, key, expected) in members where isSet {
            errors.append(.forbidden(path.child(key), "must be \(expected) to be structural"))
        }
        if properties["metadata"] != nil {
            errors.append(
                .forbidden(
                    path.child("properties").key("metadata"),
                    "must not be specified in a nested context"))
        }
        return errors
    }

    /// Every field that a schema inside a junctor names must also be named outside of it; `spine`
    /// is what stands outside.
    private func completenessErrors(
        of spine: StructuralSchema?, at path: FieldPath, _ junctor: [String]
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let nested =
            allOf.enumerated().map { ("allOf[\($0)]", $1) }
            + anyOf.enumerated().map { ("anyOf[\($0)]", $1) }
            + oneOf.enumerated().map { ("oneOf[\($0)]", $1) }
            + (not.map { [("not", $0)] } ?? [])
        for (step, schema) in nested {
            let steps = junctor + [step]
            errors += schema.completenessErrors(of: spine, at: path, steps)
        }
        for (key, schema) in properties {
            let place = path.child("properties").key(key)
            let below = spine?.properties[key]
            if below == nil, !junctor.isEmpty {
                errors.append(StructuralSchema.missing(place, junctor))
            }
            errors += schema.completenessErrors(of: below, at: place, junctor)
        }
        if let items {
            let place = path.child("items")
            if spine?.items == nil, !junctor.isEmpty {
                errors.append(StructuralSchema.missing(place, junctor))
            }
            errors += items.completenessErrors(of: spine?.items, at: place, junctor)
        }
        if let additionalSchema {
            errors += additionalSchema.completenessErrors(
                of: spine?.additionalSchema, at: path.child("additionalProperties"), junctor)
        }
        return errors
    }

    private static func missing(_ place: FieldPath, _ junctor: [String]) -> FieldError {
        .required(place, "because it is defined in \(junctor.joined(separator: "."))")
    }
}
