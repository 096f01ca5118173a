import KubernetesCore

extension APIServer {
    /// Nobody grants by a role or a binding what they may not do themselves, unless they are
    /// allowed to escalate or to bind.
    func checkEscalation(_ value: JSONValue, _ call: APICall) throws(Failure) {
        let storage = call.definition.storage
        guard storage.group == "rbac.authorization.k8s.io",
            !call.user.groups.contains("system:masters")
        else { return }
        let name = value[path: ["metadata", "name"]]?.string ?? ""
        let rules: [JSONValue]
        let verb: String
        let target: GroupResource
        if storage == .roles || storage == .clusterRoles {
            rules = value["rules"]?.array ?? []
            verb = "escalate"
            target = storage
        } else {
            let role = value[path: ["roleRef", "name"]]?.string ?? ""
            let isLocal = value[path: ["roleRef", "kind"]]?.string == "Role"
            target = isLocal ? .roles : .clusterRoles
            let found = store.object(target, isLocal ? call.namespace : "", role)
            rules = found?.value["rules"]?.array ?? []
            verb = "bind"
        }
        let permission = AccessAttributes(
            verb: verb, group: target.group, resource: target.resource,
            namespace: call.namespace, name: name)
        if isAllowed(call.user, permission) { return }
        for rule in rules {
            guard covers(call.user, rule, in: call.namespace) else {
                throw .forbidden(
                    call.resource, name,
                    "user \"\(call.user.name)\" (groups=[\(quoted(call.user.groups))]) is "
                        + "attempting to grant RBAC permissions not currently held:\n"
                        + rule.text)
            }
        }
    }

    private func quoted(_ texts: [String]) -> String {
        texts.map { "\"\($0)\"" }.joined(separator: " ")
    }

    /// Whether a user may do everything that one rule allows.
    private func covers(_ user: UserIdentity, _ rule: JSONValue, in namespace: String) -> Bool {
        let names = Authorization.texts(rule["resourceNames"])
        for verb in Authorization.texts(rule["verbs"]) {
            for path in Authorization.texts(rule["nonResourceURLs"])
            where !isAllowed(user, AccessAttributes(verb: verb, path: path)) {
                return false
            }
            for group in Authorization.texts(rule["apiGroups"]) {
                for resource in Authorization.texts(rule["resources"]) {
                    let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
                    for name in names.isEmpty ? [""] : names {
                        let access = AccessAttributes(
                            verb: verb, group: group, resource: parts.first ?? "",
                            subresource: parts.count > 1 ? parts[1] : "", namespace: namespace,
                            name: name)
                        if !isAllowed(user, access) { return false }
                    }
                }
            }
        }
        return true
    }
}
