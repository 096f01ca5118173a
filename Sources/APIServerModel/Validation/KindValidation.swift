import KubernetesCore

/// The rules of the smaller built-in kinds.
enum KindValidation {
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
        let fields = ["minAvailable", "maxUnavailable"]
        var errors: [FieldError] = []
        if fields.allSatisfy({ value[path: ["spec", $0]] != nil }) {
            errors.append(
                .invalid(
                    spec, value["spec"] ?? .null,
                    "minAvailable and maxUnavailable cannot be both set"))
        }
        for field in fields {
            guard let given = value[path: ["spec", field]] else { continue }
            errors += shareErrors(given, at: spec.child(field))
        }
        errors += LabelSelector.errors(
            in: value[path: ["spec", "selector"]] ?? [:], at: spec.child("selector"))
        let policies = ["AlwaysAllow", "IfHealthyBudget"]
        if let policy = value[path: ["spec", "unhealthyPodEvictionPolicy"]]?.string,
            !policies.contains(policy)
        {
            errors.append(
                .notSupported(
                    spec.child("unhealthyPodEvictionPolicy"), .string(policy), policies))
        }
        return errors
    }

    /// A number or a share of a whole.
    static func shareErrors(_ value: JSONValue, at path: FieldPath) -> [FieldError] {
        if let number = value.integer {
            return number < 0
                ? [.invalid(path, value, "must be greater than or equal to 0")] : []
        }
        let text = value.string ?? ""
        let digits = text.dropLast()
        guard text.hasSuffix("%"), !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0) }) else {
            return [
                .invalid(
                    path, value,
                    "a valid percent string must be a numeric string followed by an ending '%' "
                        + "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")
            ]
        }
        return (Int(digits) ?? Int.max) > 100
            ? [.invalid(path, value, "must not be greater than 100%")] : []
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func priorityErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        let number = value["value"]?.integer ?? 0
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        if name.hasPrefix("system-") {
            if let fault = systemClassFault(name, number, value["globalDefault"]?.bool ?? false) {
                errors.append(
                    .forbidden(
                        FieldPath("metadata.name"),
                        "priority class names with 'system-' prefix are reserved for system use "
                            + "only. error: " + fault))
            }
        } else if number > 1_000_000_000 {
            errors.append(
                .forbidden(
                    FieldPath("value"),
                    "maximum allowed value of a user defined priority is 1000000000"))
        }
        let policies = ["PreemptLowerPriority", "Never"]
        if let policy = value["preemptionPolicy"]?.string, !policies.contains(policy) {
            errors.append(
                .notSupported(FieldPath("preemptionPolicy"), .string(policy), policies))
        }
        guard let old else { return errors }
        if old["value"] != value["value"] {
            errors.append(.forbidden(FieldPath("value"), "may not be changed in an update."))
        }
        if old["preemptionPolicy"] != value["preemptionPolicy"] {
            errors.append(
                .invalid(
                    FieldPath("preemptionPolicy"), value["preemptionPolicy"] ?? .null,
                    "field is immutable"))
        }
        return errors
    }

    private static func systemClassFault(
        _ name: String, _ value: Int64, _ isDefault: Bool
    ) -> String? {
        let known: [String: Int64] = [
            "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000,
        ]
        guard let wanted = known[name] else {
            return "\(name) is not a known system priority class"
        }
        if value != wanted { return "value of \(name) PriorityClass must be \(wanted)" }
        return isDefault ? "globalDefault of \(name) PriorityClass must be false" : nil
    }

    static func runtimeClassErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let runtime = value["handler"]?.string ?? ""
        let path = FieldPath("handler")
        var errors = NameRules.dnsLabelErrors(runtime).map {
            FieldError.invalid(path, .string(runtime), $0)
        }
        if let old, old["handler"] != value["handler"] {
            errors.append(.invalid(path, .string(runtime), "field is immutable"))
        }
        return errors
    }

    static func roleErrors(_ value: JSONValue, isNamespaced: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in (value["rules"]?.array ?? []).enumerated() {
            errors += ruleErrors(rule, isNamespaced: isNamespaced, at: FieldPath("rules")[index])
        }
        guard !isNamespaced, let aggregation = value["aggregationRule"] else { return errors }
        let path = FieldPath("aggregationRule.clusterRoleSelectors")
        let selectors = aggregation["clusterRoleSelectors"]?.array ?? []
        if selectors.isEmpty {
            errors.append(
                .required(
                    path,
                    "at least one clusterRoleSelector required if aggregationRule is non-nil"))
        }
        for (index, selector) in selectors.enumerated() {
            errors += LabelSelector.errors(in: selector, at: path[index])
        }
        return errors
    }

    private static func ruleErrors(
        _ rule: JSONValue, isNamespaced: Bool, at path: FieldPath
    ) -> [FieldError] {
        func isEmpty(_ field: String) -> Bool { (rule[field]?.array ?? []).isEmpty }
        var errors: [FieldError] = []
        if isEmpty("verbs") {
            errors.append(
                .required(path.child("verbs"), "verbs must contain at least one value"))
        }
        guard isEmpty("nonResourceURLs") else {
            let place = path.child("nonResourceURLs")
            let urls = rule["nonResourceURLs"] ?? []
            if isNamespaced {
                errors.append(
                    .invalid(place, urls, "namespaced rules cannot apply to non-resource URLs"))
            }
            if !["apiGroups", "resources", "resourceNames"].allSatisfy(isEmpty) {
                errors.append(
                    .invalid(
                        place, urls,
                        "rules cannot apply to both regular resources and non-resource URLs"))
            }
            return errors
        }
        if isEmpty("apiGroups") {
            errors.append(
                .required(
                    path.child("apiGroups"), "resource rules must supply at least one api group"))
        }
        if isEmpty("resources") {
            errors.append(
                .required(
                    path.child("resources"), "resource rules must supply at least one resource"))
        }
        return errors
    }

    static func bindingErrors(
        _ value: JSONValue, old: JSONValue?, isNamespaced: Bool
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let path = FieldPath("roleRef")
        let role = value["roleRef"] ?? [:]
        let group = role["apiGroup"]?.string ?? ""
        if group != rbac {
            errors.append(.notSupported(path.child("apiGroup"), .string(group), [rbac]))
        }
        let kind = role["kind"]?.string ?? ""
        let kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        if !kinds.contains(kind) {
            errors.append(.notSupported(path.child("kind"), .string(kind), kinds))
        }
        let name = role["name"]?.string ?? ""
        if name.isEmpty { errors.append(.required(path.child("name"))) }
        errors += NameRules.pathSegmentErrors(name).map {
            .invalid(path.child("name"), .string(name), $0)
        }
        for (index, subject) in (value["subjects"]?.array ?? []).enumerated() {
            errors += subjectErrors(
                subject, isNamespaced: isNamespaced, at: FieldPath("subjects")[index])
        }
        if let old, old["roleRef"] != value["roleRef"] {
            // The value is shown by the names that the server's own types give the fields.
            let shown: JSONValue = [
                "APIGroup": .string(group), "Kind": .string(kind), "Name": .string(name),
            ]
            errors.append(.invalid(path, shown, "cannot change roleRef"))
        }
        return errors
    }

    private static let rbac = "rbac.authorization.k8s.io"

    private static func subjectErrors(
        _ subject: JSONValue, isNamespaced: Bool, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        let name = subject["name"]?.string ?? ""
        if name.isEmpty { errors.append(.required(path.child("name"))) }
        let group = subject["apiGroup"]?.string ?? ""
        let kind = subject["kind"]?.string ?? ""
        switch kind {
        case "ServiceAccount":
            if !name.isEmpty {
                errors += NameRules.dnsSubdomainErrors(name).map {
                    .invalid(path.child("name"), .string(name), $0)
                }
            }
            if !group.isEmpty {
                errors.append(.notSupported(path.child("apiGroup"), .string(group), [""]))
            }
            if !isNamespaced, (subject["namespace"]?.string ?? "").isEmpty {
                errors.append(.required(path.child("namespace")))
            }
        case "User", "Group":
            if group != rbac {
                errors.append(.notSupported(path.child("apiGroup"), .string(group), [rbac]))
            }
        default:
            errors.append(
                .notSupported(
                    path.child("kind"), .string(kind), ["ServiceAccount", "User", "Group"]))
        }
        return errors
    }
}
