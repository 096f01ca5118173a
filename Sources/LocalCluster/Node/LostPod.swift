import KubernetesCore

/// A pod whose processes ended with an earlier process of its node.
struct LostPod: Sendable {
    let pod: LocalPod
    /// The status it ends with.
    let status: JSONValue

    init(_ object: JSONValue, at now: Timestamp) {
        pod = LocalPod(object)
        let time = JSONValue.string(now.description)
        func ended(_ statuses: JSONValue?) -> JSONValue? {
            guard let statuses = statuses?.array else { return nil }
            return .array(
                statuses.map { status in
                    var ended = status
                    ended["ready"] = false
                    ended["started"] = false
                    guard let running = status["state"]?["running"] else { return ended }
                    ended["state"] = [
                        "terminated": [
                            "exitCode": 137, "reason": "Error",
                            "startedAt": running["startedAt"] ?? time, "finishedAt": time,
                        ]
                    ]
                    return ended
                })
        }
        var status: JSONValue = [
            "phase": "Failed", "reason": "Terminated",
            "message": "The local node was stopped while the pod ran.",
            "conditions": .array(
                ["Ready", "ContainersReady"].map { type in
                    [
                        "type": .string(type), "status": "False", "reason": "PodFailed",
                        "lastProbeTime": .null, "lastTransitionTime": time,
                    ]
                }),
        ]
        let before = object["status"]
        status["containerStatuses"] = ended(before?["containerStatuses"])
        status["initContainerStatuses"] = ended(before?["initContainerStatuses"])
        self.status = status
    }

    /// Whether a pod has come to its end.
    static func hasEnded(_ object: JSONValue) -> Bool {
        let phase = object["status"]?["phase"]?.string
        return phase == "Succeeded" || phase == "Failed"
    }
}
