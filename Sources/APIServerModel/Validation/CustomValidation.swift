import KubernetesCore

/// The validation of custom resources, in the order of the API server: metadata, schema, scale
/// paths, embedded objects, list types, and at last the rules in CEL.
struct CustomValidation {
    let definition: ResourceDefinition
    let custom: CustomVersion

    func creationErrors(
        _ value: JSONValue, kind: String, metadata: [FieldError]
    ) -> [FieldError] {
        if let wrong = kindError(kind) { return [wrong] }
        let whole = typed(value)
        var errors = metadata + custom.schema.valueErrors(whole)
        errors += scaleErrors(value)
        errors += custom.schema.embeddedErrors(whole)
        errors += custom.schema.listErrors(whole)
        return errors + ruleErrors(whole, old: nil, after: errors)
    }

    func updateErrors(
        _ value: JSONValue, old: JSONValue, kind: String, metadata: [FieldError]
    ) -> [FieldError] {
        if let wrong = kindError(kind) { return [wrong] }
        let whole = typed(value)
        let before = typed(old)
        var errors = metadata + custom.schema.valueErrors(whole, old: before)
        errors += scaleErrors(value)
        errors += custom.schema.embeddedErrors(whole)
        errors += custom.schema.listErrors(whole, old: before)
        return errors + ruleErrors(whole, old: before, after: errors)
    }

    private func typed(_ value: JSONValue) -> JSONValue {
        var whole = value
        let version = definition.versions.first { $0.isStorage }?.name ?? ""
        whole["apiVersion"] = .string(definition.apiVersion(version))
        whole["kind"] = .string(definition.kind)
        return whole
    }

    private func kindError(_ kind: String) -> FieldError? {
        guard kind != definition.kind else { return nil }
        return .invalid(FieldPath("kind"), .string(kind), "must be \(definition.kind)")
    }

    private func ruleErrors(
        _ value: JSONValue, old: JSONValue?, after errors: [FieldError]
    ) -> [FieldError] {
        guard !custom.rules.isEmpty else { return [] }
        if errors.contains(where: { $0.blocksRules }) { return [.rulesNotChecked] }
        return custom.rules.validate(value, old: old)
    }

    private func scaleErrors(_ value: JSONValue) -> [FieldError] {
        guard let scale = custom.scale else { return [] }
        var errors = countErrors(value, scale.specReplicas)
        errors += countErrors(value, scale.statusReplicas)
        if let path = scale.labelSelector, let found = value[path: path], found.string == nil {
            errors.append(accessor(path, found, expected: "string", zero: ""))
        }
        return errors
    }

    private func countErrors(_ value: JSONValue, _ path: [String]) -> [FieldError] {
        guard let found = value[path: path] else { return [] }
        let place = FieldPath("." + path.joined(separator: "."))
        guard let count = found.integer else {
            return [accessor(path, found, expected: "int64", zero: 0)]
        }
        if count < 0 {
            return [.invalid(place, .integer(count), "should be a non-negative integer")]
        }
        if count > Int64(Int32.max) {
            return [
                .invalid(
                    place, .integer(count), "should be less than or equal to \(Int32.max)")
            ]
        }
        return []
    }

    private func accessor(
        _ path: [String], _ value: JSONValue, expected: String, zero: JSONValue
    ) -> FieldError {
        let place = "." + path.joined(separator: ".")
        let type =
            switch value {
            case .null: "<nil>"
            case .bool: "bool"
            case .integer: "int64"
            case .double: "float64"
            case .string: "string"
            case .array: "[]interface {}"
            case .object: "map[string]interface {}"
            }
        let shown = value.string ?? value.text
        return .invalid(
            FieldPath(place), zero,
            "\(place) accessor error: \(shown) is of the type \(type), expected \(expected)")
    }
}
