import KubernetesCore

extension APIServer {
    /// Sets the fields of a new object that its kind sets by itself.
    mutating func prepareForCreation(_ value: inout JSONValue, _ call: APICall) {
        let definition = call.definition
        if let custom = call.version.custom {
            if custom.hasStatus { value["status"] = nil }
            value[path: ["metadata", "generation"]] = 1
            return
        }
        if definition.traits.contains(.countsGeneration) {
            value[path: ["metadata", "generation"]] = 1
        }
        switch definition.storage {
        case .namespaces:
            value[path: ["spec", "finalizers"]] = ["kubernetes"]
            value["status"] = ["phase": "Active"]
        case .pods: value["status"] = PodDefaults.status(of: value)
        case .services:
            ServiceDefaults.assign(&value, index: random.next())
            value["status"] = ["loadBalancer": [:]]
        case .resourceQuotas, .disruptionBudgets, .definitions, .deployments, .replicaSets:
            value["status"] = emptyStatus(call)
        case .claims: value["status"] = ["phase": "Pending"]
        default: break
        }
    }

    /// Sets what follows from other fields, at creation and at each update.
    func prepareBuiltIn(_ value: inout JSONValue, _ definition: ResourceDefinition) {
        switch definition.storage {
        case .namespaces:
            let name = value[path: ["metadata", "name"]]?.string ?? ""
            value[path: ["metadata", "labels", "kubernetes.io/metadata.name"]] = .string(name)
        case .pods: PodDefaults.apply(to: &value)
        case .deployments: DeploymentDefaults.apply(to: &value)
        case .secrets: SecretDefaults.foldStrings(&value)
        case .networkPolicies:
            if value[path: ["spec", "policyTypes"]] == nil {
                let hasEgress = value[path: ["spec", "egress"]] != nil
                value[path: ["spec", "policyTypes"]] =
                    hasEgress ? ["Ingress", "Egress"] : ["Ingress"]
            }
        case .definitions: DefinitionDefaults.apply(to: &value)
        case GroupResource(group: "coordination.k8s.io", resource: "leases"):
            // Coordinated leader election is off, as it is on servers by default.
            value[path: ["spec", "strategy"]] = nil
            value[path: ["spec", "preferredHolder"]] = nil
        case .roleBindings, .clusterRoleBindings: BindingDefaults.apply(to: &value)
        case .services: ServiceDefaults.apply(to: &value)
        case .limitRanges: LimitRangeDefaults.apply(to: &value)
        default: break
        }
    }

    /// The status that a kind has before anybody has set it.
    private func emptyStatus(_ call: APICall) -> JSONValue {
        var reader = TypedReader(catalog: .builtIn, collectsUnknown: false)
        // A kind that must not be empty has no status to begin with.
        let empty = try? reader.read([:], as: call.version.typeName)
        return empty?["status"] ?? [:]
    }
}

/// Secrets take plain text in `stringData` and keep it as Base64 in `data`.
enum SecretDefaults {
    static func foldStrings(_ secret: inout JSONValue) {
        guard let texts = secret["stringData"]?.object else { return }
        for (key, text) in texts {
            secret[path: ["data", key]] = .string(Base64.encode(Array((text.string ?? "").utf8)))
        }
        secret["stringData"] = nil
    }
}

/// Role bindings name API groups even where the client leaves them out.
enum BindingDefaults {
    static func apply(to binding: inout JSONValue) {
        let group = "rbac.authorization.k8s.io"
        if (binding[path: ["roleRef", "apiGroup"]]?.string ?? "").isEmpty {
            binding[path: ["roleRef", "apiGroup"]] = .string(group)
        }
        guard let subjects = binding["subjects"]?.array else { return }
        binding["subjects"] = .array(
            subjects.map { subject in
                guard subject["kind"]?.string != "ServiceAccount",
                    (subject["apiGroup"]?.string ?? "").isEmpty
                else { return subject }
                var named = subject
                named["apiGroup"] = .string(group)
                return named
            })
    }
}

/// Services get an address of their own and name the port they lead to.
enum ServiceDefaults {
    static func apply(to service: inout JSONValue) {
        guard let ports = service[path: ["spec", "ports"]]?.array else { return }
        service[path: ["spec", "ports"]] = .array(
            ports.map { port in
                guard port["targetPort"] == nil else { return port }
                var named = port
                named["targetPort"] = port["port"]
                return named
            })
    }

    /// Addresses once given stay where the client leaves them out, or sends them empty.
    static func keepAddresses(_ service: inout JSONValue, of old: JSONValue) {
        guard service[path: ["spec", "type"]]?.string != "ExternalName" else { return }
        if (service[path: ["spec", "clusterIP"]]?.string ?? "").isEmpty {
            service[path: ["spec", "clusterIP"]] = old[path: ["spec", "clusterIP"]]
        }
        let given = service[path: ["spec", "clusterIPs"]]?.array ?? []
        if given.allSatisfy({ ($0.string ?? "").isEmpty }) {
            service[path: ["spec", "clusterIPs"]] = old[path: ["spec", "clusterIPs"]]
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] where service[path: ["spec", field]] == nil {
            service[path: ["spec", field]] = old[path: ["spec", field]]
        }
    }

    static func assign(_ service: inout JSONValue, index: UInt64) {
        guard service[path: ["spec", "type"]]?.string != "ExternalName" else { return }
        if (service[path: ["spec", "clusterIP"]]?.string ?? "").isEmpty {
            let host = index % 65_000 + 10
            service[path: ["spec", "clusterIP"]] = .string("10.96.\(host / 256).\(host % 256)")
        }
        service[path: ["spec", "clusterIPs"]] = [service[path: ["spec", "clusterIP"]] ?? ""]
        if service[path: ["spec", "ipFamilies"]] == nil {
            service[path: ["spec", "ipFamilies"]] = ["IPv4"]
        }
        if service[path: ["spec", "ipFamilyPolicy"]] == nil {
            service[path: ["spec", "ipFamilyPolicy"]] = "SingleStack"
        }
    }
}

/// Of a limit for containers, what is not given follows from what is.
enum LimitRangeDefaults {
    static func apply(to range: inout JSONValue) {
        guard let limits = range[path: ["spec", "limits"]]?.array else { return }
        range[path: ["spec", "limits"]] = .array(
            limits.map { limit in
                guard limit["type"]?.string == "Container" else { return limit }
                var filled = limit
                for (from, to) in [
                    ("max", "default"), ("default", "defaultRequest"),
                    ("min", "defaultRequest"),
                ] {
                    for (name, value) in filled[from]?.object ?? [:]
                    where filled[path: [to, name]] == nil {
                        filled[path: [to, name]] = value
                    }
                }
                return filled
            })
    }
}
