import KubernetesCore

/// The members of a context that come from the request itself.
enum RequestContext {
    private static let serviceAccountPrefix = "system:serviceaccount:"

    /// `request`, and what is known of the service account that asks. Offline there is only what
    /// Kyverno's command line knows of a request.
    static func root(for request: PolicyRequest, isOffline: Bool) -> JSONObject {
        let object = request.object.isNull ? request.oldObject : request.object
        let metadata = object["metadata"]
        var members: [(String, JSONValue)] = [
            ("namespace", metadata?["namespace"] ?? ""),
            ("operation", .string(request.operation.rawValue)),
        ]
        if !isOffline {
            members.append(("dryRun", .bool(request.dryRun)))
            members.append(("kind", names(request.type, "kind", request.type.kind)))
            members.append(("resource", names(request.type, "resource", request.type.plural)))
            if let name = metadata?["name"] { members.append(("name", name)) }
        }
        if !request.subresource.isEmpty {
            members.append(("subResource", .string(request.subresource)))
        }
        if !request.object.isNull { members.append(("object", request.object)) }
        if !request.oldObject.isNull { members.append(("oldObject", request.oldObject)) }
        var root = JSONObject()
        if request.user.isKnown {
            let user = request.user
            members.append(
                ("userInfo", ["username": .string(user.name), "groups": .strings(user.groups)]))
            members.append(("roles", .strings(user.roles)))
            members.append(("clusterRoles", .strings(user.clusterRoles)))
            let (namespace, name) = serviceAccount(user.name)
            root["serviceAccountName"] = .string(name)
            root["serviceAccountNamespace"] = .string(namespace)
        }
        root["request"] = .object(JSONObject(members))
        return root
    }

    private static func names(_ type: ResourceType, _ key: String, _ name: String) -> JSONValue {
        [
            "group": .string(type.group), "version": .string(type.version), key: .string(name),
        ]
    }

    private static func serviceAccount(_ user: String) -> (namespace: String, name: String) {
        guard user.hasPrefix(serviceAccountPrefix) else { return ("", "") }
        let parts = user.dropFirst(serviceAccountPrefix.count)
            .split(separator: ":", omittingEmptySubsequences: false)
        return parts.count >= 2 ? (String(parts[0]), String(parts[1])) : ("", "")
    }
}
