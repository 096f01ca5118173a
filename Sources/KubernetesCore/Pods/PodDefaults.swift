/// What the API server fills in on pods. The API server model and whoever judges a pod before it is
/// created share it, so that both speak of the same pod.
public enum PodDefaults {
    /// Fills in what follows from other fields, beyond the fixed defaults of the types.
    public static func apply(to pod: inout JSONValue) {
        guard var spec = pod["spec"] else { return }
        let account = spec["serviceAccountName"] ?? spec["serviceAccount"]
        spec["serviceAccountName"] = account
        spec["serviceAccount"] = account
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            guard let containers = spec[list]?.array else { continue }
            let isShared = spec["hostNetwork"]?.bool == true
            spec[list] = .array(containers.map { container($0, sharesHost: isShared) })
        }
        if let volumes = spec["volumes"]?.array { spec["volumes"] = .array(volumes.map(volume)) }
        pod["spec"] = spec
    }

    private static func container(_ given: JSONValue, sharesHost: Bool) -> JSONValue {
        var container = given
        if sharesHost, let ports = container["ports"]?.array {
            container["ports"] = .array(
                ports.map { port in
                    var named = port
                    if named["hostPort"] == nil { named["hostPort"] = port["containerPort"] }
                    return named
                })
        }
        if container["imagePullPolicy"] == nil, let image = container["image"]?.string {
            container["imagePullPolicy"] = isLatest(image) ? "Always" : "IfNotPresent"
        }
        for (name, limit) in container[path: ["resources", "limits"]]?.object ?? [:]
        where container[path: ["resources", "requests", name]] == nil {
            container[path: ["resources", "requests", name]] = limit
        }
        return container
    }

    /// Whether an image names no version, or the one that may change at any time.
    private static func isLatest(_ image: String) -> Bool {
        if image.contains("@") { return false }
        let last = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let colon = last.lastIndex(of: ":") else { return true }
        return last[last.index(after: colon)...] == "latest"
    }

    private static func volume(_ given: JSONValue) -> JSONValue {
        var volume = given
        if volume.object?.count == 1, volume["name"] != nil { volume["emptyDir"] = [:] }
        if volume["hostPath"] != nil, volume[path: ["hostPath", "type"]] == nil {
            volume[path: ["hostPath", "type"]] = ""
        }
        return volume
    }

    /// The status of a new pod.
    public static func status(of pod: JSONValue) -> JSONValue {
        var status: JSONValue = [
            "phase": "Pending", "qosClass": .string(qualityOfService(pod)),
        ]
        if !(pod[path: ["spec", "schedulingGates"]]?.array ?? []).isEmpty {
            status["conditions"] = [
                [
                    "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                    "lastProbeTime": .null, "lastTransitionTime": .null,
                ]
            ]
        }
        return status
    }

    /// How well a pod is served when its node runs short.
    public static func qualityOfService(_ pod: JSONValue) -> String {
        let containers =
            (pod[path: ["spec", "containers"]]?.array ?? [])
            + (pod[path: ["spec", "initContainers"]]?.array ?? [])
        var isGuaranteed = true
        var hasAny = false
        for container in containers {
            let requests = container[path: ["resources", "requests"]]?.object ?? [:]
            let limits = container[path: ["resources", "limits"]]?.object ?? [:]
            for name in ["cpu", "memory"] {
                if requests[name] != nil || limits[name] != nil { hasAny = true }
                if limits[name] == nil || (requests[name] ?? limits[name]) != limits[name] {
                    isGuaranteed = false
                }
            }
        }
        if !hasAny { return "BestEffort" }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }

    /// Adds tolerations of the two taints that a node gets when it is in trouble.
    public static func addTolerations(_ pod: inout JSONValue) {
        var tolerations = pod[path: ["spec", "tolerations"]]?.array ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = tolerations.contains { toleration in
                let named = toleration["key"]?.string ?? ""
                let effect = toleration["effect"]?.string ?? ""
                return (named == key || named.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
            }
            guard !isTolerated else { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300,
            ])
        }
        pod[path: ["spec", "tolerations"]] = .array(tolerations)
    }
}
