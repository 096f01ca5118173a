import KubernetesCore

extension APIServer {
    /// How long a node may be silent: its Lease not renewed.
    static let nodeGrace = Duration.seconds(40)

    /// Marks nodes that have fallen silent, taints those that are in trouble, and takes their pods
    /// off as soon as these do not tolerate it any longer. Returns when to look again.
    ///
    /// A node without a Lease is not watched over: nobody has promised to renew anything.
    mutating func judgeNodes(at now: Timestamp) -> Timestamp? {
        var due: Timestamp?
        func consider(_ time: Timestamp) { due = min(due ?? time, time) }
        var isTainted = false
        for node in store.objects(.nodes) {
            var value = node.value
            if let limit = silence(of: node) {
                if limit <= now {
                    NodeTrouble.markSilent(&value, at: now)
                } else {
                    consider(limit)
                }
            }
            NodeTrouble.taint(&value, at: now)
            if value != node.value { store.put(value, in: .nodes) }
            let taints = NodeTrouble.evicting(value)
            guard !taints.isEmpty else { continue }
            isTainted = true
            for pod in pods(on: node.name) where !pod.isDeleting {
                guard let time = NodeTrouble.eviction(of: pod.value, by: taints, at: now) else {
                    continue
                }
                if time <= now { evict(pod, at: now) } else { consider(time) }
            }
        }
        controllers.hasTainted = isTainted
        return due
    }

    /// When a node counts as silent; nil where it has no Lease.
    private func silence(of node: StoredObject) -> Timestamp? {
        store.object(.leases, "kube-node-lease", node.name)
            .flatMap { $0.value[path: ["spec", "renewTime"]]?.string }
            .flatMap { Timestamp($0) }.map { $0 + APIServer.nodeGrace }
    }

    private func pods(on node: String) -> [StoredObject] {
        store.objects(.pods).filter { $0.value[path: ["spec", "nodeName"]]?.string == node }
    }

    private mutating func evict(_ pod: StoredObject, at now: Timestamp) {
        guard let definition = registry[.pods] else { return }
        var value = pod.value
        PodConditions.set(
            &value, "DisruptionTarget", "True", reason: "DeletionByTaintManager",
            message: "Taint manager: deleting due to NoExecute taint", at: now)
        let marked = store.put(value, in: .pods)
        // Cannot be refused: the pod is the one that was just read, and nothing else is asked.
        _ = try? delete(marked, of: definition, DeletionOptions(), at: now)
    }
}

/// What becomes of nodes that are in trouble and of the pods on them, without the store.
enum NodeTrouble {
    private static let notReady = "node.kubernetes.io/not-ready"
    private static let unreachable = "node.kubernetes.io/unreachable"
    private static let unschedulable = "node.kubernetes.io/unschedulable"

    /// Says of a node that has fallen silent that nothing is known of it.
    static func markSilent(_ node: inout JSONValue, at now: Timestamp) {
        let conditions = node[path: ["status", "conditions"]]?.array ?? []
        guard !conditions.isEmpty else { return }
        node[path: ["status", "conditions"]] = .array(
            conditions.map { condition in
                guard condition["status"]?.string != "Unknown" else { return condition }
                var unknown = condition
                unknown["status"] = "Unknown"
                unknown["reason"] = "NodeStatusUnknown"
                unknown["message"] = "Kubelet stopped posting node status."
                unknown["lastTransitionTime"] = .string(now.description)
                return unknown
            })
    }

    /// Gives a node the taints that its conditions mean, and takes off those they do not.
    static func taint(_ node: inout JSONValue, at now: Timestamp) {
        let ready = (node[path: ["status", "conditions"]]?.array ?? []).first {
            $0["type"]?.string == "Ready"
        }?["status"]?.string
        let key: String? =
            switch ready {
            case "False": notReady
            case "Unknown": unreachable
            default: nil
            }
        var wanted: [(key: String, effect: String)] = []
        if node[path: ["spec", "unschedulable"]]?.bool == true {
            wanted.append((unschedulable, "NoSchedule"))
        }
        if let key { wanted += [(key, "NoSchedule"), (key, "NoExecute")] }
        let ours: Set<String> = [notReady, unreachable, unschedulable]
        let before = node[path: ["spec", "taints"]]?.array ?? []
        var taints = before.filter { taint in
            let name = taint["key"]?.string ?? ""
            return !ours.contains(name)
                || wanted.contains { $0.key == name && $0.effect == taint["effect"]?.string }
        }
        for (name, effect) in wanted
        where !taints.contains(where: {
            $0["key"]?.string == name && $0["effect"]?.string == effect
        }) {
            taints.append([
                "key": .string(name), "effect": .string(effect),
                "timeAdded": .string(now.description),
            ])
        }
        guard taints != before else { return }
        node[path: ["spec", "taints"]] = taints.isEmpty ? nil : .array(taints)
    }

    /// The taints of a node that take pods off it.
    static func evicting(_ node: JSONValue) -> [JSONValue] {
        (node[path: ["spec", "taints"]]?.array ?? []).filter {
            $0["effect"]?.string == "NoExecute"
        }
    }

    /// When a pod must go because of these taints; nil where it tolerates them for ever.
    static func eviction(
        of pod: JSONValue, by taints: [JSONValue], at now: Timestamp
    ) -> Timestamp? {
        var due: Timestamp?
        for taint in taints {
            let tolerations = (pod[path: ["spec", "tolerations"]]?.array ?? []).filter {
                NodeRoom.tolerates($0, taint)
            }
            guard !tolerations.isEmpty else { return now }
            let limits = tolerations.compactMap { $0["tolerationSeconds"]?.integer }
            guard let least = limits.min() else { continue }
            let since = taint["timeAdded"]?.string.flatMap { Timestamp($0) } ?? now
            let time = since + .seconds(max(0, min(least, 1 << 31)))
            due = min(due ?? time, time)
        }
        return due
    }
}
