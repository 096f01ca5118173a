import KubernetesCore

/// The rules of what a version of a custom resource definition says beside its schema: columns,
/// the scale, selectable fields.
enum VersionValidation {
    static func errors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        scaleErrors(version, at: path) + columnErrors(version, at: path)
            + selectableErrors(version, at: path)
    }

    private static func columnErrors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let columns = version["additionalPrinterColumns"]?.array ?? []
        for (index, column) in columns.enumerated() {
            let place = path.child("additionalPrinterColumns")[index]
            if (column["name"]?.string ?? "").isEmpty {
                errors.append(.required(place.child("name")))
            }
            errors += wordErrors(
                column["type"], ["boolean", "date", "integer", "number", "string"],
                at: place.child("type"), isRequired: true)
            errors += wordErrors(
                column["format"],
                [
                    "binary", "byte", "date", "date-time", "double", "float", "int32", "int64",
                    "password",
                ], at: place.child("format"), isRequired: false)
            let text = column["jsonPath"]?.string ?? ""
            if text.isEmpty {
                errors.append(.required(place.child("jsonPath")))
            } else if !text.hasPrefix(".") || JSONPath(text) == nil {
                errors.append(
                    .invalid(
                        place.child("jsonPath"), .string(text),
                        "is invalid: must be a simple json path starting with ."))
            }
        }
        return errors
    }

    private static func wordErrors(
        _ value: JSONValue?, _ known: [String], at path: FieldPath, isRequired: Bool
    ) -> [FieldError] {
        let word = value?.string ?? ""
        if word.isEmpty { return isRequired ? [.required(path)] : [] }
        return known.contains(word) ? [] : [.notSupported(path, .string(word), known)]
    }

    private static func scaleErrors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        guard let scale = version[path: ["subresources", "scale"]] else { return [] }
        let place = path.child("subresources").child("scale")
        var errors: [FieldError] = []
        for (key, roots, isRequired) in [
            ("specReplicasPath", [".spec"], true), ("statusReplicasPath", [".status"], true),
            ("labelSelectorPath", [".status", ".spec"], false),
        ] {
            let text = scale[key]?.string ?? ""
            if text.isEmpty {
                if isRequired { errors.append(.required(place.child(key))) }
                continue
            }
            guard let members = JSONPath(text)?.members, text.hasPrefix(".") else {
                errors.append(
                    .invalid(
                        place.child(key), .string(text),
                        "is an invalid path: must be a simple json path"))
                continue
            }
            if !roots.contains("." + (members.first ?? "")) || members.count < 2 {
                errors.append(
                    .invalid(
                        place.child(key), .string(text),
                        isRequired
                            ? "should be a json path under \(roots.joined())"
                            : "should be a json path under either .spec or .status"))
            }
        }
        return errors
    }

    private static func selectableErrors(
        _ version: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        let fields = version["selectableFields"]?.array ?? []
        let place = path.child("selectableFields")
        // A schema that is none has errors of its own.
        guard !fields.isEmpty,
            let schema = try? StructuralSchema(
                reading: version[path: ["schema", "openAPIV3Schema"]] ?? [:])
        else { return [] }
        var errors: [FieldError] = []
        if fields.count > 8 {
            errors.append(.tooMany(place, count: fields.count, limit: 8))
            return errors
        }
        var seen: Set<String> = []
        for (index, field) in fields.enumerated() {
            let text = field["jsonPath"]?.string ?? ""
            let spot = place[index].child("jsonPath")
            if text.isEmpty {
                errors.append(.required(spot))
                continue
            }
            if let fault = selectableFault(text, schema) {
                errors.append(.invalid(spot, .string(text), fault))
                continue
            }
            if !seen.insert(text).inserted { errors.append(.duplicate(spot, .string(text))) }
        }
        return errors
    }

    /// Why a path is none that selectors may name.
    private static func selectableFault(_ text: String, _ schema: StructuralSchema) -> String? {
        guard text.hasPrefix("."), let members = JSONPath(text)?.members else {
            return "is an invalid path: must be a simple json path"
        }
        if members.first == "metadata" { return "must not point to fields in metadata" }
        var at = schema
        for member in members {
            guard at.type == .object, let next = at.properties[member] else {
                return "is an invalid path: does not refer to a valid field"
            }
            at = next
        }
        switch at.type {
        case .string, .boolean, .integer: return nil
        default:
            return "must point to a field of type string, boolean or integer. Enum string fields "
                + "and strings with formats are allowed."
        }
    }
}
