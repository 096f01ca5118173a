import KubernetesCore

extension APIServer {
    /// Refuses a new object that would take more than a quota of its namespace allows.
    func checkQuota(_ value: JSONValue, _ call: APICall) throws(Failure) {
        guard call.definition.isNamespaced else { return }
        let quotas = store.objects(.resourceQuotas, namespace: call.namespace)
        guard !quotas.isEmpty else { return }
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        let wanted = QuotaUsage.of(value, call.definition.storage)
        for quota in quotas where QuotaScope.admits(quota.value, value, call.definition.storage) {
            let hard = QuotaUsage.read(quota.value[path: ["spec", "hard"]])
            let concerned = wanted.filter { hard[$0.key] != nil }
            try checkSpecified(value, hard, quota, call, name)
            guard !concerned.isEmpty else { continue }
            let used = quotaUse(quota)
            let exceeded = concerned.keys.sorted().filter { key in
                guard let ask = concerned[key], !ask.isZero, let limit = hard[key] else {
                    return false
                }
                return limit < (used[key] ?? .zero) + ask
            }
            guard !exceeded.isEmpty else { continue }
            func list(_ amounts: [String: Quantity]) -> String {
                exceeded.map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
            }
            throw .forbidden(
                call.resource, name,
                "exceeded quota: \(quota.name), requested: \(list(concerned)), used: "
                    + "\(list(used)), limited: \(list(hard))")
        }
    }

    /// A pod must say what it requests of each resource that a quota limits.
    private func checkSpecified(
        _ value: JSONValue, _ hard: [String: Quantity], _ quota: StoredObject, _ call: APICall,
        _ name: String
    ) throws(Failure) {
        guard call.definition.storage == .pods else { return }
        var missing: [(String, [String])] = []
        for key in hard.keys.sorted() {
            guard let (list, resource) = QuotaUsage.computeField(key) else { continue }
            let silent = (value[path: ["spec", "containers"]]?.array ?? []).filter {
                $0[path: ["resources", list, resource]] == nil
            }
            if !silent.isEmpty {
                missing.append((key, silent.map { $0["name"]?.string ?? "" }))
            }
        }
        guard !missing.isEmpty else { return }
        let text = missing.map { "\($0.0) for: \($0.1.joined(separator: ","))" }
            .joined(separator: "; ")
        throw .forbidden(
            call.resource, name, "failed quota: \(quota.name): must specify \(text)")
    }

    /// What the objects of a quota's namespace take of what it limits.
    func quotaUse(_ quota: StoredObject) -> [String: Quantity] {
        let hard = QuotaUsage.read(quota.value[path: ["spec", "hard"]])
        var used: [String: Quantity] = [:]
        for key in hard.keys { used[key] = .zero }
        for resource in QuotaUsage.resources(hard.keys.sorted()) {
            for object in store.objects(resource, namespace: quota.namespace)
            where QuotaScope.admits(quota.value, object.value, resource) {
                for (key, amount) in QuotaUsage.of(object.value, resource) {
                    guard let sum = used[key] else { continue }
                    used[key] = sum + amount
                }
            }
        }
        return used
    }

    /// Writes what is used into the status of the quotas of a namespace.
    mutating func refreshQuotas(_ namespace: String) {
        for quota in store.objects(.resourceQuotas, namespace: namespace) {
            let used = quotaUse(quota)
            var value = quota.value
            let status: JSONValue = [
                "hard": value[path: ["spec", "hard"]] ?? [:],
                "used": .object(
                    JSONObject(used.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })),
            ]
            guard value["status"] != status else { continue }
            value["status"] = status
            store.put(value, in: .resourceQuotas)
        }
    }
}

/// What objects take of quotas.
enum QuotaUsage {
    static func read(_ list: JSONValue?) -> [String: Quantity] {
        var amounts: [String: Quantity] = [:]
        // What is no quantity was refused when the object was written.
        for (name, value) in list?.object ?? [:] {
            amounts[name] = try? Quantity(reading: value)
        }
        return amounts
    }

