import KubernetesCore

/// What `kubectl get pods` shows of a pod.
enum PodColumns {
    static let all: [TableColumn] = [
        .objectName,
        TableColumn("Ready") { pod, _ in .string(Summary(pod).readyText) },
        TableColumn("Status") { pod, _ in .string(Summary(pod).reason) },
        TableColumn("Restarts") { pod, now in .string(Summary(pod).restartText(now)) },
        .age,
        TableColumn("IP", wide: true) { pod, _ in
            let addresses = pod[path: ["status", "podIPs"]]?.array ?? []
            let first = addresses.first?["ip"] ?? pod[path: ["status", "podIP"]]
            return .string(TableColumn.text(first) ?? "<none>")
        },
        TableColumn("Node", path: ["spec", "nodeName"], otherwise: "<none>", wide: true),
        TableColumn(
            "Nominated Node", path: ["status", "nominatedNodeName"], otherwise: "<none>",
            wide: true),
        TableColumn("Readiness Gates", wide: true) { pod, _ in
            let gates = pod[path: ["spec", "readinessGates"]]?.array ?? []
            guard !gates.isEmpty else { return "<none>" }
            let met = gates.filter { gate in
                Summary.isTrue(pod, gate["conditionType"]?.string ?? "")
            }
            return .string("\(met.count)/\(gates.count)")
        },
    ]

    /// A pod's state boiled down to a few words.
    struct Summary {
        var reason: String
        var ready = 0
        var total: Int
        var restarts: Int64 = 0
        private var lastRestart: Timestamp?

        init(_ pod: JSONValue) {
            let status = pod["status"] ?? [:]
            let phase = status["phase"]?.string ?? ""
            reason = status["reason"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? phase
            total = pod[path: ["spec", "containers"]]?.array?.count ?? 0
            let isInitializing = readInit(pod, status)
            if !isInitializing { readContainers(pod, status) }
            guard pod[path: ["metadata", "deletionTimestamp"]]?.string != nil else { return }
            if status["reason"]?.string == "NodeLost" {
                reason = "Unknown"
            } else if phase != "Succeeded" && phase != "Failed" {
                reason = "Terminating"
            }
        }

        var readyText: String { "\(ready)/\(total)" }

        func restartText(_ now: Timestamp) -> String {
            guard restarts > 0, let lastRestart else { return "\(restarts)" }
            return "\(restarts) (\(HumanDuration.text(now - lastRestart)) ago)"
        }

        static func isTrue(_ pod: JSONValue, _ condition: String) -> Bool {
            (pod[path: ["status", "conditions"]]?.array ?? []).contains {
                $0["type"]?.string == condition && $0["status"]?.string == "True"
            }
        }

        /// Reads the init containers; true where the pod is still in one of them.
        private mutating func readInit(_ pod: JSONValue, _ status: JSONValue) -> Bool {
            let wanted = pod[path: ["spec", "initContainers"]]?.array?.count ?? 0
            for (index, container) in (status["initContainerStatuses"]?.array ?? []).enumerated() {
                count(container)
                let state = container["state"] ?? [:]
                if let ended = state["terminated"] {
                    if ended["exitCode"]?.integer == 0 { continue }
                    let why = ended["reason"]?.string ?? ""
                    reason =
                        why.isEmpty
                        ? "Init:ExitCode:\(ended["exitCode"]?.integer ?? 0)" : "Init:" + why
                } else if let why = state["waiting"]?["reason"]?.string, !why.isEmpty,
                    why != "PodInitializing"
                {
                    reason = "Init:" + why
                } else {
                    reason = "Init:\(index)/\(wanted)"
                }
                return true
            }
            return false
        }

        private mutating func readContainers(_ pod: JSONValue, _ status: JSONValue) {
            var hasRunning = false
            for container in (status["containerStatuses"]?.array ?? []).reversed() {
                count(container)
                let state = container["state"] ?? [:]
                if let why = state["waiting"]?["reason"]?.string, !why.isEmpty {
                    reason = why
                } else if let ended = state["terminated"] {
                    let why = ended["reason"]?.string ?? ""
                    let signal = ended["signal"]?.integer ?? 0
                    let code = ended["exitCode"]?.integer ?? 0
                    reason =
                        !why.isEmpty
                        ? why : signal != 0 ? "Signal:\(signal)" : "ExitCode:\(code)"
                } else if state["running"] != nil, container["ready"]?.bool == true {
                    hasRunning = true
                    ready += 1
                }
            }
            if reason == "Completed", hasRunning {
                reason = Summary.isTrue(pod, "Ready") ? "Running" : "NotReady"
            }
        }

        private mutating func count(_ container: JSONValue) {
            let (sum, overflow) = restarts.addingReportingOverflow(
                container["restartCount"]?.integer ?? 0)
            if !overflow { restarts = sum }
            let ended = container[path: ["lastState", "terminated", "finishedAt"]]?.string
            guard let time = ended.flatMap({ Timestamp($0) }) else { return }
            lastRestart = max(lastRestart ?? time, time)
        }
    }
}
