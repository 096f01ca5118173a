import KubernetesCore

/// The rules of services.
enum ServiceValidation {
    private static let protocols = ["SCTP", "TCP", "UDP"]

    static func errors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        let spec = value["spec"] ?? [:]
        let root = FieldPath("spec")
        let type = spec["type"]?.string ?? ""
        let ports = spec["ports"]?.array ?? []
        var errors: [FieldError] = []
        let isHeadless = spec["clusterIP"]?.string == "None"
        if ports.isEmpty, !isHeadless, type != "ExternalName" {
            errors.append(.required(root.child("ports")))
        }
        if type == "ExternalName" {
            let name = spec["externalName"]?.string ?? ""
            if name.isEmpty { errors.append(.required(root.child("externalName"))) }
        }
        errors += portErrors(ports, type: type, at: root.child("ports"))
        errors += NameRules.labelErrors(spec["selector"], at: root.child("selector"))
        let affinities = ["ClientIP", "None"]
        let affinity = spec["sessionAffinity"]?.string ?? ""
        if affinity.isEmpty {
            errors.append(.required(root.child("sessionAffinity")))
        } else if !affinities.contains(affinity) {
            errors.append(
                .notSupported(root.child("sessionAffinity"), .string(affinity), affinities))
        }
        let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
        if type.isEmpty {
            errors.append(.required(root.child("type")))
        } else if !types.contains(type) {
            errors.append(.notSupported(root.child("type"), .string(type), types))
        }
        if let old, type != "ExternalName" {
            let before = old[path: ["spec", "clusterIP"]]?.string ?? ""
            let after = spec["clusterIP"]?.string ?? ""
            if !before.isEmpty, before != after {
                errors.append(
                    .invalid(
                        root.child("clusterIPs")[0], .strings([after]), "may not change once set"))
            }
        }
        return errors
    }

    private static func portErrors(
        _ ports: [JSONValue], type: String, at path: FieldPath
    ) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        var pairs: Set<String> = []
        for (index, port) in ports.enumerated() {
            let place = path[index]
            let name = port["name"]?.string ?? ""
            if name.isEmpty {
                if ports.count > 1 { errors.append(.required(place.child("name"))) }
            } else {
                errors += NameRules.dnsLabelErrors(name).map {
                    .invalid(place.child("name"), .string(name), $0)
                }
                if !names.insert(name).inserted {
                    errors.append(.duplicate(place.child("name"), .string(name)))
                }
            }
            errors += numberErrors(port["port"], at: place.child("port"))
            let kind = port["protocol"]?.string ?? ""
            if !protocols.contains(kind) {
                errors.append(
                    .notSupported(place.child("protocol"), .string(kind), protocols))
            }
            if port["targetPort"]?.string == nil {
                errors += numberErrors(port["targetPort"], at: place.child("targetPort"))
            }
            if type == "ClusterIP", (port["nodePort"]?.integer ?? 0) != 0 {
                errors.append(
                    .forbidden(
                        place.child("nodePort"), "may not be used when `type` is 'ClusterIP'"))
            }
            if !pairs.insert(kind + "/" + (port["port"]?.text ?? "")).inserted {
                errors.append(.duplicate(place, port))
            }
        }
        return errors
    }

    private static func numberErrors(_ value: JSONValue?, at path: FieldPath) -> [FieldError] {
        let number = value?.integer ?? 0
        guard !(1...65_535).contains(number) else { return [] }
        return [.invalid(path, .integer(number), "must be between 1 and 65535, inclusive")]
    }
}
