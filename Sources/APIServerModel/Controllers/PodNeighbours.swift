import KubernetesCore

/// Which pods are where: what affinity between pods and spreading over topologies ask about.
struct PodNeighbours {
    /// A pod that has a place.
    private struct Placed {
        var namespace: String
        var labels: JSONObject
        var pod: JSONValue
        var node: JSONObject
    }

    private var placed: [Placed] = []
    /// The labels of namespaces by name, for selectors of namespaces.
    private let namespaces: [String: JSONObject]

    /// The pods that have a node, of `pods`, by the labels of their nodes.
    init(pods: [StoredObject], nodes: [StoredObject], namespaces: [StoredObject]) {
        let labels = Dictionary(
            nodes.map { ($0.name, $0.labels) }, uniquingKeysWith: { first, _ in first })
        self.namespaces = Dictionary(
            namespaces.map { ($0.name, $0.labels) }, uniquingKeysWith: { first, _ in first })
        for pod in pods where !PodCount(pod).hasEnded {
            guard let name = pod.value[path: ["spec", "nodeName"]]?.string,
                let node = labels[name]
            else { continue }
            placed.append(
                Placed(
                    namespace: pod.namespace, labels: pod.labels, pod: pod.value, node: node))
        }
    }

    /// Whether a pod says anything that needs the neighbours.
    static func concerns(_ pod: JSONValue) -> Bool {
        pod[path: ["spec", "affinity", "podAffinity"]] != nil
            || pod[path: ["spec", "affinity", "podAntiAffinity"]] != nil
            || pod[path: ["spec", "topologySpreadConstraints"]] != nil
    }

    mutating func place(_ pod: StoredObject, on node: StoredObject) {
        placed.append(
            Placed(
                namespace: pod.namespace, labels: pod.labels, pod: pod.value, node: node.labels))
    }

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    private static func terms(_ pod: JSONValue, _ kind: String, _ list: String) -> [JSONValue] {
        pod[path: ["spec", "affinity", kind, list]]?.array ?? []
    }

    /// Why a pod may not go to a node because of other pods; nil where it may.
    func objection(_ pod: JSONValue, _ node: StoredObject, among nodes: [StoredObject]) -> String? {
        let home = pod[path: ["metadata", "namespace"]]?.string ?? ""
        let labels = pod[path: ["metadata", "labels"]]?.object ?? [:]
        for other in placed {
            for term in PodNeighbours.terms(other.pod, "podAntiAffinity", PodNeighbours.required)
            where isNear(other, node, term)
                && selects(term, labels, in: home, from: other.namespace)
            {
                return "node(s) didn't satisfy existing pods anti-affinity rules"
            }
        }
        for term in PodNeighbours.terms(pod, "podAffinity", PodNeighbours.required) {
            let matching = placed.filter {
                selects(term, $0.labels, in: $0.namespace, from: home)
            }
            // The first of a group that wants each other's company may go anywhere.
            let isFirst = matching.isEmpty && selects(term, labels, in: home, from: home)
            let key = term["topologyKey"]?.string ?? ""
            guard node.labels[key] != nil,
                isFirst || matching.contains(where: { isNear($0, node, term) })
            else { return "node(s) didn't match pod affinity rules" }
        }
        for term in PodNeighbours.terms(pod, "podAntiAffinity", PodNeighbours.required)
        where placed.contains(where: {
            isNear($0, node, term) && selects(term, $0.labels, in: $0.namespace, from: home)
        }) {
            return "node(s) didn't match pod anti-affinity rules"
        }
        return spreadObjection(pod, node, home, among: nodes)
    }

    /// How much a pod would like a node because of other pods.
    func score(_ pod: JSONValue, _ node: StoredObject) -> Int64 {
        let home = pod[path: ["metadata", "namespace"]]?.string ?? ""
        var score: Int64 = 0
        for (kind, sign) in [("podAffinity", Int64(1)), ("podAntiAffinity", -1)] {
            for weighted in PodNeighbours.terms(pod, kind, PodNeighbours.preferred) {
                let term = weighted["podAffinityTerm"] ?? [:]
                let weight = min(max(weighted["weight"]?.integer ?? 0, 0), 100)
                let count = placed.count {
                    isNear($0, node, term)
                        && selects(term, $0.labels, in: $0.namespace, from: home)
                }
                score += sign * weight * Int64(count)
            }
        }
        return score
    }

    private func isNear(_ other: Placed, _ node: StoredObject, _ term: JSONValue) -> Bool {
        guard let key = term["topologyKey"]?.string, let place = node.labels[key] else {
            return false
        }
        return other.node[key] == place
    }

    /// Whether a term of a pod in `home` is about a pod with these labels in `namespace`. Selectors
    /// that are none were refused when the pod was written.
    private func selects(
        _ term: JSONValue, _ labels: JSONObject, in namespace: String, from home: String
    ) -> Bool {
        guard let selector = term["labelSelector"],
            let parsed = try? LabelSelector(reading: selector), parsed.matches(labels)
        else { return false }
        let named = Authorization.texts(term["namespaces"])
        if let given = term["namespaceSelector"] {
            let matches =
                (try? LabelSelector(reading: given))?.matches(namespaces[namespace] ?? [:]) ?? false
            return matches || named.contains(namespace)
        }
        return named.isEmpty ? namespace == home : named.contains(namespace)
    }

    /// A pod keeps the numbers of its like in the topologies within its skew.
    private func spreadObjection(
        _ pod: JSONValue, _ node: StoredObject, _ home: String, among nodes: [StoredObject]
    ) -> String? {
        for term in pod[path: ["spec", "topologySpreadConstraints"]]?.array ?? []
        where term["whenUnsatisfiable"]?.string == "DoNotSchedule" {
            let key = term["topologyKey"]?.string ?? ""
            let refusal = "node(s) didn't match pod topology spread constraints"
            guard let place = node.labels[key] else {
                return refusal + " (missing required label)"
            }
            let selector = try? LabelSelector(reading: term["labelSelector"] ?? [:])
            var counts: [JSONValue: Int] = [:]
            for other in nodes {
                if let domain = other.labels[key] { counts[domain, default: 0] += 0 }
            }
            for other in placed where other.namespace == home {
                guard let domain = other.node[key], selector?.matches(other.labels) == true else {
                    continue
                }
                counts[domain, default: 0] += 1
            }
            let skew = (counts[place] ?? 0) + 1 - (counts.values.min() ?? 0)
            if Int64(skew) > term["maxSkew"]?.integer ?? 1 { return refusal }
        }
        return nil
    }
}
