import KubernetesCore

/// The rules of new pods.
struct PodValidation {
    private var errors: [FieldError] = []
    private let spec: JSONValue
    private let root = FieldPath("spec")
    private var volumes: Set<String> = []

    static func errors(_ pod: JSONValue) -> [FieldError] {
        var validation = PodValidation(spec: pod["spec"] ?? [:])
        validation.check()
        return validation.errors
    }

    private init(spec: JSONValue) { self.spec = spec }

    private mutating func check() {
        checkVolumes()
        let containers = spec["containers"]?.array ?? []
        if containers.isEmpty { errors.append(.required(root.child("containers"))) }
        var names: Set<String> = []
        for (index, container) in containers.enumerated() {
            check(container, at: root.child("containers")[index], &names)
        }
        for (index, container) in (spec["initContainers"]?.array ?? []).enumerated() {
            check(container, at: root.child("initContainers")[index], &names)
        }
        if !(spec["ephemeralContainers"]?.array ?? []).isEmpty {
            errors.append(.forbidden(root.child("ephemeralContainers"), "cannot be set on create"))
        }
        checkHostPorts()
        choose("restartPolicy", ["Always", "OnFailure", "Never"])
        choose("dnsPolicy", ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
        errors += NameRules.labelErrors(spec["nodeSelector"], at: root.child("nodeSelector"))
        errors += PodSecurityValidation.podErrors(
            spec["securityContext"] ?? [:], at: root.child("securityContext"))
        errors += PodPlacementValidation.affinityErrors(
            spec["affinity"] ?? [:], at: root.child("affinity"))
        errors += PodPlacementValidation.gateErrors(spec, at: root)
        errors += PodPlacementValidation.spreadErrors(spec, at: root)
        checkNames(["serviceAccountName", "nodeName"], NameRules.dnsSubdomainErrors)
        if let seconds = spec["activeDeadlineSeconds"]?.integer,
            !(1...Int64(Int32.max)).contains(seconds)
        {
            errors.append(
                .invalid(
                    root.child("activeDeadlineSeconds"), .integer(seconds),
                    "must be between 1 and 2147483647, inclusive"))
        }
        checkNames(["hostname", "subdomain"], NameRules.dnsLabelErrors)
        for (index, toleration) in (spec["tolerations"]?.array ?? []).enumerated() {
            errors += PodPlacementValidation.tolerationErrors(
                toleration, at: root.child("tolerations")[index])
        }
        checkNames(["priorityClassName", "runtimeClassName"], NameRules.dnsSubdomainErrors)
        let policies = ["PreemptLowerPriority", "Never"]
        if let policy = spec["preemptionPolicy"]?.string, !policies.contains(policy) {
            errors.append(
                .notSupported(root.child("preemptionPolicy"), .string(policy), policies))
        }
    }

    private mutating func checkNames(_ fields: [String], _ rule: (String) -> [String]) {
        for name in fields {
            guard let text = spec[name]?.string, !text.isEmpty else { continue }
            errors += rule(text).map { .invalid(root.child(name), .string(text), $0) }
        }
    }

    /// Ports of the host are taken once, and are the container's own where the pod has its network.
    private mutating func checkHostPorts() {
        var taken: Set<String> = []
        let isShared = spec["hostNetwork"]?.bool == true
        for (index, container) in (spec["containers"]?.array ?? []).enumerated() {
            for (number, port) in (container["ports"]?.array ?? []).enumerated() {
                let path = root.child("containers")[index].child("ports")[number]
                let host = port["hostPort"]?.integer ?? 0
                if isShared, host != port["containerPort"]?.integer ?? 0 {
                    errors.append(
                        .invalid(
                            path.child("containerPort"), port["containerPort"] ?? 0,
                            "must match `hostPort` when `hostNetwork` is true"))
                }
                guard host != 0 else { continue }
                let key =
                    "\(port["protocol"]?.string ?? "")/\(port["hostIP"]?.string ?? "")/\(host)"
                if !taken.insert(key).inserted {
                    errors.append(.duplicate(path.child("hostPort"), .string(key)))
                }
            }
        }
    }

    private mutating func choose(_ field: String, _ values: [String]) {
        let text = spec[field]?.string ?? ""
        if !values.contains(text) {
            errors.append(
                text.isEmpty
                    ? .required(root.child(field))
                    : .notSupported(root.child(field), .string(text), values))
        }
    }

    private mutating func checkVolumes() {
        for (index, volume) in (spec["volumes"]?.array ?? []).enumerated() {
            let path = root.child("volumes")[index]
            let name = volume["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(path.child("name")))
            } else {
                errors += NameRules.dnsLabelErrors(name).map {
                    .invalid(path.child("name"), .string(name), $0)
                }
            }
            if !name.isEmpty, !volumes.insert(name).inserted {
                errors.append(.duplicate(path.child("name"), .string(name)))
            }
            let sources = (volume.object?.keys ?? []).filter { $0 != "name" }
            if sources.isEmpty {
                errors.append(.required(path, "must specify a volume type"))
            }
            for source in sources.dropFirst() {
                errors.append(
                    .forbidden(path.child(source), "may not specify more than 1 volume type"))
            }
            checkSource(volume, at: path)
        }
    }

    private mutating func checkSource(_ volume: JSONValue, at path: FieldPath) {
        let required: [(String, String)] = [
            ("secret", "secretName"), ("configMap", "name"), ("hostPath", "path"),
            ("persistentVolumeClaim", "claimName"),
        ]
        for (source, field) in required {
            guard let given = volume[source] else { continue }
            if (given[field]?.string ?? "").isEmpty {
                errors.append(.required(path.child(source).child(field)))
            }
        }
        for (index, source) in (volume[path: ["projected", "sources"]]?.array ?? []).enumerated() {
            guard let token = source["serviceAccountToken"] else { continue }
            let place = path.child("projected").child("sources")[index]
                .child("serviceAccountToken")
            if (token["path"]?.string ?? "").isEmpty {
                errors.append(.required(place.child("path")))
            }
            if let seconds = token["expirationSeconds"]?.integer, seconds < 600 {
                errors.append(
                    .invalid(
                        place.child("expirationSeconds"), .integer(seconds),
                        "may not specify a duration less than 10 minutes"))
            }
        }
    }

    private mutating func check(
        _ container: JSONValue, at path: FieldPath, _ names: inout Set<String>
    ) {
        let name = container["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required(path.child("name")))
        } else {
            errors += NameRules.dnsLabelErrors(name).map {
                .invalid(path.child("name"), .string(name), $0)
            }
            if !names.insert(name).inserted {
                errors.append(.duplicate(path.child("name"), .string(name)))
            }
        }
        let image = container["image"]?.string ?? ""
        if image.isEmpty {
            errors.append(.required(path.child("image")))
        } else if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
            errors.append(
                .invalid(
                    path.child("image"), .string(image),
                    "must not have leading or trailing whitespace"))
        }
        if let policy = container["imagePullPolicy"]?.string,
            !["Always", "IfNotPresent", "Never"].contains(policy)
        {
            errors.append(
                .notSupported(
                    path.child("imagePullPolicy"), .string(policy),
                    ["Always", "IfNotPresent", "Never"]))
        }
        if let policy = container["terminationMessagePolicy"]?.string,
            !["File", "FallbackToLogsOnError"].contains(policy)
        {
            errors.append(
                .notSupported(
                    path.child("terminationMessagePolicy"), .string(policy),
                    ["FallbackToLogsOnError", "File"]))
        }
        checkPorts(container, at: path.child("ports"))
        checkEnvironment(container, at: path.child("env"))
        checkMounts(container, at: path.child("volumeMounts"))
        PodResourceValidation.check(
            container["resources"] ?? [:], at: path.child("resources"), &errors)
        errors += PodSecurityValidation.containerErrors(
            container["securityContext"] ?? [:], at: path.child("securityContext"))
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let given = container[probe] else { continue }
            check(probe: given, at: path.child(probe), isReadiness: probe == "readinessProbe")
        }
    }

    private mutating func checkPorts(_ container: JSONValue, at path: FieldPath) {
        var names: Set<String> = []
        for (index, port) in (container["ports"]?.array ?? []).enumerated() {
            let number = port["containerPort"]?.integer ?? 0
            if number == 0 {
                errors.append(.required(path[index].child("containerPort")))
            } else if !(1...65_535).contains(number) {
                errors.append(
                    .invalid(
                        path[index].child("containerPort"), .integer(number),
                        "must be between 1 and 65535, inclusive"))
            }
            if let name = port["name"]?.string, !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(path[index].child("name"), .string(name)))
            }
            if let kind = port["protocol"]?.string, !["TCP", "UDP", "SCTP"].contains(kind) {
                errors.append(
                    .notSupported(
                        path[index].child("protocol"), .string(kind), ["SCTP", "TCP", "UDP"]))
            }
        }
    }

    private mutating func checkEnvironment(_ container: JSONValue, at path: FieldPath) {
        for (index, variable) in (container["env"]?.array ?? []).enumerated() {
            let name = variable["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(path[index].child("name")))
            } else if name.contains("=") || name.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) {
                errors.append(
                    .invalid(
                        path[index].child("name"), .string(name),
                        "a valid environment variable name must consist only of printable ASCII "
                            + "characters other than '='"))
            }
            guard let source = variable["valueFrom"] else { continue }
            checkSource(
                source, hasValue: !(variable["value"]?.string ?? "").isEmpty,
                at: path[index].child("valueFrom"))
        }
    }

    /// Where a variable's value comes from: one place, and a whole one.
    private mutating func checkSource(
        _ source: JSONValue, hasValue: Bool, at path: FieldPath
    ) {
        let kinds = [
            "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
        ]
        let given = kinds.filter { source[$0] != nil }
        if given.isEmpty {
            errors.append(
                .invalid(
                    path, "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, "
                        + "`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))
            return
        }
        if hasValue {
            errors.append(
                .invalid(path, "", "may not be specified when `value` is not empty"))
        } else if given.count > 1 {
            errors.append(
                .invalid(path, "", "may not have more than one field specified at a time"))
        }
        if let field = source["fieldRef"] {
            let text = field["fieldPath"]?.string ?? ""
            let place = path.child("fieldRef").child("fieldPath")
            if text.isEmpty {
                errors.append(.required(place))
            } else if !PodValidation.isReadable(text) {
                errors.append(
                    .notSupported(
                        place, .string(text), PodValidation.readableFields.sorted()))
            }
        }
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            guard let reference = source[kind] else { continue }
            if (reference["name"]?.string ?? "").isEmpty {
                errors.append(.required(path.child(kind).child("name")))
            }
            if (reference["key"]?.string ?? "").isEmpty {
                errors.append(.required(path.child(kind).child("key")))
            }
        }
    }

    private static let readableFields: Set<String> = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
        "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP",
        "status.podIPs",
    ]

    private static func isReadable(_ path: String) -> Bool {
        readableFields.contains(path)
            || ["metadata.labels['", "metadata.annotations['"].contains { path.hasPrefix($0) }
                && path.hasSuffix("']")
    }

    private mutating func checkMounts(_ container: JSONValue, at path: FieldPath) {
        var paths: Set<String> = []
        for (index, mount) in (container["volumeMounts"]?.array ?? []).enumerated() {
            let name = mount["name"]?.string ?? ""
            if name.isEmpty {
                errors.append(.required(path[index].child("name")))
            } else if !volumes.contains(name) {
                errors.append(.notFound(path[index].child("name"), .string(name)))
            }
            let place = mount["mountPath"]?.string ?? ""
            if place.isEmpty {
                errors.append(.required(path[index].child("mountPath")))
            } else if !paths.insert(place).inserted {
                errors.append(
                    .invalid(path[index].child("mountPath"), .string(place), "must be unique"))
            }
        }
    }

    private mutating func check(probe: JSONValue, at path: FieldPath, isReadiness: Bool) {
        let actions = ["exec", "httpGet", "tcpSocket", "grpc"].filter { probe[$0] != nil }
        if actions.isEmpty {
            errors.append(.required(path, "must specify a handler type"))
        }
        for action in actions.dropFirst() {
            errors.append(
                .forbidden(path.child(action), "may not specify more than 1 handler type"))
        }
        for action in ["httpGet", "tcpSocket", "grpc"] {
            guard let given = probe[action] else { continue }
            if let number = given["port"]?.integer, !(1...65_535).contains(number) {
                errors.append(
                    .invalid(
                        path.child(action).child("port"), .integer(number),
                        "must be between 1 and 65535, inclusive"))
            }
        }
        if let exec = probe["exec"], (exec["command"]?.array ?? []).isEmpty {
            errors.append(.required(path.child("exec").child("command")))
        }
        let numbers = [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
            "failureThreshold",
        ]
        for name in numbers {
            guard let number = probe[name]?.integer, number < 0 else { continue }
            errors.append(
                .invalid(
                    path.child(name), .integer(number), "must be greater than or equal to 0"))
        }
        if !isReadiness, let count = probe["successThreshold"]?.integer, count != 1 {
            errors.append(.invalid(path.child("successThreshold"), .integer(count), "must be 1"))
        }
    }
}

/// The rules of what containers request and may use.
enum PodResourceValidation {
    static func check(_ resources: JSONValue, at path: FieldPath, _ errors: inout [FieldError]) {
        let limits = resources["limits"]?.object ?? [:]
        for list in ["limits", "requests"] {
            for (name, value) in resources[list]?.object ?? [:] {
                let place = path.child(list).key(name)
                errors += NameRules.qualifiedNameErrors(name).map {
                    .invalid(place, .string(name), $0)
                }
                guard let quantity = try? Quantity(reading: value) else { continue }
                if quantity.isNegative {
                    errors.append(
                        .invalid(place, value, "must be greater than or equal to 0"))
                }
                guard list == "requests", let limit = limits[name],
                    let most = try? Quantity(reading: limit), quantity > most
                else { continue }
                errors.append(
                    .invalid(
                        path.child("requests"), value,
                        "must be less than or equal to \(name) limit of \(most)"))
            }
        }
    }
}
