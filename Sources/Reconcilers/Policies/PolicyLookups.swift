import ControlLoop
import KubernetesCore
import PolicyEngine
import SwiftletAPI

/// Answers what policies ask the cluster, from the operator's cache: namespaces, NetworkPolicies
/// and the ConfigMaps that were given to policies. What the operator does not follow it cannot
/// know; then the rule could not be evaluated, and says so.
struct PolicyLookups: Sendable {
    let view: ClusterView
    /// NetworkPolicies that will be there before the pods that are judged.
    let planned: [JSONValue]

    func answer(_ lookup: PolicySurroundings.Lookup) -> PolicySurroundings.Answer {
        switch lookup {
        case .configMap(let namespace, let name): return configMap(namespace, name)
        case .apiCall(let path): return call(path)
        case .object("v1", "ConfigMap", let namespace, let name):
            return configMap(namespace, name)
        case .object("v1", "Namespace", _, let name): return namespace(name)
        case .objects("v1", "ConfigMap", let namespace, let selector):
            let found = view.all(PolicyConfigMap.self).filter {
                $0.metadata.namespace == namespace && selector.matches($0.metadata.labels)
            }
            return .found(["items": .array(found.map(\.json))])
        case .object(_, let kind, _, _), .objects(_, let kind, _, _):
            return unknown("\(kind) objects")
        case .globalContext: return unknown("GlobalContextEntries")
        case .image: return .unavailable("the operator asks no image registry")
        case .access: return .unavailable("the operator does not ask who may do what")
        }
    }

    private func unknown(_ what: String) -> PolicySurroundings.Answer {
        .unavailable(
            "the operator follows Namespaces, NetworkPolicies and the ConfigMaps of its namespace "
                + "with the label \(SwiftletNames.Label.policies), not \(what)")
    }

    private func configMap(_ namespace: String, _ name: String) -> PolicySurroundings.Answer {
        let found = view[Key<PolicyConfigMap>(namespace: namespace, name: name)]
        return found.map { .found($0.json) } ?? unknown("ConfigMap \(namespace)/\(name)")
    }

    private func namespace(_ name: String) -> PolicySurroundings.Answer {
        let found = view[Key<NamespaceView>(namespace: "", name: name)]
        return found.map { .found(PolicyLookups.json(of: $0)) } ?? .notFound
    }

    /// A namespace as policies see it.
    static func json(of namespace: NamespaceView) -> JSONValue {
        var labels = namespace.metadata.labels
        labels["kubernetes.io/metadata.name"] = namespace.metadata.name
        return [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(namespace.metadata.name), "labels": .strings(labels),
                "annotations": .strings(namespace.metadata.annotations),
            ],
        ]
    }

    /// A GET of a path that the cache can answer.
    private func call(_ path: String) -> PolicySurroundings.Answer {
        let parts = path.split(separator: "/").map(String.init)
        if parts.starts(with: ["api", "v1", "namespaces"]) {
            if parts.count == 4 { return namespace(parts[3]) }
            if parts.count == 6, parts[4] == "configmaps" { return configMap(parts[3], parts[5]) }
        }
        let policies = ["apis", "networking.k8s.io", "v1", "namespaces"]
        if parts.starts(with: policies), parts.count >= 6, parts[5] == "networkpolicies" {
            let found = networkPolicies(in: parts[4])
            if parts.count == 6 {
                return .found([
                    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList",
                    "items": .array(found),
                ])
            }
            if parts.count == 7 {
                let object = found.first { $0[path: ["metadata", "name"]]?.string == parts[6] }
                return object.map { .found($0) } ?? .notFound
            }
        }
        return unknown(path)
    }

    private func networkPolicies(in namespace: String) -> [JSONValue] {
        let there = view.all(NetworkPolicyView.self).filter {
            $0.metadata.namespace == namespace && !$0.metadata.isDeleting
        }
        let names = Set(there.map(\.metadata.name))
        let coming = planned.filter { object in
            object[path: ["metadata", "namespace"]]?.string == namespace
                && !names.contains(object[path: ["metadata", "name"]]?.string ?? "")
        }
        return coming
            + there.map { object in
                var json: JSONObject = [
                    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                    "metadata": [
                        "name": .string(object.metadata.name),
                        "namespace": .string(object.metadata.namespace),
                        "labels": .strings(object.metadata.labels),
                    ],
                ]
                for (key, value) in object.content { json[key] = value }
                return .object(json)
            }
    }
}
