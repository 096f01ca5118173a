import KubernetesCore

/// The rules of custom resource definitions, in the order in which the API server tells them.
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
        let scope = spec["scope"]?.string ?? ""
        let scopes = ["Cluster", "Namespaced"]
        if scope.isEmpty {
            errors.append(.required(FieldPath("spec.scope")))
        } else if !scopes.contains(scope) {
            errors.append(.notSupported(FieldPath("spec.scope"), .string(scope), scopes))
        }
        if spec["preserveUnknownFields"]?.bool == true {
            errors.append(
                .invalid(
                    FieldPath("spec.preserveUnknownFields"), true,
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                        + "spec.versions[*].schema instead"))
        }
        errors += versionErrors(spec["versions"]?.array ?? [])
        errors += nameErrors(spec["names"] ?? [:])
        errors += conversionErrors(spec["conversion"] ?? [:])
        guard let old else { return errors }
        return errors + changeErrors(value, old) + storedErrors(value, old)
    }

    /// What never changes, and what does not once the definition is served.
    private static func changeErrors(_ value: JSONValue, _ old: JSONValue) -> [FieldError] {
        let conditions = DefinitionStatus(
            old[path: ["status", "conditions"]], Timestamp(nanoseconds: 0))
        let served = [["spec", "scope"], ["spec", "names", "kind"]]
        let always = [["spec", "group"], ["spec", "names", "plural"]]
        let fixed = (conditions.isTrue("Established") ? served : []) + always
        return fixed.filter { old[path: $0] != value[path: $0] }.map { path in
            .invalid(
                FieldPath(path.joined(separator: ".")), value[path: path] ?? .null,
                "field is immutable")
        }
    }

    /// Versions in which objects may be stored must stay.
    private static func storedErrors(_ value: JSONValue, _ old: JSONValue) -> [FieldError] {
        let stored = Authorization.texts(old[path: ["status", "storedVersions"]])
        let names = (value[path: ["spec", "versions"]]?.array ?? []).compactMap {
            $0["name"]?.string
        }
        let path = FieldPath("status.storedVersions")
        return stored.enumerated().filter { !names.contains($0.element) }.map { index, name in
            .invalid(
                path[index], .string(name),
                "missing from spec.versions; \(name) was previously a storage version, and must "
                    + "remain in spec.versions until a storage migration ensures no data remains "
                    + "persisted in \(name) and removes \(name) from status.storedVersions")
        }
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
        let fields = ["plural", "singular", "kind", "listKind"]
        for key in fields where (names[key]?.string ?? "").isEmpty {
            errors.append(.required(path.child(key)))
        }
        for key in fields {
            let text = names[key]?.string ?? ""
            guard !text.isEmpty else { continue }
            let isKind = key == "kind" || key == "listKind"
            errors += NameRules.dns1035LabelErrors(isKind ? text.lowercased() : text).map {
                .invalid(
                    path.child(key), .string(text),
                    isKind ? "may have mixed case, but should otherwise match: " + $0 : $0)
            }
        }
        for (index, item) in (names["shortNames"]?.array ?? []).enumerated() {
            errors += NameRules.dns1035LabelErrors(item.string ?? "").map {
                .invalid(path.child("shortNames")[index], item, $0)
            }
        }
        if let kind = names["kind"]?.string, !kind.isEmpty, kind == names["listKind"]?.string {
            errors.append(
                .invalid(
                    path.child("listKind"), .string(kind), "kind and listKind may not be the same"))
        }
        for (index, item) in (names["categories"]?.array ?? []).enumerated() {
            errors += NameRules.dns1035LabelErrors(item.string ?? "").map {
                .invalid(path.child("categories")[index], item, $0)
            }
        }
        return errors
    }

    private static func conversionErrors(_ conversion: JSONValue) -> [FieldError] {
        let path = FieldPath("spec.conversion")
        let strategies = ["None", "Webhook"]
        let strategy = conversion["strategy"]?.string ?? ""
        var errors: [FieldError] = []
        if strategy.isEmpty {
            errors.append(.required(path.child("strategy")))
        } else if !strategies.contains(strategy) {
            errors.append(.notSupported(path.child("strategy"), .string(strategy), strategies))
        }
        let webhook = conversion["webhook"]
        if strategy == "Webhook" {
            if webhook?["clientConfig"] == nil {
                errors.append(
                    .required(
                        path.child("webhookClientConfig"),
                        "required when strategy is set to Webhook"))
            }
            if (webhook?["conversionReviewVersions"]?.array ?? []).isEmpty {
                errors.append(.required(path.child("conversionReviewVersions")))
            }
        } else if webhook != nil {
            errors.append(
                .forbidden(
                    path.child("webhookClientConfig"),
                    "should not be set when strategy is not set to Webhook"))
        }
        return errors
    }

    private static func versionErrors(_ versions: [JSONValue]) -> [FieldError] {
        let path = FieldPath("spec.versions")
        var errors: [FieldError] = []
        for (index, version) in versions.enumerated()
        where version["served"]?.bool == true
            && version[path: ["schema", "openAPIV3Schema"]] == nil
        {
            errors.append(
                .required(
                    path[index].child("schema").child("openAPIV3Schema"), "schemas are required"))
        }
        for (index, version) in versions.enumerated() {
            let name = version["name"]?.string ?? ""
            let place = path[index]
            errors += NameRules.dns1035LabelErrors(name).map {
                .invalid(place.child("name"), .string(name), $0)
            }
            errors += deprecationErrors(version, at: place)
            errors += schemaErrors(version, at: place)
            errors += VersionValidation.errors(version, at: place)
        }
        let names = versions.compactMap { $0["name"]?.string }
        if Set(names).count != names.count {
            errors.append(
                .invalid(path, .array(versions), "must contain unique version names"))
        }
        if versions.filter({ $0["storage"]?.bool == true }).count != 1 {
            errors.append(
                .invalid(
                    path, versions.isEmpty ? .null : .array(versions),
                    "must have exactly one version marked as storage version"))
        }
        return errors
    }

    private static func deprecationErrors(
        _ version: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        guard let warning = version["deprecationWarning"]?.string else { return [] }
        let place = path.child("deprecationWarning")
        if version["deprecated"]?.bool != true {
            return [.invalid(place, .string(warning), "can only be set for deprecated versions")]
        }
        if warning.isEmpty {
            return [.invalid(place, .string(warning), "must not be an empty string")]
        }
        return warning.count > 256 ? [.tooLong(place, limit: 256)] : []
    }

    private static func schemaErrors(_ version: JSONValue, at path: FieldPath) -> [FieldError] {
        let place = path.child("schema").child("openAPIV3Schema")
        guard let given = version[path: ["schema", "openAPIV3Schema"]] else { return [] }
        do {
            let schema = try StructuralSchema(reading: given)
            var errors = SchemaValidation.errors(schema, at: place)
            errors += schema.structuralErrors(at: place)
            if errors.isEmpty { errors += SchemaValidation.defaultErrors(schema, at: place) }
            if errors.isEmpty { errors += CustomRules(schema).definitionErrors(at: place) }
            return errors
        } catch {
            return [.invalid(FieldPath(place.text + "." + error.path), nil, error.message)]
        }
    }
}
