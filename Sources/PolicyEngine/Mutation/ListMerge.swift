import KubernetesCore

/// The merge behind Kyverno's patches: objects member by member, known lists by the key of their
/// elements, with new elements in front; any other list is replaced.
struct ListMerge {
    /// Whether the kind is one whose lists are known.
    private let isKnown: Bool
    private let isService: Bool

    private static let keys: [String: String] = [
        "containers": "name", "initContainers": "name", "ephemeralContainers": "name",
        "volumes": "name", "env": "name", "imagePullSecrets": "name", "secrets": "name",
        "volumeMounts": "mountPath", "ports": "containerPort", "hostAliases": "ip",
        "topologySpreadConstraints": "topologyKey", "volumeDevices": "devicePath",
        "resourceClaims": "name", "conditions": "type", "ownerReferences": "uid",
    ]

    init(_ type: ResourceType) {
        let group = type.group
        isKnown =
            group.isEmpty || ["apps", "batch", "autoscaling", "policy"].contains(group)
            || (group.hasSuffix(".k8s.io") && !group.hasSuffix(".x-k8s.io"))
        isService = group.isEmpty && type.kind == "Service"
    }

    /// `value` with `patch` merged into it.
    func merge(_ patch: JSONValue, into value: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        if changes["$patch"]?.string == "replace" { return .object(without(changes)) }
        guard case .object(var members) = value else { return .object(without(changes)) }
        for (key, change) in changes where key != "$patch" {
            switch change {
            case .null: members.remove(key)
            case .object:
                if change["$patch"]?.string == "delete" {
                    members.remove(key)
                } else {
                    members[key] = merge(change, into: members[key] ?? .object(JSONObject()))
                }
            case .array(let elements):
                members[key] = .array(merge(elements, into: members[key]?.array ?? [], of: key))
            default: members[key] = change
            }
        }
        return .object(members)
    }

    private func without(_ members: JSONObject) -> JSONObject {
        var result = members
        result.remove("$patch")
        return result
    }

    private func merge(
        _ changes: [JSONValue], into elements: [JSONValue], of list: String
    ) -> [JSONValue] {
        let given = ListMerge.keys[list].map { isService && list == "ports" ? "port" : $0 }
        guard isKnown, let key = given, changes.allSatisfy({ $0[key] != nil }) else {
            return changes
        }
        var result = elements
        var added: [JSONValue] = []
        for change in changes {
            let place = result.firstIndex { $0[key] == change[key] }
            switch (change["$patch"]?.string, place) {
            case ("delete", let place?): result.remove(at: place)
            case ("delete", nil): continue
            case (_, let place?): result[place] = merge(change, into: result[place])
            case (_, nil): added.append(merge(change, into: .object(JSONObject())))
            }
        }
        return added + result
    }
}
