import KubernetesCore

extension APIServer {
    /// Binds pods that wait to nodes that fit, those of higher priority first, then the older.
    mutating func schedule(at now: Timestamp) {
        controllers.mustSchedule = false
        let waiting = controllers.unbound.compactMap { place -> StoredObject? in
            guard let pod = store.collections[.pods]?[place.key], !pod.isDeleting,
                pod.value[path: ["spec", "schedulerName"]]?.string == "default-scheduler",
                (pod.value[path: ["spec", "schedulingGates"]]?.array ?? []).isEmpty
            else { return nil }
            return pod
        }
        guard !waiting.isEmpty else { return }
        func priority(_ pod: StoredObject) -> Int64 {
            pod.value[path: ["spec", "priority"]]?.integer ?? 0
        }
        var room = NodeRoom(nodes: store.objects(.nodes), use: controllers.nodeUse)
        let order = waiting.sorted { left, right in
            let ranks = (priority(left), priority(right))
            if ranks.0 != ranks.1 { return ranks.0 > ranks.1 }
            let times = (
                left.metadata["creationTimestamp"]?.string ?? "",
                right.metadata["creationTimestamp"]?.string ?? ""
            )
            return times.0 == times.1 ? left.key < right.key : times.0 < times.1
        }
        let asks = order.contains { PodNeighbours.concerns($0.value) }
        if controllers.hasAntiAffinity || asks {
            room.neighbours = PodNeighbours(
                pods: store.objects(.pods), nodes: store.objects(.nodes),
                namespaces: store.objects(.namespaces))
        }
        for pod in order {
            switch room.choose(for: pod.value) {
            case .node(let name):
                bind(pod, to: name, at: now)
                room.take(pod, on: name)
                recordEvent(
                    about: pod, type: "Normal", reason: "Scheduled",
                    "Successfully assigned \(pod.key) to \(name)", at: now)
            case .none(let why): markUnschedulable(pod, why, at: now)
            }
        }
    }

    private mutating func markUnschedulable(
        _ pod: StoredObject, _ why: String, at now: Timestamp
    ) {
        let conditions = pod.value[path: ["status", "conditions"]]?.array ?? []
        let isSaid = conditions.contains {
            $0["type"]?.string == "PodScheduled" && $0["message"]?.string == why
        }
        guard !isSaid else { return }
        var value = pod.value
        PodConditions.set(
            &value, "PodScheduled", "False", reason: "Unschedulable", message: why, at: now)
        store.put(value, in: .pods)
        recordEvent(about: pod, type: "Warning", reason: "FailedScheduling", why, at: now)
    }

    /// Stores an event that the scheduler reports.
    private mutating func recordEvent(
        about pod: StoredObject, type: String, reason: String, _ message: String,
        at now: Timestamp
    ) {
        guard store.object(.namespaces, "", pod.namespace)?.isDeleting == false else { return }
        let suffix = random.suffix() + random.suffix()
        seed(
            .events, name: "\(pod.name.prefix(200)).\(suffix)", namespace: pod.namespace,
            [
                "involvedObject": [
                    "kind": "Pod", "apiVersion": "v1", "namespace": .string(pod.namespace),
                    "name": .string(pod.name), "uid": .string(pod.uid),
                    "resourceVersion": .string(String(pod.revision)),
                ],
                "reason": .string(reason), "message": .string(message), "type": .string(type),
                "source": ["component": "default-scheduler"],
                "firstTimestamp": .string(now.description),
                "lastTimestamp": .string(now.description), "count": 1, "eventTime": .null,
                "reportingComponent": "default-scheduler", "reportingInstance": "",
            ], at: now)
    }
}

/// What the pods of a node have taken of it.
struct NodeUse: Sendable {
    var pods = 0
    var requests: [String: Quantity] = [:]
}

extension ModelControllers {
    /// Counts a version of a pod in or out; pods that have ended or have no node count nowhere.
    mutating func count(_ pod: StoredObject?, adding: Bool) {
        guard let pod, let node = pod.value[path: ["spec", "nodeName"]]?.string, !node.isEmpty,
            !PodCount(pod).hasEnded
        else { return }
        var use = nodeUse[node] ?? NodeUse()
        use.pods += adding ? 1 : -1
        for (name, amount) in PodResources.total(pod.value, "requests") {
            let before = use.requests[name] ?? .zero
            use.requests[name] = adding ? before + amount : before - amount
        }
        nodeUse[node] = use.pods > 0 ? use : nil
    }
}

/// What is left on the nodes.
struct NodeRoom {
    /// Where a pod goes.
    enum Choice {
        case node(String)
        case none(String)
    }

    private struct Node {
        var object: StoredObject
        var free: [String: Quantity]
        var pods: Int
    }

    private var nodes: [Node]
    /// Where other pods are; nil where no pod asks.
    var neighbours: PodNeighbours?

    init(nodes: [StoredObject], use: [String: NodeUse]) {
        self.nodes = nodes.map { node in
            var free = QuotaUsage.read(node.value[path: ["status", "allocatable"]])
            let taken = use[node.name] ?? NodeUse()
            for (name, amount) in taken.requests {
                free[name] = free[name].map { $0 - amount }
            }
            return Node(object: node, free: free, pods: taken.pods)
        }
    }

