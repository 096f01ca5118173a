import KubernetesCore

/// A pod as the node reads it: what it needs to run the pod's containers as processes.
struct LocalPod: Sendable, Equatable {
    let namespace: String
    let name: String
    let uid: UID
    let labels: [String: String]
    let annotations: [String: String]
    let restartPolicy: RestartPolicy
    let serviceAccount: String
    let nodeName: String
    let initContainers: [LocalContainer]
    let containers: [LocalContainer]
    let volumes: [JSONValue]
    /// The grace with which its deletion was asked for, in seconds; nil while it lives.
    let deletionGraceSeconds: Int?
    /// The grace of the pod itself, in seconds.
    let terminationGraceSeconds: Int

    enum RestartPolicy: String, Sendable {
        case always = "Always"
        case onFailure = "OnFailure"
        case never = "Never"
    }

    init(_ object: JSONValue) {
        let metadata = object["metadata"] ?? .null
        let spec = object["spec"] ?? .null
        namespace = metadata["namespace"]?.string ?? ""
        name = metadata["name"]?.string ?? ""
        uid = UID(metadata["uid"]?.string ?? "")
        labels = LocalPod.strings(metadata["labels"])
        annotations = LocalPod.strings(metadata["annotations"])
        restartPolicy = RestartPolicy(rawValue: spec["restartPolicy"]?.string ?? "") ?? .always
        serviceAccount = spec["serviceAccountName"]?.string ?? "default"
        nodeName = spec["nodeName"]?.string ?? ""
        initContainers = (spec["initContainers"]?.array ?? []).map(LocalContainer.init)
        containers = (spec["containers"]?.array ?? []).map(LocalContainer.init)
        volumes = spec["volumes"]?.array ?? []
        terminationGraceSeconds = LocalPod.seconds(spec["terminationGracePeriodSeconds"]) ?? 30
        deletionGraceSeconds =
            metadata["deletionTimestamp"] == nil
            ? nil
            : LocalPod.seconds(metadata["deletionGracePeriodSeconds"]) ?? terminationGraceSeconds
    }

    private static func strings(_ value: JSONValue?) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in value?.object ?? JSONObject() { result[key] = value.string ?? "" }
        return result
    }

    private static func seconds(_ value: JSONValue?) -> Int? {
        value?.integer.map { Int(min(max($0, 0), 86_400)) }
    }
}

/// A container as the node reads it.
struct LocalContainer: Sendable, Equatable {
    let name: String
    let image: String
    let command: [String]
    let args: [String]
    let workingDirectory: String?
    let spec: JSONValue
    let readiness: LocalProbe?
    let liveness: LocalProbe?
    let startup: LocalProbe?

    init(_ value: JSONValue) {
        name = value["name"]?.string ?? ""
        image = value["image"]?.string ?? ""
        command = (value["command"]?.array ?? []).compactMap(\.string)
        args = (value["args"]?.array ?? []).compactMap(\.string)
        workingDirectory = value["workingDir"]?.string
        spec = value
        readiness = LocalProbe(value["readinessProbe"])
        liveness = LocalProbe(value["livenessProbe"])
        startup = LocalProbe(value["startupProbe"])
    }
}

/// A probe that runs a command. Other kinds of probe need a network of the pod's own and are taken
/// as passed: pods of a local node share this machine's.
struct LocalProbe: Sendable, Equatable {
    let command: [String]
    let initialDelay: Duration
    let period: Duration
    let timeout: Duration
    let successThreshold: Int
    let failureThreshold: Int

    init?(_ value: JSONValue?) {
        guard let value, let command = value["exec"]?["command"]?.array else { return nil }
        func number(_ key: String, _ fallback: Int, atLeast least: Int) -> Int {
            Int(min(max(value[key]?.integer ?? Int64(fallback), Int64(least)), 86_400))
        }
        self.command = command.compactMap(\.string)
        initialDelay = .seconds(number("initialDelaySeconds", 0, atLeast: 0))
        period = .seconds(number("periodSeconds", 10, atLeast: 1))
        timeout = .seconds(number("timeoutSeconds", 1, atLeast: 1))
        successThreshold = number("successThreshold", 1, atLeast: 1)
        failureThreshold = number("failureThreshold", 3, atLeast: 1)
    }
}
