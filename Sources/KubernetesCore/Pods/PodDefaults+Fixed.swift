extension PodDefaults {
    /// A pod that is about to be created, as the API server would store it: with the fixed defaults
    /// of its types and what follows from other fields. Only what other objects decide is missing:
    /// the number of its PriorityClass, a LimitRange's requests, a RuntimeClass's overhead.
    ///
    /// `PodDefaultsTests` holds this against what the API server model stores.
    public static func defaulted(_ pod: JSONValue) -> JSONValue {
        guard var spec = pod["spec"]?.object else { return pod }
        if (spec["serviceAccountName"] ?? spec["serviceAccount"])?.string ?? "" == "" {
            spec["serviceAccountName"] = "default"
        }
        for (key, value) in podFields where isUnset(spec[key]) { spec[key] = value }
        for list in ["containers", "initContainers"] {
            guard let given = spec[list]?.array else { continue }
            spec[list] = .array(given.map(fixedContainer))
        }
        if let volumes = spec["volumes"]?.array {
            spec["volumes"] = .array(volumes.map(fixedVolume))
        }
        var result = pod
        result["spec"] = .object(spec)
        apply(to: &result)
        addTolerations(&result)
        if result["status"] == nil { result["status"] = status(of: result) }
        return result
    }

    private static let podFields: [(String, JSONValue)] = [
        ("restartPolicy", "Always"), ("terminationGracePeriodSeconds", 30),
        ("dnsPolicy", "ClusterFirst"), ("securityContext", [:]),
        ("schedulerName", "default-scheduler"), ("enableServiceLinks", true),
    ]

    private static let containerFields: [(String, JSONValue)] = [
        ("resources", [:]), ("terminationMessagePath", "/dev/termination-log"),
        ("terminationMessagePolicy", "File"),
    ]

    private static let probeFields: [(String, JSONValue)] = [
        ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1),
        ("failureThreshold", 3),
    ]

    private static func isUnset(_ value: JSONValue?) -> Bool {
        guard let value else { return true }
        return value.isNull || value == ""
    }

    private static func fixedContainer(_ given: JSONValue) -> JSONValue {
        guard var container = given.object else { return given }
        for (key, value) in containerFields where isUnset(container[key]) {
            container[key] = value
        }
        if let ports = container["ports"]?.array {
            container["ports"] = .array(
                ports.map { port in
                    var port = port
                    if isUnset(port["protocol"]) { port["protocol"] = "TCP" }
                    return port
                })
        }
        if let variables = container["env"]?.array {
            container["env"] = .array(
                variables.map { variable in
                    var variable = variable
                    let path = ["valueFrom", "fieldRef"]
                    if let reference = variable[path: path] {
                        variable[path: path] = fieldReference(reference)
                    }
                    return variable
                })
        }
        for key in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard var probe = container[key]?.object else { continue }
            for (name, value) in probeFields where (probe[name]?.integer ?? 0) == 0 {
                probe[name] = value
            }
            container[key] = action(.object(probe))
        }
        if var lifecycle = container["lifecycle"]?.object {
            for key in ["postStart", "preStop"] {
                if let given = lifecycle[key] { lifecycle[key] = action(given) }
            }
            container["lifecycle"] = .object(lifecycle)
        }
        return .object(container)
    }

    /// Something that is done by a request or a command.
    private static func action(_ given: JSONValue) -> JSONValue {
        guard var call = given["httpGet"] else { return given }
        if isUnset(call["path"]) { call["path"] = "/" }
        if isUnset(call["scheme"]) { call["scheme"] = "HTTP" }
        var result = given
        result["httpGet"] = call
        return result
    }

    private static func fieldReference(_ given: JSONValue) -> JSONValue {
        var result = given
        if isUnset(result["apiVersion"]) { result["apiVersion"] = "v1" }
        return result
    }

    /// The mode of files in volumes of the API's own kinds, 0644.
    private static let fileMode: JSONValue = 420

    private static func fixedVolume(_ given: JSONValue) -> JSONValue {
        guard var volume = given.object else { return given }
        for kind in ["secret", "configMap", "downwardAPI", "projected"] {
            guard var source = volume[kind]?.object else { continue }
            if isUnset(source["defaultMode"]) { source["defaultMode"] = fileMode }
            if let items = source["items"]?.array { source["items"] = .array(items.map(file)) }
            if let parts = source["sources"]?.array {
                source["sources"] = .array(parts.map(projection))
            }
            volume[kind] = .object(source)
        }
        return .object(volume)
    }

    private static func file(_ given: JSONValue) -> JSONValue {
        guard let reference = given["fieldRef"] else { return given }
        var result = given
        result["fieldRef"] = fieldReference(reference)
        return result
    }

    private static func projection(_ given: JSONValue) -> JSONValue {
        var result = given
        if let items = given[path: ["downwardAPI", "items"]]?.array {
            result[path: ["downwardAPI", "items"]] = .array(items.map(file))
        }
        let token = ["serviceAccountToken", "expirationSeconds"]
        if given["serviceAccountToken"] != nil, isUnset(given[path: token]) {
            result[path: token] = 3600
        }
        return result
    }
}
