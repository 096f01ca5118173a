import KubernetesCore

extension APIServer {
    /// Whether the roles bound to `user` allow it.
    func isAllowed(_ user: UserIdentity, _ access: AccessAttributes) -> Bool {
        if user.groups.contains("system:masters") { return true }
        if isAllowedToNode(user, access) { return true }
        return firstRule(for: user, in: access.namespace) { Authorization.allows($0, access) }
    }

    /// Walks the rules that bind `user`, those of the cluster and those of `namespace`, until
    /// `body` returns true. Returns whether it did.
    func firstRule(
        for user: UserIdentity, in namespace: String, _ body: (JSONValue) -> Bool
    ) -> Bool {
        for binding in store.objects(.clusterRoleBindings) {
            guard Authorization.binds(binding.value, user, namespace: "") else { continue }
            for rule in rules(of: binding.value, namespace: "") where body(rule) { return true }
        }
        guard !namespace.isEmpty else { return false }
        for binding in store.objects(.roleBindings, namespace: namespace) {
            guard Authorization.binds(binding.value, user, namespace: namespace) else { continue }
            for rule in rules(of: binding.value, namespace: namespace) where body(rule) {
                return true
            }
        }
        return false
    }

    /// The rules of the role that a binding refers to; none where the role does not exist.
    private func rules(of binding: JSONValue, namespace: String) -> [JSONValue] {
        let name = binding[path: ["roleRef", "name"]]?.string ?? ""
        let role =
            binding[path: ["roleRef", "kind"]]?.string == "Role"
            ? store.object(.roles, namespace, name) : store.object(.clusterRoles, "", name)
        guard let role else { return [] }
        return role.value["rules"]?.array ?? []
    }

    /// Which binding allows it, in the words of access reviews; nil where none does.
    func grant(_ user: UserIdentity, _ access: AccessAttributes) -> String? {
        for binding in store.objects(.clusterRoleBindings) {
            guard let subject = Authorization.subject(binding.value, user, namespace: ""),
                rules(of: binding.value, namespace: "").contains(where: {
                    Authorization.allows($0, access)
                })
            else { continue }
            return Authorization.describe(binding, "ClusterRoleBinding", subject)
        }
        guard !access.namespace.isEmpty else { return nil }
        for binding in store.objects(.roleBindings, namespace: access.namespace) {
            guard
                let subject = Authorization.subject(
                    binding.value, user, namespace: access.namespace),
                rules(of: binding.value, namespace: access.namespace).contains(where: {
                    Authorization.allows($0, access)
                })
            else { continue }
            return Authorization.describe(binding, "RoleBinding", subject)
        }
        return nil
    }

    /// What a kubelet may do by itself: its own node and its pods, and what these use.
    private func isAllowedToNode(_ user: UserIdentity, _ access: AccessAttributes) -> Bool {
        guard user.groups.contains("system:nodes"), user.name.hasPrefix("system:node:") else {
            return false
        }
        let reads = ["get", "list", "watch"]
        switch (access.group, access.resource) {
        case ("", "pods"):
            return reads.contains(access.verb) || access.verb == "delete"
                || (access.subresource == "status"
                    && ["update", "patch"].contains(access.verb))
        case ("", "nodes"):
            return reads.contains(access.verb)
                || ["create", "update", "patch"].contains(access.verb)
        case ("", "configmaps"), ("", "secrets"), ("", "services"), ("", "serviceaccounts"):
            return reads.contains(access.verb)
                || (access.subresource == "token" && access.verb == "create")
        case ("", "events"), ("events.k8s.io", "events"):
            return ["create", "patch", "update"].contains(access.verb)
        case ("coordination.k8s.io", "leases"):
            return access.namespace == "kube-node-lease"
        case ("authentication.k8s.io", "tokenreviews"),
            ("authorization.k8s.io", "subjectaccessreviews"):
            return access.verb == "create"
        case ("node.k8s.io", "runtimeclasses"): return reads.contains(access.verb)
        default: return false
        }
    }
}

/// The rules of role-based access control, without the store.
enum Authorization {
    /// Whether one of the subjects of a binding is `user`.
    static func binds(_ binding: JSONValue, _ user: UserIdentity, namespace: String) -> Bool {
        subject(binding, user, namespace: namespace) != nil
    }

    /// The first subject of a binding that is `user`.
    static func subject(
        _ binding: JSONValue, _ user: UserIdentity, namespace: String
    ) -> JSONValue? {
        (binding["subjects"]?.array ?? []).first { subject in
            let name = subject["name"]?.string ?? ""
            switch subject["kind"]?.string {
            case "User": return name == user.name || name == "*"
            case "Group": return user.groups.contains(name)
            case "ServiceAccount":
                let home = subject["namespace"]?.string ?? ""
                let place = home.isEmpty ? namespace : home
                return user.name == "system:serviceaccount:\(place):\(name)"
            default: return false
            }
        }
    }

    /// A binding and whom of its subjects it is about, as access reviews tell it.
    static func describe(
        _ binding: StoredObject, _ kind: String, _ subject: JSONValue
    ) -> String {
        let role = binding.value["roleRef"] ?? [:]
        let own = binding.name + (binding.namespace.isEmpty ? "" : "/" + binding.namespace)
        let home = subject["namespace"]?.string ?? ""
        let name = (subject["name"]?.string ?? "") + (home.isEmpty ? "" : "/" + home)
        return "RBAC: allowed by \(kind) \(GoText.quote(own)) of "
            + "\(role["kind"]?.string ?? "") \(GoText.quote(role["name"]?.string ?? "")) to "
            + "\(subject["kind"]?.string ?? "") \(GoText.quote(name))"
    }

    /// Whether one rule allows what is asked.
    static func allows(_ rule: JSONValue, _ access: AccessAttributes) -> Bool {
        guard holds(rule["verbs"], access.verb) else { return false }
        guard access.path.isEmpty else {
            return texts(rule["nonResourceURLs"]).contains { pattern in
                pattern == "*" || pattern == access.path
                    || (pattern.hasSuffix("*") && access.path.hasPrefix(pattern.dropLast()))
            }
        }
        guard holds(rule["apiGroups"], access.group) else { return false }
        let resource =
            access.subresource.isEmpty
            ? access.resource : access.resource + "/" + access.subresource
        let named = texts(rule["resources"]).contains { pattern in
            pattern == "*" || pattern == resource
                || (!access.subresource.isEmpty && pattern == "*/" + access.subresource)
        }
        guard named else { return false }
        let names = texts(rule["resourceNames"])
        return names.isEmpty || names.contains(access.name)
    }

    private static func holds(_ list: JSONValue?, _ text: String) -> Bool {
        texts(list).contains { $0 == "*" || $0 == text }
    }

    static func texts(_ list: JSONValue?) -> [String] {
        (list?.array ?? []).compactMap(\.string)
    }
}
