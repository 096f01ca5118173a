import KubernetesCore

/// The rules of Deployments and ReplicaSets.
enum WorkloadValidation {
    static func deploymentErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let spec = FieldPath("spec")
        var errors = commonErrors(value, old: old)
        for field in ["revisionHistoryLimit", "progressDeadlineSeconds"] {
            guard let number = value[path: ["spec", field]]?.integer, number < 0 else { continue }
            errors.append(negative(spec.child(field), number))
        }
        let deadline = value[path: ["spec", "progressDeadlineSeconds"]]?.integer ?? 600
        let settling = value[path: ["spec", "minReadySeconds"]]?.integer ?? 0
        if deadline >= 0, settling >= 0, deadline <= settling {
            errors.append(
                .invalid(
                    spec.child("progressDeadlineSeconds"), .integer(deadline),
                    "must be greater than minReadySeconds"))
        }
        return errors + strategyErrors(value[path: ["spec", "strategy"]] ?? [:])
    }

    static func replicaSetErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        commonErrors(value, old: old)
    }

    private static func strategyErrors(_ strategy: JSONValue) -> [FieldError] {
        let path = FieldPath("spec").child("strategy")
        let known = ["Recreate", "RollingUpdate"]
        let type = strategy["type"]?.string ?? ""
        guard known.contains(type) else {
            return [.notSupported(path.child("type"), .string(type), known)]
        }
        let rolling = strategy["rollingUpdate"]
        if type == "Recreate" {
            return rolling == nil
                ? []
                : [
                    .forbidden(
                        path.child("rollingUpdate"),
                        "may not be specified when strategy `type` is 'Recreate'")
                ]
        }
        let place = path.child("rollingUpdate")
        var errors: [FieldError] = []
        for field in ["maxUnavailable", "maxSurge"] {
            guard let given = rolling?[field] else { continue }
            errors += KindValidation.shareErrors(given, at: place.child(field))
        }
        func isZero(_ field: String) -> Bool {
            rolling?[field]?.integer == 0 || rolling?[field]?.string == "0%"
        }
        if isZero("maxUnavailable"), isZero("maxSurge") {
            errors.append(
                .invalid(
                    place.child("maxUnavailable"), rolling?["maxUnavailable"] ?? 0,
                    "may not be 0 when `maxSurge` is 0"))
        }
        return errors
    }

    private static func commonErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let spec = FieldPath("spec")
        var errors: [FieldError] = []
        for field in ["replicas", "minReadySeconds"] {
            guard let number = value[path: ["spec", field]]?.integer, number < 0 else { continue }
            errors.append(negative(spec.child(field), number))
        }
        errors += selectorErrors(value, old: old)
        let template = value[path: ["spec", "template"]] ?? [:]
        let place = spec.child("template").child("spec")
        if let policy = template[path: ["spec", "restartPolicy"]]?.string, policy != "Always" {
            errors.append(
                .notSupported(place.child("restartPolicy"), .string(policy), ["Always"]))
        }
        errors += PodValidation.errors(template).map { error in
            FieldError(
                error.kind, path: "spec.template." + error.path, badValue: error.badValue,
                detail: error.detail)
        }
        return errors
    }

    private static func selectorErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let path = FieldPath("spec").child("selector")
        let given = value[path: ["spec", "selector"]] ?? [:]
        let faults = LabelSelector.errors(in: given, at: path)
        guard faults.isEmpty, let selector = try? LabelSelector(reading: given) else {
            return faults
        }
        if selector.requirements.isEmpty {
            return [
                .invalid(path, given, "empty selector is invalid for deployment")
            ]
        }
        if let old, old[path: ["spec", "selector"]] != given {
            return [.invalid(path, given, "field is immutable")]
        }
        let labels = value[path: ["spec", "template", "metadata", "labels"]] ?? [:]
        guard selector.matches(labels.object ?? [:]) else {
            return [
                .invalid(
                    FieldPath("spec").child("template").child("metadata").child("labels"), labels,
                    "`selector` does not match template `labels`")
            ]
        }
        return []
    }

    private static func negative(_ path: FieldPath, _ number: Int64) -> FieldError {
        .invalid(path, .integer(number), "must be greater than or equal to 0")
    }
}

/// What a strategy says where it says nothing.
enum DeploymentDefaults {
    static func apply(to deployment: inout JSONValue) {
        let strategy = ["spec", "strategy"]
        guard deployment[path: strategy + ["type"]]?.string == "RollingUpdate" else { return }
        for field in ["maxUnavailable", "maxSurge"]
        where deployment[path: strategy + ["rollingUpdate", field]] == nil {
            deployment[path: strategy + ["rollingUpdate", field]] = "25%"
        }
    }
}
