import KubernetesCore

extension APIServer {
    /// Writes into the cluster roles that are made of others the rules of those, as they are now.
    mutating func aggregateRoles() {
        controllers.mustAggregate = false
        for role in store.objects(.clusterRoles) where !role.isDeleting {
            let given = role.value[path: ["aggregationRule", "clusterRoleSelectors"]]?.array ?? []
            // A selector that is none chooses no roles.
            let selectors = given.compactMap { try? LabelSelector(reading: $0) }
            guard !selectors.isEmpty else { continue }
            var rules: [JSONValue] = []
            for other in store.objects(.clusterRoles) where other.name != role.name {
                guard selectors.contains(where: { $0.matches(other.labels) }) else { continue }
                for rule in other.value["rules"]?.array ?? [] where !rules.contains(rule) {
                    rules.append(rule)
                }
            }
            guard role.value["rules"]?.array ?? [] != rules else { continue }
            var value = role.value
            value["rules"] = .array(rules)
            store.put(value, in: .clusterRoles)
        }
    }
}