    /// Where a container says what a quota's name limits; nil where it limits no compute resource.
    static func computeField(_ key: String) -> (list: String, resource: String)? {
        for list in ["requests", "limits"] where key.hasPrefix(list + ".") {
            let resource = String(key.dropFirst(list.count + 1))
            return resource == "storage" ? nil : (list, resource)
        }
        return ["cpu", "memory", "ephemeral-storage"].contains(key) ? ("requests", key) : nil
    }

    /// The resources whose objects the names are about.
    static func resources(_ keys: [String]) -> [GroupResource] {
        var found: Set<GroupResource> = []
        for key in keys {
            if key.hasPrefix("count/") {
                let parts = key.dropFirst(6).split(separator: ".", maxSplits: 1).map(String.init)
                found.insert(
                    GroupResource(
                        group: parts.count > 1 ? parts[1] : "", resource: parts.first ?? ""))
            } else if computeField(key) != nil || key == "pods" {
                found.insert(.pods)
            } else {
                found.insert(GroupResource(group: "", resource: key))
            }
        }
        return found.sorted()
    }

    /// What one object takes.
    static func of(_ value: JSONValue, _ resource: GroupResource) -> [String: Quantity] {
        var amounts: [String: Quantity] = ["count/\(resource)": Quantity(1)]
        guard resource == .pods else {
            if resource.group.isEmpty { amounts[resource.resource] = Quantity(1) }
            return amounts
        }
        // A pod that has ended holds nothing but its place in the store.
        let phase = value[path: ["status", "phase"]]?.string
        if phase == "Succeeded" || phase == "Failed" { return amounts }
        amounts["pods"] = Quantity(1)
        for list in ["requests", "limits"] {
            for (name, amount) in PodResources.total(value, list) {
                amounts["\(list).\(name)"] = amount
                if list == "requests" { amounts[name] = amount }
            }
        }
        return amounts
    }
}

/// What the containers of a pod ask for together.
enum PodResources {
    /// The sum over the containers, and at least what the largest init container asks for.
    static func total(_ pod: JSONValue, _ list: String) -> [String: Quantity] {
        var sum: [String: Quantity] = [:]
        for container in pod[path: ["spec", "containers"]]?.array ?? [] {
            for (name, amount) in QuotaUsage.read(container[path: ["resources", list]]) {
                sum[name] = (sum[name] ?? .zero) + amount
            }
        }
        for container in pod[path: ["spec", "initContainers"]]?.array ?? [] {
            for (name, amount) in QuotaUsage.read(container[path: ["resources", list]]) {
                sum[name] = max(sum[name] ?? .zero, amount)
            }
        }
        for (name, amount) in QuotaUsage.read(pod[path: ["spec", "overhead"]]) {
            guard let known = sum[name] else { continue }
            sum[name] = known + amount
        }
        return sum
    }
}

/// Which objects a quota with scopes is about.
enum QuotaScope {
    static func admits(
        _ quota: JSONValue, _ object: JSONValue, _ resource: GroupResource
    ) -> Bool {
        let scopes = Authorization.texts(quota[path: ["spec", "scopes"]])
        let terms =
            scopes.map { ["scopeName": .string($0), "operator": "Exists"] as JSONValue }
            + (quota[path: ["spec", "scopeSelector", "matchExpressions"]]?.array ?? [])
        guard !terms.isEmpty else { return true }
        guard resource == .pods else { return false }
        return terms.allSatisfy { matches($0, object) }
    }

    private static func matches(_ term: JSONValue, _ pod: JSONValue) -> Bool {
        let isTerminating = pod[path: ["spec", "activeDeadlineSeconds"]]?.integer != nil
        let isBestEffort = PodDefaults.qualityOfService(pod) == "BestEffort"
        switch term["scopeName"]?.string {
        case "Terminating": return isTerminating
        case "NotTerminating": return !isTerminating
        case "BestEffort": return isBestEffort
        case "NotBestEffort": return !isBestEffort
        case "PriorityClass":
            let name = pod[path: ["spec", "priorityClassName"]]?.string ?? ""
            let values = Authorization.texts(term["values"])
            switch term["operator"]?.string {
            case "In": return values.contains(name)
            case "NotIn": return !values.contains(name)
            case "Exists": return !name.isEmpty
            case "DoesNotExist": return name.isEmpty
            default: return false
            }
        case "CrossNamespacePodAffinity": return false
        default: return false
        }
    }
}
