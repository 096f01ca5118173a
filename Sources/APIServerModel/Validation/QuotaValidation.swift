import KubernetesCore

/// The rules of resource quotas.
enum QuotaValidation {
    private static let compute = [
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
    ]
    private static let objects = [
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets",
        "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    ]
    private static let scopes = [
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
        "CrossNamespacePodAffinity", "VolumeAttributesClass",
    ]

    static func errors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let spec = value["spec"] ?? [:]
        var errors: [FieldError] = []
        for (name, limit) in spec["hard"]?.object ?? [:] {
            errors += hardErrors(name, limit, at: FieldPath("spec.hard").key(name))
        }
        errors += scopeErrors(spec) + selectorErrors(spec)
        guard let old else { return errors }
        let before = Set(Authorization.texts(old[path: ["spec", "scopes"]]))
        let after = Authorization.texts(spec["scopes"])
        if before != Set(after) {
            errors.append(
                .invalid(FieldPath("spec.scopes"), .strings(after), "field is immutable"))
        }
        return errors
    }

    private static func hardErrors(
        _ name: String, _ limit: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        var errors = NameRules.qualifiedNameErrors(name).map {
            FieldError.invalid(path, .string(name), $0)
        }
        if errors.isEmpty, !name.contains("/"), !isStandard(name) {
            for detail in [
                "must be a standard resource type or fully qualified",
                "must be a standard resource for quota",
            ] {
                errors.append(.invalid(path, .string(name), detail))
            }
        }
        guard let quantity = try? Quantity(reading: limit) else { return errors }
        if quantity.isNegative {
            errors.append(.invalid(path, limit, "must be greater than or equal to 0"))
        }
        if isCount(name), quantity.milliValue % 1_000 != 0 {
            errors.append(.invalid(path, limit, "must be an integer"))
        }
        return errors
    }

    private static func isStandard(_ name: String) -> Bool {
        compute.contains(name) || objects.contains(name) || name == "storage"
            || name == "ephemeral-storage" || name.hasPrefix("hugepages-")
            || ["requests.", "limits."].contains { name.hasPrefix($0) }
    }

    private static func isCount(_ name: String) -> Bool {
        objects.contains(name) || name.hasPrefix("count/")
    }

    /// Whether a scope says anything about what a quota's name limits.
    private static func concerns(_ scope: String, _ name: String) -> Bool {
        guard isStandard(name) else { return true }
        if scope == "BestEffort" { return name == "pods" }
        if scope == "VolumeAttributesClass" {
            return ["persistentvolumeclaims", "requests.storage"].contains(name)
        }
        return name == "pods" || compute.contains(name)
    }

    private static func scopeErrors(_ spec: JSONValue) -> [FieldError] {
        let given = Authorization.texts(spec["scopes"])
        let path = FieldPath("spec.scopes")
        var errors: [FieldError] = []
        for scope in given {
            if !scopes.contains(scope) {
                errors.append(.invalid(path, .strings(given), "unsupported scope"))
            }
            for name in spec["hard"]?.object?.keys ?? [] where !concerns(scope, name) {
                errors.append(
                    .invalid(path, .strings(given), "unsupported scope applied to resource"))
            }
        }
        for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]]
        where pair.allSatisfy(given.contains) {
            errors.append(.invalid(path, .strings(given), "conflicting scopes"))
        }
        return errors
    }

    private static func selectorErrors(_ spec: JSONValue) -> [FieldError] {
        let path = FieldPath("spec.scopeSelector.matchExpressions")
        var errors: [FieldError] = []
        for term in spec[path: ["scopeSelector", "matchExpressions"]]?.array ?? [] {
            let scope = term["scopeName"]?.string ?? ""
            let operation = term["operator"]?.string ?? ""
            let values = Authorization.texts(term["values"])
            if !scopes.contains(scope) {
                errors.append(
                    .invalid(path.child("scopeName"), .string(scope), "unsupported scope"))
            }
            for name in spec["hard"]?.object?.keys ?? [] where !concerns(scope, name) {
                errors.append(
                    .invalid(
                        path, spec["scopeSelector"] ?? .null,
                        "unsupported scope applied to resource"))
            }
            if operation != "Exists", scopes.contains(scope), scope != "PriorityClass",
                scope != "VolumeAttributesClass"
            {
                errors.append(
                    .invalid(
                        path.child("operator"), .string(operation),
                        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, "
                            + "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                            + "ResourceQuotaScopeNotBestEffort or "
                            + "ResourceQuotaScopeCrossNamespacePodAffinity"))
            }
            errors += operatorErrors(operation, values, at: path)
        }
        return errors
    }

    private static func operatorErrors(
        _ operation: String, _ values: [String], at path: FieldPath
    ) -> [FieldError] {
        switch operation {
        case "In", "NotIn":
            guard values.isEmpty else { return [] }
            return [
                .required(
                    path.child("values"),
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope "
                        + "selector")
            ]
        case "Exists", "DoesNotExist":
            guard !values.isEmpty else { return [] }
            return [
                .invalid(
                    path.child("values"), .strings(values),
                    "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope "
                        + "selector")
            ]
        default:
            return [
                .invalid(
                    path.child("operator"), .string(operation), "not a valid selector operator")
            ]
        }
    }
}