    mutating func take(_ pod: StoredObject, on name: String) {
        guard let index = nodes.firstIndex(where: { $0.object.name == name }) else { return }
        take(pod.value, at: index)
        neighbours?.place(pod, on: nodes[index].object)
    }

    private mutating func take(_ pod: JSONValue, at index: Int) {
        nodes[index].pods += 1
        for (name, amount) in PodResources.total(pod, "requests") {
            guard let free = nodes[index].free[name] else { continue }
            nodes[index].free[name] = free - amount
        }
    }

    /// The node that the pod likes best among those that fit, of equals the one with the fewest
    /// pods, of equals the first by name.
    func choose(for pod: JSONValue) -> Choice {
        var reasons: [String: Int] = [:]
        var best: (node: Node, score: Int64)?
        let all = nodes.map(\.object)
        for node in nodes {
            let why =
                objection(node, pod) ?? neighbours?.objection(pod, node.object, among: all)
            if let why {
                reasons[why, default: 0] += 1
                continue
            }
            let score = preference(node, pod)
            let isBetter =
                best.map {
                    $0.score == score ? node.pods < $0.node.pods : score > $0.score
                } ?? true
            if isBetter { best = (node, score) }
        }
        if let best { return .node(best.node.object.name) }
        guard !nodes.isEmpty else { return .none("no nodes available to schedule pods") }
        let list = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
        return .none("0/\(nodes.count) nodes are available: \(list).")
    }

    /// How much a pod would like a node: by its preferences and the node's softer taints.
    private func preference(_ node: Node, _ pod: JSONValue) -> Int64 {
        var score = neighbours?.score(pod, node.object) ?? 0
        let terms = pod[
            path: [
                "spec", "affinity", "nodeAffinity",
                "preferredDuringSchedulingIgnoredDuringExecution",
            ]]?.array
        for term in terms ?? [] where NodeRoom.matches(term["preference"] ?? [:], node.object) {
            score += min(max(term["weight"]?.integer ?? 0, 0), 100)
        }
        for taint in node.object.value[path: ["spec", "taints"]]?.array ?? []
        where taint["effect"]?.string == "PreferNoSchedule" && !NodeRoom.isTolerated(taint, pod) {
            score -= 1_000
        }
        return score
    }

    private func objection(_ node: Node, _ pod: JSONValue) -> String? {
        let value = node.object.value
        if value[path: ["spec", "unschedulable"]]?.bool == true {
            return "node(s) were unschedulable"
        }
        if !PodColumns.Summary.isTrue(value, "Ready") { return "node(s) were not ready" }
        for (key, wanted) in pod[path: ["spec", "nodeSelector"]]?.object ?? [:]
        where node.object.labels[key] != wanted {
            return "node(s) didn't match Pod's node affinity/selector"
        }
        let terms = pod[
            path: [
                "spec", "affinity", "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms",
            ]]?.array
        if let terms, !terms.contains(where: { NodeRoom.matches($0, node.object) }) {
            return "node(s) didn't match Pod's node affinity/selector"
        }
        for taint in value[path: ["spec", "taints"]]?.array ?? []
        where taint["effect"]?.string != "PreferNoSchedule" && !NodeRoom.isTolerated(taint, pod) {
            return "node(s) had untolerated taint(s)"
        }
        if let most = node.free["pods"], most < Quantity(node.pods + 1) { return "Too many pods" }
        for (name, amount) in PodResources.total(pod, "requests").sorted(by: { $0.key < $1.key })
        where !amount.isZero {
            // A node that does not say what it has of a resource has none of it.
            if (node.free[name] ?? .zero) < amount { return "Insufficient \(name)" }
        }
        return nil
    }

    private static func matches(_ term: JSONValue, _ node: StoredObject) -> Bool {
        let expressions = term["matchExpressions"]?.array ?? []
        let fields = term["matchFields"]?.array ?? []
        guard !expressions.isEmpty || !fields.isEmpty else { return false }
        return expressions.allSatisfy { matches($0, node.labels[$0["key"]?.string ?? ""]?.string) }
            && fields.allSatisfy { matches($0, node.name) }
    }

    private static func matches(_ requirement: JSONValue, _ value: String?) -> Bool {
        let values = Authorization.texts(requirement["values"])
        switch requirement["operator"]?.string {
        case "In": return value.map { values.contains($0) } ?? false
        case "NotIn": return value.map { !values.contains($0) } ?? true
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let left = value.flatMap({ Int64($0) }),
                let right = values.first.flatMap({ Int64($0) })
            else { return false }
            return requirement["operator"]?.string == "Gt" ? left > right : left < right
        default: return false
        }
    }

    private static func isTolerated(_ taint: JSONValue, _ pod: JSONValue) -> Bool {
        (pod[path: ["spec", "tolerations"]]?.array ?? []).contains { tolerates($0, taint) }
    }

    /// Whether one toleration is about a taint.
    static func tolerates(_ toleration: JSONValue, _ taint: JSONValue) -> Bool {
        let effect = toleration["effect"]?.string ?? ""
        guard effect.isEmpty || effect == taint["effect"]?.string else { return false }
        let key = toleration["key"]?.string ?? ""
        let isAny = toleration["operator"]?.string == "Exists"
        if key.isEmpty { return isAny }
        guard key == taint["key"]?.string else { return false }
        return isAny || (toleration["value"]?.string ?? "") == (taint["value"]?.string ?? "")
    }
}
