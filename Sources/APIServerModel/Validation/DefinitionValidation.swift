import KubernetesCore

/// The rules of custom resource definitions.
enum DefinitionValidation {
    static func errors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let spec = value["spec"] ?? [:]
        let group = spec["group"]?.string ?? ""
        let plural = spec[path: ["names", "plural"]]?.string ?? ""
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        var errors: [FieldError] = []
        if name != plural + "." + group {
            errors.append(
                .invalid(
                    FieldPath("metadata.name"), .string(name),
                    "must be spec.names.plural+\".\"+spec.group"))
        }
        errors += groupErrors(group)
        errors += nameErrors(spec["names"] ?? [:])
        let scope = spec["scope"]?.string ?? ""
        if scope != "Namespaced", scope != "Cluster" {
            errors.append(
                .notSupported(FieldPath("spec.scope"), .string(scope), ["Cluster", "Namespaced"]))
        }
        errors += versionErrors(spec["versions"]?.array ?? [])
        guard let old else { return errors }
        for path in [
            ["spec", "group"], ["spec", "scope"], ["spec", "names", "kind"],
            ["spec", "names", "plural"],
        ]
        where old[path: path] != value[path: path] {
            errors.append(
                .invalid(
                    FieldPath(path.joined(separator: ".")), value[path: path] ?? .null,
                    "field is immutable"))
        }
        return errors
    }

    private static func groupErrors(_ group: String) -> [FieldError] {
        let path = FieldPath("spec.group")
        if group.isEmpty { return [.required(path)] }
        var errors = NameRules.dnsSubdomainErrors(group).map {
            FieldError.invalid(path, .string(group), $0)
        }
        if errors.isEmpty, !group.contains(".") {
            errors.append(
                .invalid(path, .string(group), "should be a domain with at least one dot"))
        }
        return errors
    }

    private static func nameErrors(_ names: JSONValue) -> [FieldError] {
        let path = FieldPath("spec.names")
        var errors: [FieldError] = []
        for key in ["plural", "singular", "kind", "listKind"] {
            let text = names[key]?.string ?? ""
            let place = path.child(key)
            if text.isEmpty {
                errors.append(.required(place))
                continue
            }
            errors += NameRules.dns1035LabelErrors(text.lowercased()).map {
                .invalid(
                    place, .string(text), "may have mixed case, but should otherwise match: " + $0)
            }
        }
        for key in ["shortNames", "categories"] {
            for (index, item) in (names[key]?.array ?? []).enumerated() {
                errors += NameRules.dns1035LabelErrors(item.string ?? "").map {
                    .invalid(path.child(key)[index], item, $0)
                }
            }
        }
        if let kind = names["kind"]?.string, !kind.isEmpty, kind == names["listKind"]?.string {
            errors.append(
                .invalid(
                    path.child("listKind"), .string(kind), "kind and listKind may not be the same"))
        }
        return errors
    }

    private static func versionErrors(_ versions: [JSONValue]) -> [FieldError] {
        let path = FieldPath("spec.versions")
        var errors: [FieldError] = []
        var names: Set<String> = []
        let stored = versions.filter { $0["storage"]?.bool == true }.count
        if stored != 1 {
            errors.append(
                .invalid(
                    path, .array(versions),
                    "must have exactly one version marked as storage version"))
        }
        for (index, version) in versions.enumerated() {
            let name = version["name"]?.string ?? ""
            let place = path[index]
            errors += NameRules.dns1035LabelErrors(name).map {
                .invalid(place.child("name"), .string(name), $0)
            }
            if !names.insert(name).inserted {
                errors.append(
                    .invalid(
                        path, .string(name), "must contain unique version names"))
            }
            errors += schemaErrors(version, at: place)
            errors += columnErrors(version, at: place)
        }
        return errors
    }

    private static func schemaErrors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        let place = path.child("schema").child("openAPIV3Schema")
        guard let given = version[path: ["schema", "openAPIV3Schema"]] else {
            return [.required(place, "schemas are required")]
        }
        do {
            let schema = try StructuralSchema(reading: given)
            var errors = schema.structuralErrors(at: place)
            if schema.type != .object {
                errors.append(
                    .invalid(
                        place.child("type"), .string(schema.type?.rawValue ?? ""),
                        "must be object at the root"))
            }
            if errors.isEmpty { errors += CustomRules(schema).definitionErrors(at: place) }
            return errors
        } catch {
            return [.invalid(FieldPath(place.text + "." + error.path), nil, error.message)]
        }
    }

    private static func columnErrors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let columns = version["additionalPrinterColumns"]?.array ?? []
        for (index, column) in columns.enumerated() {
            let place = path.child("additionalPrinterColumns")[index]
            let type = column["type"]?.string ?? ""
            if (column["name"]?.string ?? "").isEmpty {
                errors.append(.required(place.child("name")))
            }
            let known = ["boolean", "date", "integer", "number", "string"]
            if !known.contains(type) {
                errors.append(.notSupported(place.child("type"), .string(type), known))
            }
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
        if let scale = version[path: ["subresources", "scale"]] {
            let place = path.child("subresources").child("scale")
            for (key, prefix) in [
                ("specReplicasPath", ".spec."), ("statusReplicasPath", ".status."),
            ] {
                let text = scale[key]?.string ?? ""
                if text.isEmpty {
                    errors.append(.required(place.child(key)))
                } else if !text.hasPrefix(prefix) {
                    errors.append(
                        .invalid(
                            place.child(key), .string(text),
                            "should be a json path under \(prefix.dropLast())"))
                }
            }
        }
        return errors
    }
}
