import KubernetesCore

/// The rules of the smaller built-in kinds.
enum KindValidation {
    /// ConfigMaps and Secrets: keys, size, and what may not change.
    static func dataErrors(
        _ value: JSONValue, old: JSONValue?, _ resource: GroupResource
    ) -> [FieldError] {
        var errors: [FieldError] = []
        var bytes = 0
        for field in ["data", "binaryData"] {
            for (key, item) in value[field]?.object ?? [:] {
                errors += NameRules.configKeyErrors(key).map {
                    .invalid(FieldPath(field).key(key), .string(key), $0)
                }
                bytes += item.string?.utf8.count ?? 0
            }
        }
        if bytes > 1 << 20 {
            errors.append(
                .tooLong(FieldPath(resource == .secrets ? "data" : ""), limit: 1 << 20))
        }
        guard let old else { return errors }
        if resource == .secrets, old["type"] != value["type"] {
            errors.append(
                .invalid(FieldPath("type"), value["type"] ?? .null, "field is immutable"))
        }
        if old["immutable"]?.bool == true {
            if value["immutable"]?.bool != true {
                errors.append(
                    .forbidden(
                        FieldPath("immutable"), "field is immutable when `immutable` is set"))
            }
            for field in ["data", "binaryData"] where old[field] != value[field] {
                errors.append(
                    .forbidden(FieldPath(field), "field is immutable when `immutable` is set"))
            }
        }
        return errors
    }

    static func eventErrors(_ value: JSONValue, _ call: APICall, isNew: Bool) -> [FieldError] {
        let isNewKind = call.definition.traits.contains(.isAlias)
        let field = isNewKind ? "regarding" : "involvedObject"
        var errors: [FieldError] = []
        let about = value[path: [field, "namespace"]]?.string ?? ""
        let home = call.namespace
        if about.isEmpty ? home != "default" : about != home {
            errors.append(
                .invalid(
                    FieldPath("involvedObject.namespace"), .string(about),
                    "does not match event.namespace"))
        }
        guard isNewKind, isNew else { return errors }
        if value["eventTime"]?.string == nil { errors.append(.required(FieldPath("eventTime"))) }
        for name in ["reportingController", "reportingInstance", "action", "reason"]
        where (value[name]?.string ?? "").isEmpty {
            errors.append(.required(FieldPath(name)))
        }
        let type = value["type"]?.string ?? ""
        if type != "Normal", type != "Warning" {
            errors.append(.invalid(FieldPath("type"), "", "has invalid value: \(type)"))
        }
        return errors
    }

    static func leaseErrors(_ value: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let spec = FieldPath("spec")
        if let seconds = value[path: ["spec", "leaseDurationSeconds"]]?.integer, seconds <= 0 {
            errors.append(
                .invalid(
                    spec.child("leaseDurationSeconds"), .integer(seconds),
                    "must be greater than 0"))
        }
        if let count = value[path: ["spec", "leaseTransitions"]]?.integer, count < 0 {
            errors.append(
                .invalid(
                    spec.child("leaseTransitions"), .integer(count),
                    "must be greater than or equal to 0"))
        }
        return errors
    }

    static func budgetErrors(_ value: JSONValue) -> [FieldError] {
        let spec = FieldPath("spec")
        if value[path: ["spec", "minAvailable"]] != nil,
            let maximum = value[path: ["spec", "maxUnavailable"]]
        {
            return [
                .invalid(spec, maximum, "minAvailable and maxUnavailable cannot be both set")
            ]
        }
        return LabelSelector.errors(
            in: value[path: ["spec", "selector"]] ?? [:], at: spec.child("selector"))
    }

    static func priorityErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        let number = value["value"]?.integer ?? 0
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        if number > 1_000_000_000, !name.hasPrefix("system-") {
            errors.append(
                .forbidden(
                    FieldPath("value"),
                    "maximum allowed value of a user defined priority is 1000000000"))
        }
        if let old, old["value"] != value["value"] {
            errors.append(.forbidden(FieldPath("value"), "may not be changed in an update."))
        }
        return errors
    }

    static func quotaErrors(_ value: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        let path = FieldPath("spec.hard")
        for (name, limit) in value[path: ["spec", "hard"]]?.object ?? [:] {
            errors += NameRules.qualifiedNameErrors(name).map {
                .invalid(path.key(name), .string(name), $0)
            }
            if let quantity = try? Quantity(reading: limit), quantity.isNegative {
                errors.append(
                    .invalid(path.key(name), limit, "must be greater than or equal to 0"))
            }
        }
        return errors
    }

    static func roleErrors(_ value: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in (value["rules"]?.array ?? []).enumerated() {
            let path = FieldPath("rules")[index]
            if (rule["verbs"]?.array ?? []).isEmpty {
                errors.append(
                    .required(
                        path.child("verbs"), "verbs must contain at least one value"))
            }
            if !(rule["nonResourceURLs"]?.array ?? []).isEmpty { continue }
            if (rule["apiGroups"]?.array ?? []).isEmpty {
                errors.append(
                    .required(
                        path.child("apiGroups"),
                        "resource rules must supply at least one api group"))
            }
            if (rule["resources"]?.array ?? []).isEmpty {
                errors.append(
                    .required(
                        path.child("resources"),
                        "resource rules must supply at least one resource"))
            }
        }
        return errors
    }

    static func bindingErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        let role = FieldPath("roleRef")
        let kind = value[path: ["roleRef", "kind"]]?.string ?? ""
        if kind != "Role", kind != "ClusterRole" {
            errors.append(
                .notSupported(role.child("kind"), .string(kind), ["Role", "ClusterRole"]))
        }
        if (value[path: ["roleRef", "name"]]?.string ?? "").isEmpty {
            errors.append(.required(role.child("name")))
        }
        for (index, subject) in (value["subjects"]?.array ?? []).enumerated() {
            let path = FieldPath("subjects")[index]
            let kind = subject["kind"]?.string ?? ""
            if (subject["name"]?.string ?? "").isEmpty {
                errors.append(.required(path.child("name")))
            }
            if !["User", "Group", "ServiceAccount"].contains(kind) {
                errors.append(
                    .notSupported(
                        path.child("kind"), .string(kind), ["ServiceAccount", "User", "Group"]))
            }
        }
        if let old, old["roleRef"] != value["roleRef"] {
            errors.append(
                .invalid(role, value["roleRef"] ?? .null, "cannot change roleRef"))
        }
        return errors
    }

    static func serviceErrors(_ value: JSONValue) -> [FieldError] {
        let type = value[path: ["spec", "type"]]?.string ?? ""
        let ports = value[path: ["spec", "ports"]]?.array ?? []
        var errors: [FieldError] = []
        let path = FieldPath("spec.ports")
        if ports.isEmpty, type != "ExternalName",
            value[path: ["spec", "clusterIP"]]?.string != "None"
        {
            errors.append(.required(path))
        }
        for (index, port) in ports.enumerated() {
            let number = port["port"]?.integer ?? 0
            if !(1...65_535).contains(number) {
                errors.append(
                    .invalid(
                        path[index].child("port"), .integer(number),
                        "must be between 1 and 65535, inclusive"))
            }
            if ports.count > 1, (port["name"]?.string ?? "").isEmpty {
                errors.append(.required(path[index].child("name")))
            }
        }
        return errors
    }
}
