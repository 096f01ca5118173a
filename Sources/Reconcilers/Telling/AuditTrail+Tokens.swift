public import KubernetesCore

extension AuditTrail {
    /// What is written down of an agent's token that came from another address than its pod's.
    /// - Parameters:
    ///   - pod: the pod that the token is bound to.
    ///   - address: where it came from; nil where that is not known.
    ///   - isRefused: whether the call was refused for it.
    ///   - minute: when it was seen, in minutes since 1970: the same token from the same address is
    ///     another record only then.
    public static func record(
        ofTokenOf pod: PodView, from address: String?, isRefused: Bool, minute: Int64
    ) -> JSONValue {
        let (uid, address) = (pod.metadata.uid.text, address ?? "unknown")
        var record: JSONObject = [
            "event": .string(Event.tokenFromElsewhere.rawValue),
            "id": .string("\(uid)/token/\(address)/\(minute)"),
            "namespace": .string(pod.metadata.namespace), "agent": .string(pod.metadata.name),
            "agentUID": .string(uid), "address": .string(address),
            "expected": .strings(pod.addresses), "refused": .bool(isRefused),
        ]
        if let pool = pod.metadata.controller { record["pool"] = .string(pool.name) }
        if let node = pod.node { record["node"] = .string(node) }
        return .object(record)
    }
}
