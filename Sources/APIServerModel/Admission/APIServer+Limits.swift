import KubernetesCore

extension APIServer {
    /// Gives containers the requests and limits that the namespace's ranges default to.
    func applyLimitRanges(_ pod: inout JSONValue, _ call: APICall) {
        for range in store.objects(.limitRanges, namespace: call.namespace) {
            for limit in range.value[path: ["spec", "limits"]]?.array ?? []
            where limit["type"]?.string == "Container" {
                for list in ["containers", "initContainers"] {
                    guard let containers = pod[path: ["spec", list]]?.array else { continue }
                    pod[path: ["spec", list]] = .array(
                        containers.map { LimitRange.fill($0, from: limit) })
                }
            }
        }
    }

    /// Refuses a pod outside the ranges of its namespace.
    func checkLimitRanges(_ pod: JSONValue, _ call: APICall) throws(Failure) {
        var faults: [String] = []
        for range in store.objects(.limitRanges, namespace: call.namespace) {
            for limit in range.value[path: ["spec", "limits"]]?.array ?? [] {
                switch limit["type"]?.string {
                case "Container":
                    for container in pod[path: ["spec", "containers"]]?.array ?? [] {
                        faults += LimitRange.faults(
                            limit, "Container",
                            requests: QuotaUsage.read(container[path: ["resources", "requests"]]),
                            limits: QuotaUsage.read(container[path: ["resources", "limits"]]))
                    }
                case "Pod":
                    faults += LimitRange.faults(
                        limit, "Pod", requests: PodResources.total(pod, "requests"),
                        limits: PodResources.total(pod, "limits"))
                default: break
                }
            }
        }
        guard !faults.isEmpty else { return }
        let text = faults.count == 1 ? faults.joined() : "[" + faults.joined(separator: ", ") + "]"
        throw .forbidden(.pods, pod[path: ["metadata", "name"]]?.string ?? "", text)
    }
}

/// One range of what containers or pods may ask for.
enum LimitRange {
    static func fill(_ given: JSONValue, from limit: JSONValue) -> JSONValue {
        var container = given
        for (from, to) in [("default", "limits"), ("defaultRequest", "requests")] {
            for (name, value) in limit[from]?.object ?? [:]
            where container[path: ["resources", to, name]] == nil {
                container[path: ["resources", to, name]] = value
            }
        }
        return container
    }

    static func faults(
        _ limit: JSONValue, _ type: String, requests: [String: Quantity],
        limits: [String: Quantity]
    ) -> [String] {
        var faults: [String] = []
        for (name, least) in QuotaUsage.read(limit["min"]).sorted(by: { $0.key < $1.key }) {
            guard let asked = requests[name] else {
                faults.append(
                    "minimum \(name) usage per \(type) is \(least).  No request is specified")
                continue
            }
            if asked < least {
                faults.append(
                    "minimum \(name) usage per \(type) is \(least), but request is \(asked)")
            }
        }
        for (name, most) in QuotaUsage.read(limit["max"]).sorted(by: { $0.key < $1.key }) {
            guard let allowed = limits[name] else {
                faults.append(
                    "maximum \(name) usage per \(type) is \(most).  No limit is specified")
                continue
            }
            if most < allowed {
                faults.append(
                    "maximum \(name) usage per \(type) is \(most), but limit is \(allowed)")
            }
        }
        return faults
    }
}
