import KubernetesCore

/// The rules of schemas in custom resource definitions beyond being structural: what OpenAPI has
/// and these schemas do not, list types, defaults.
enum SchemaValidation {
    private static let atomicItem =
        "must be atomic as item of a list with x-kubernetes-list-type=set"

    static func errors(_ schema: StructuralSchema, at path: FieldPath) -> [FieldError] {
        var errors = ownErrors(schema, at: path) + listErrors(schema, at: path)
        for (key, member) in schema.properties {
            errors += self.errors(member, at: path.child("properties").key(key))
        }
        if let additional = schema.additionalSchema {
            errors += self.errors(additional, at: path.child("additionalProperties"))
        }
        if let items = schema.items { errors += self.errors(items, at: path.child("items")) }
        return errors
    }

    private static func ownErrors(
        _ schema: StructuralSchema, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if schema.hasUniqueItems {
            errors.append(
                .forbidden(
                    path.child("uniqueItems"),
                    "uniqueItems cannot be set to true since the runtime complexity becomes "
                        + "quadratic"))
        }
        if schema.additionalProperties != nil, !schema.properties.isEmpty {
            let isOff = schema.additionalProperties == .allowed(false)
            errors.append(
                .forbidden(
                    path.child("additionalProperties"),
                    isOff
                        ? "additionalProperties cannot be set to false"
                        : "additionalProperties and properties are mutual exclusive"))
        }
        if schema.otherKeywords["$ref"] != nil {
            errors.append(.forbidden(path.child("$ref"), "$ref is not supported"))
        }
        for keyword in ["id", "patternProperties", "definitions", "dependencies"]
        where schema.otherKeywords[keyword] != nil {
            errors.append(.forbidden(path.child(keyword), keyword + " is not supported"))
        }
        if schema.otherKeywords["additionalItems"] != nil {
            errors.append(
                .forbidden(path.child("additionalItems"), "additionalItems is not supported"))
        }
        return errors
    }

    private static func listErrors(
        _ schema: StructuralSchema, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let keysPath = path.child("x-kubernetes-list-map-keys")
        if schema.listType != nil, schema.type != .array {
            let words = "must be array if x-kubernetes-list-type is specified"
            errors.append(
                schema.type.map {
                    .invalid(path.child("type"), .string($0.rawValue), words)
                } ?? .required(path.child("type"), words))
        }
        if !schema.listMapKeys.isEmpty, schema.listType != .map {
            let words = "must be map if x-kubernetes-list-map-keys is non-empty"
            errors.append(
                schema.listType.map {
                    .invalid(path.child("x-kubernetes-list-type"), .string($0.rawValue), words)
                } ?? .required(path.child("x-kubernetes-list-type"), words))
        }
        if schema.listType == .map {
            if schema.listMapKeys.isEmpty {
                errors.append(
                    .required(
                        keysPath, "must not be empty if x-kubernetes-list-type is map"))
            }
            errors += mapItemErrors(schema, at: path)
        }
        if schema.listType == .set, let items = schema.items {
            errors += setItemErrors(items, at: path.child("items"))
        }
        return errors
    }

    private static func mapItemErrors(
        _ schema: StructuralSchema, at path: FieldPath
    ) -> [FieldError] {
        let place = path.child("items")
        guard let items = schema.items else {
            return [
                .required(place, "must have a schema if x-kubernetes-list-type is map")
            ]
        }
        var errors: [FieldError] = []
        if items.type != .object {
            errors.append(
                .invalid(
                    place.child("type"), .string(items.type?.rawValue ?? ""),
                    "must be object if parent array's x-kubernetes-list-type is map"))
        }
        if items.isNullable {
            errors.append(
                .forbidden(
                    place.child("nullable"),
                    "cannot be nullable when x-kubernetes-list-type is map"))
        }
        var seen: Set<String> = []
        for key in schema.listMapKeys {
            let keysPath = path.child("x-kubernetes-list-map-keys")
            guard let member = items.properties[key] else {
                errors.append(
                    .invalid(
                        keysPath, .strings(schema.listMapKeys),
                        "entries must all be names of item properties"))
                continue
            }
            errors += mapKeyErrors(
                member, isRequired: items.required.contains(key),
                at: place.child("properties").key(key))
            if !seen.insert(key).inserted {
                errors.append(
                    .invalid(
                        keysPath, .strings(schema.listMapKeys),
                        "must not contain duplicate entries"))
            }
        }
        return errors
    }

    private static func mapKeyErrors(
        _ member: StructuralSchema, isRequired: Bool, at spot: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if member.type == .array || member.type == .object {
            errors.append(
                .invalid(
                    spot.child("type"), .string(member.type?.rawValue ?? ""),
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"))
        }
        if member.isNullable {
            errors.append(
                .forbidden(
                    spot.child("nullable"),
                    "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"))
        }
        if member.defaultValue == nil, !isRequired {
            errors.append(
                .required(
                    spot.child("default"),
                    "this property is in x-kubernetes-list-map-keys, so it must have a "
                        + "default or be a required property"))
        }
        return errors
    }

    private static func setItemErrors(
        _ items: StructuralSchema, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if items.isNullable {
            errors.append(
                .forbidden(
                    path.child("nullable"),
                    "cannot be nullable when x-kubernetes-list-type is set"))
        }
        if items.type == .array, items.listType != .atomic {
            let place = path.child("x-kubernetes-list-type")
            errors.append(
                items.listType.map { .invalid(place, .string($0.rawValue), atomicItem) }
                    ?? .required(place, atomicItem))
        }
        if items.type == .object, items.mapType != .atomic {
            let place = path.child("x-kubernetes-map-type")
            errors.append(
                items.mapType.map { .invalid(place, .string($0.rawValue), atomicItem) }
                    ?? .required(place, atomicItem))
        }
        return errors
    }

    /// A default must itself be valid, and must have no field that would be pruned.
    static func defaultErrors(
        _ schema: StructuralSchema, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        if let value = schema.defaultValue {
            let place = path.child("default")
            errors += schema.partErrors(value, at: place.text)
        }
        for (key, member) in schema.properties {
            errors += defaultErrors(member, at: path.child("properties").key(key))
        }
        if let additional = schema.additionalSchema {
            errors += defaultErrors(additional, at: path.child("additionalProperties"))
        }
        if let items = schema.items { errors += defaultErrors(items, at: path.child("items")) }
        return errors
    }
}
