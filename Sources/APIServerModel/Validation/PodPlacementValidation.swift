import KubernetesCore

/// The rules of what a pod says about where it may run.
enum PodPlacementValidation {
    static func tolerationErrors(_ toleration: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        func text(_ field: String) -> String { toleration[field]?.string ?? "" }
        let (key, operation, effect) = (text("key"), text("operator"), text("effect"))
        if key.isEmpty {
            if operation != "Exists" {
                errors.append(
                    .invalid(
                        path.child("operator"), .string(operation),
                        "operator must be Exists when `key` is empty, which means "
                            + "\"match all values and all keys\""))
            }
        } else {
            errors += NameRules.qualifiedNameErrors(key).map {
                .invalid(path.child("key"), .string(key), $0)
            }
        }
        if toleration["tolerationSeconds"]?.integer != nil, effect != "NoExecute" {
            errors.append(
                .invalid(
                    path.child("effect"), .string(effect),
                    "effect must be 'NoExecute' when `tolerationSeconds` is set"))
        }
        switch operation {
        case "", "Equal":
            let faults = NameRules.labelValueErrors(text("value"))
            if !faults.isEmpty {
                errors.append(
                    .invalid(
                        path.child("operator"), .string(text("value")),
                        faults.joined(separator: ";")))
            }
        case "Exists":
            if !text("value").isEmpty {
                errors.append(
                    .invalid(
                        path.child("operator"), toleration,
                        "value must be empty when `operator` is 'Exists'"))
            }
        default:
            errors.append(
                .notSupported(path.child("operator"), .string(operation), ["Equal", "Exists"]))
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
        if !effect.isEmpty, !effects.contains(effect) {
            errors.append(.notSupported(path.child("effect"), .string(effect), effects))
        }
        return errors
    }

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    static func affinityErrors(_ affinity: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let node = affinity["nodeAffinity"] {
            errors += nodeErrors(node, at: path.child("nodeAffinity"))
        }
        for field in ["podAffinity", "podAntiAffinity"] {
            guard let given = affinity[field] else { continue }
            let place = path.child(field)
            for (index, term) in (given[required]?.array ?? []).enumerated() {
                errors += podTermErrors(term, at: place.child(required)[index])
            }
            for (index, term) in (given[preferred]?.array ?? []).enumerated() {
                let spot = place.child(preferred)[index]
                errors += weightErrors(term, at: spot)
                errors += podTermErrors(
                    term["podAffinityTerm"] ?? [:], at: spot.child("podAffinityTerm"))
            }
        }
        return errors
    }

    private static func weightErrors(_ term: JSONValue, at path: FieldPath) -> [FieldError] {
        let weight = term["weight"]?.integer ?? 0
        guard !(1...100).contains(weight) else { return [] }
        return [
            .invalid(path.child("weight"), .integer(weight), "must be in the range 1-100")
        ]
    }

    private static func nodeErrors(_ affinity: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let selector = affinity[required] {
            let place = path.child(required).child("nodeSelectorTerms")
            let terms = selector["nodeSelectorTerms"]?.array ?? []
            if terms.isEmpty {
                errors.append(.required(place, "must have at least one node selector term"))
            }
            for (index, term) in terms.enumerated() {
                errors += nodeTermErrors(term, at: place[index])
            }
        }
        for (index, term) in (affinity[preferred]?.array ?? []).enumerated() {
            let place = path.child(preferred)[index]
            errors += weightErrors(term, at: place)
            errors += nodeTermErrors(term["preference"] ?? [:], at: place.child("preference"))
        }
        return errors
    }

    private static func nodeTermErrors(_ term: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, given) in (term["matchExpressions"]?.array ?? []).enumerated() {
            let place = path.child("matchExpressions")[index]
            let count = given["values"]?.array?.count ?? 0
            switch given["operator"]?.string ?? "" {
            case "In", "NotIn":
                if count == 0 {
                    errors.append(
                        .required(
                            place.child("values"),
                            "must be specified when `operator` is 'In' or 'NotIn'"))
                }
            case "Exists", "DoesNotExist":
                if count > 0 {
                    errors.append(
                        .forbidden(
                            place.child("values"),
                            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
                }
            case "Gt", "Lt":
                if count != 1 {
                    errors.append(
                        .required(
                            place.child("values"),
                            "must be specified single value when `operator` is 'Lt' or 'Gt'"))
                }
            case let other:
                errors.append(
                    .invalid(
                        place.child("operator"), .string(other), "not a valid selector operator"))
            }
            let key = given["key"]?.string ?? ""
            errors += NameRules.qualifiedNameErrors(key).map {
                .invalid(place.child("key"), .string(key), $0)
            }
        }
        return errors
    }

    private static func podTermErrors(_ term: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for field in ["labelSelector", "namespaceSelector"] {
            guard let selector = term[field] else { continue }
            errors += LabelSelector.errors(in: selector, at: path.child(field))
        }
        return errors + topologyErrors(term, at: path)
    }

    private static func topologyErrors(_ term: JSONValue, at path: FieldPath) -> [FieldError] {
        let key = term["topologyKey"]?.string ?? ""
        let place = path.child("topologyKey")
        if key.isEmpty { return [.required(place, "can not be empty")] }
        return NameRules.qualifiedNameErrors(key).map { .invalid(place, .string(key), $0) }
    }

    static func gateErrors(_ spec: JSONValue, at root: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        var seen: Set<String> = []
        for (index, gate) in (spec["schedulingGates"]?.array ?? []).enumerated() {
            let name = gate["name"]?.string ?? ""
            let path = root.child("schedulingGates")[index]
            errors += NameRules.qualifiedNameErrors(name).map {
                .invalid(path, .string(name), $0)
            }
            if !seen.insert(name).inserted { errors.append(.duplicate(path, .string(name))) }
        }
        return errors
    }

    static func spreadErrors(_ spec: JSONValue, at root: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, term) in (spec["topologySpreadConstraints"]?.array ?? []).enumerated() {
            let path = root.child("topologySpreadConstraints")[index]
            let skew = term["maxSkew"]?.integer ?? 0
            if skew <= 0 {
                errors.append(
                    .invalid(path.child("maxSkew"), .integer(skew), "must be greater than zero"))
            }
            errors += topologyErrors(term, at: path)
            let actions = ["DoNotSchedule", "ScheduleAnyway"]
            let action = term["whenUnsatisfiable"]?.string ?? ""
            if !actions.contains(action) {
                errors.append(
                    .notSupported(path.child("whenUnsatisfiable"), .string(action), actions))
            }
            if let selector = term["labelSelector"] {
                errors += LabelSelector.errors(in: selector, at: path.child("labelSelector"))
            }
        }
        return errors
    }
}
