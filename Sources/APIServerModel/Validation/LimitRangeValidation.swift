import KubernetesCore

/// The rules of limit ranges.
enum LimitRangeValidation {
    static func errors(_ value: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        var types: Set<String> = []
        for (index, limit) in (value[path: ["spec", "limits"]]?.array ?? []).enumerated() {
            let path = FieldPath("spec.limits")[index]
            let type = limit["type"]?.string ?? ""
            errors += typeErrors(type, at: path.child("type"))
            if !types.insert(type).inserted {
                errors.append(.duplicate(path.child("type"), .string(type)))
            }
            if type == "Pod" {
                for field in ["default", "defaultRequest"]
                where limit[field]?.object?.isEmpty == false {
                    errors.append(
                        .forbidden(
                            path.child(field), "may not be specified when `type` is 'Pod'"))
                }
            }
            errors += rangeErrors(limit, at: path)
        }
        return errors
    }

    private static func typeErrors(_ type: String, at path: FieldPath) -> [FieldError] {
        let errors = NameRules.qualifiedNameErrors(type).map {
            FieldError.invalid(path, .string(type), $0)
        }
        guard errors.isEmpty, !type.contains("/"),
            !["Pod", "Container", "PersistentVolumeClaim"].contains(type)
        else { return errors }
        return [
            .invalid(path, .string(type), "must be a standard limit type or fully qualified")
        ]
    }

    private static func rangeErrors(_ limit: JSONValue, at path: FieldPath) -> [FieldError] {
        var amounts: [String: [String: Quantity]] = [:]
        for field in ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"] {
            amounts[field] = QuotaUsage.read(limit[field])
        }
        // Which of two must not be the greater: the fields, how the first and the second are
        // called, and whose place and value the fault has.
        let rules: [(String, String, String, String, place: String, shown: String)] = [
            ("min", "max", "min value", "max value", "min", "min"),
            (
                "min", "defaultRequest", "min value", "default request value", "defaultRequest",
                "defaultRequest"
            ),
            (
                "defaultRequest", "max", "default request value", "max value", "defaultRequest",
                "defaultRequest"
            ),
            (
                "defaultRequest", "default", "default request value", "default limit value",
                "defaultRequest", "defaultRequest"
            ),
            ("min", "default", "min value", "default value", "default", "min"),
            ("default", "max", "default value", "max value", "default", "max"),
        ]
        var errors: [FieldError] = []
        let names = Set(amounts.values.flatMap(\.keys)).sorted()
        for name in names {
            for rule in rules {
                guard let low = amounts[rule.0]?[name], let high = amounts[rule.1]?[name],
                    high < low, let shown = amounts[rule.shown]?[name]
                else { continue }
                errors.append(
                    .invalid(
                        path.child(rule.place).key(name), shown.json,
                        "\(rule.2) \(low) is greater than \(rule.3) \(high)"))
            }
            if let ratio = amounts["maxLimitRequestRatio"]?[name], ratio < Quantity(1) {
                errors.append(
                    .invalid(
                        path.child("maxLimitRequestRatio").key(name), ratio.json,
                        "ratio \(ratio) is less than 1"))
            }
        }
        return errors
    }
}
