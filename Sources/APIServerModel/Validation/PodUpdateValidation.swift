import KubernetesCore

/// What may change in the spec of a pod that exists: little.
enum PodUpdateValidation {
    static func errors(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
        let spec = FieldPath("spec")
        for list in ["containers", "initContainers"] {
            let counts = [pod, old].map { $0[path: ["spec", list]]?.array?.count ?? 0 }
            if counts[0] != counts[1] {
                return [
                    .forbidden(
                        spec.child(list), "pod updates may not add or remove containers")
                ]
            }
        }
        var errors: [FieldError] = []
        for list in ["containers", "initContainers"] {
            for (index, container) in (pod[path: ["spec", list]]?.array ?? []).enumerated()
            where (container["image"]?.string ?? "").isEmpty {
                errors.append(.required(spec.child(list)[index].child("image")))
            }
        }
        errors += deadlineErrors(pod, old, at: spec.child("activeDeadlineSeconds"))
        errors += tolerationErrors(pod, old, at: spec.child("tolerations"))
        if comparable(pod, old) != comparable(old, old) {
            errors.append(
                .forbidden(
                    spec,
                    "pod updates may not change fields other than `spec.containers[*].image`,"
                        + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                        + "`spec.tolerations` (only additions to existing tolerations),"
                        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
                        + "was previously negative)"))
        }
        return errors
    }

    /// A deadline only comes nearer.
    private static func deadlineErrors(
        _ pod: JSONValue, _ old: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        let field = ["spec", "activeDeadlineSeconds"]
        guard let new = pod[path: field]?.integer else {
            guard old[path: field]?.integer != nil else { return [] }
            return [
                .invalid(path, .null, "must not update from a positive integer to nil value")
            ]
        }
        if new < 0 || new > Int64(Int32.max) {
            return [.invalid(path, .integer(new), "must be between 0 and 2147483647, inclusive")]
        }
        guard let before = old[path: field]?.integer, before < new else { return [] }
        return [
            .invalid(path, .integer(new), "must be less than or equal to previous value")
        ]
    }

    /// Tolerations stay, but for how long they hold.
    private static func tolerationErrors(
        _ pod: JSONValue, _ old: JSONValue, at path: FieldPath
    ) -> [FieldError] {
        func lasting(_ toleration: JSONValue) -> JSONValue {
            var rest = toleration
            rest["tolerationSeconds"] = nil
            return rest
        }
        let before = old[path: ["spec", "tolerations"]]?.array ?? []
        let after = (pod[path: ["spec", "tolerations"]]?.array ?? [])
        let kept = after.map(lasting)
        guard before.allSatisfy({ kept.contains(lasting($0)) }) else {
            return [
                .forbidden(
                    path, "existing toleration can not be modified except its tolerationSeconds")
            ]
        }
        return after.enumerated().flatMap { index, toleration in
            PodPlacementValidation.tolerationErrors(toleration, at: path[index])
        }
    }

    /// The spec without what may change.
    private static func comparable(_ pod: JSONValue, _ old: JSONValue) -> JSONValue {
        var spec = pod["spec"] ?? [:]
        for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates", "serviceAccount"] {
            spec[field] = nil
        }
        let grace = old[path: ["spec", "terminationGracePeriodSeconds"]]?.integer ?? 0
        if grace < 0, spec["terminationGracePeriodSeconds"]?.integer == 1 {
            spec["terminationGracePeriodSeconds"] = .integer(grace)
        }
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.array else { continue }
            spec[list] = .array(
                containers.map { container in
                    var rest = container
                    rest["image"] = nil
                    rest["imagePullPolicy"] = nil
                    return rest
                })
        }
        return spec
    }

    /// What is wrong with ephemeral containers that are added to a pod; the pod's own stay.
    static func ephemeralErrors(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
        let path = FieldPath("spec.ephemeralContainers")
        let given = pod[path: ["spec", "ephemeralContainers"]]?.array ?? []
        let before = old[path: ["spec", "ephemeralContainers"]]?.array ?? []
        func name(_ container: JSONValue) -> String { container["name"]?.string ?? "" }
        let own = ["containers", "initContainers"].flatMap {
            pod[path: ["spec", $0]]?.array ?? []
        }.map(name)
        var errors: [FieldError] = []
        var names = Set(own)
        for (index, container) in given.enumerated() {
            let place = path[index]
            if name(container).isEmpty {
                errors.append(.required(place.child("name")))
            } else {
                errors += NameRules.dnsLabelErrors(name(container)).map {
                    .invalid(place.child("name"), .string(name(container)), $0)
                }
                if !names.insert(name(container)).inserted {
                    errors.append(.duplicate(place.child("name"), .string(name(container))))
                }
            }
            if (container["image"]?.string ?? "").isEmpty {
                errors.append(.required(place.child("image")))
            }
            let target = container["targetContainerName"]?.string ?? ""
            if !target.isEmpty, !own.contains(target) {
                errors.append(.notFound(place.child("targetContainerName"), .string(target)))
            }
            for field in ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"]
            where container[field] != nil {
                errors.append(
                    .forbidden(place.child(field), "cannot be set for an Ephemeral Container"))
            }
            if container["resources"]?.object?.isEmpty == false {
                errors.append(
                    .forbidden(
                        place.child("resources"), "cannot be set for an Ephemeral Container"))
            }
        }
        for existing in before {
            guard let now = given.first(where: { name($0) == name(existing) }) else {
                errors.append(
                    .forbidden(
                        path,
                        "existing ephemeral containers \(GoText.quote(name(existing))) may not be "
                            + "removed\n"))
                continue
            }
            if now != existing {
                errors.append(
                    .forbidden(
                        path,
                        "existing ephemeral containers \(GoText.quote(name(existing))) may not be "
                            + "changed\n"))
            }
        }
        return errors
    }

    /// What is wrong with a change of the resources of a pod's containers.
    static func resizeErrors(_ pod: JSONValue, old: JSONValue) -> [FieldError] {
        let spec = FieldPath("spec")
        var errors: [FieldError] = []
        for (index, container) in (pod[path: ["spec", "containers"]]?.array ?? []).enumerated() {
            PodResourceValidation.check(
                container["resources"] ?? [:],
                at: spec.child("containers")[index].child("resources"), &errors)
        }
        let qualities = [pod, old].map(PodDefaults.qualityOfService)
        if qualities[0] != qualities[1] {
            errors.append(
                .invalid(
                    spec, .string(qualities[0]),
                    "Pod QOS Class may not change as a result of resizing"))
        }
        func fixed(_ pod: JSONValue) -> JSONValue {
            var spec = pod["spec"] ?? [:]
            spec["containers"] = .array(
                (spec["containers"]?.array ?? []).map { container in
                    var rest = container
                    for list in ["requests", "limits"] {
                        for name in ["cpu", "memory"] {
                            rest[path: ["resources", list, name]] = nil
                        }
                        if rest[path: ["resources", list]]?.object?.isEmpty == true {
                            rest[path: ["resources", list]] = nil
                        }
                    }
                    return rest
                })
            return spec
        }
        if fixed(pod) != fixed(old) {
            errors.append(
                .forbidden(spec, "only cpu and memory resources are mutable"))
        }
        return errors
    }
}
