import KubernetesCore

/// A request as expressions see it: what follows from it is worked out once, and only when it is
/// asked for.
struct RequestView {
    let request: PolicyRequest
    /// The object's name; empty where the server is to make one.
    let name: String
    /// The object's namespace; for a namespace its own name, as admission has it.
    let namespace: String

    init(_ request: PolicyRequest) {
        self.request = request
        let object = request.object.isNull ? request.oldObject : request.object
        let metadata = object["metadata"]
        name = metadata?["name"]?.string ?? ""
        if request.type.group.isEmpty, request.type.plural == "namespaces" {
            namespace = name
        } else if request.type.scope == .cluster {
            namespace = ""
        } else {
            namespace =
                metadata?["namespace"]?.string
                ?? request.namespace["metadata"]?["name"]?.string ?? ""
        }
    }

    /// Whether the request is about a namespace itself.
    var isNamespace: Bool {
        request.type.group.isEmpty && request.type.plural == "namespaces"
    }

    /// The labels by which namespace selectors judge: those of a namespace that is written, else
    /// those of the namespace that the object is in.
    func namespaceLabels() throws(MatchConstraints.Unknown) -> JSONObject {
        let isWritten = request.operation == .create || request.operation == .update
        if isNamespace, request.subresource.isEmpty, isWritten {
            return request.object["metadata"]?["labels"]?.object ?? [:]
        }
        guard let metadata = request.namespace["metadata"] else {
            throw MatchConstraints.Unknown(
                reason: "the namespace \"\(namespace)\" is not known, so its labels cannot be "
                    + "selected by")
        }
        var labels = metadata["labels"]?.object ?? [:]
        // The API server puts this label on every namespace.
        let own = "kubernetes.io/metadata.name"
        if labels[own] == nil, !namespace.isEmpty { labels[own] = .string(namespace) }
        return labels
    }

    /// The value of `request`; with `objects` it holds the objects too, as Kyverno's does.
    func json(objects: Bool) -> JSONValue {
        let type = request.type
        let kind: JSONValue = [
            "group": .string(type.group), "version": .string(type.version),
            "kind": .string(type.kind),
        ]
        let resource: JSONValue = [
            "group": .string(type.group), "version": .string(type.version),
            "resource": .string(type.plural),
        ]
        var user = JSONObject()
        if !request.user.name.isEmpty { user["username"] = .string(request.user.name) }
        if !request.user.groups.isEmpty { user["groups"] = .strings(request.user.groups) }
        var result = JSONObject([
            ("dryRun", .bool(request.dryRun)), ("kind", kind),
            ("operation", .string(request.operation.rawValue)), ("options", .null),
            ("requestKind", kind), ("requestResource", resource), ("resource", resource),
            ("userInfo", .object(user)),
        ])
        if !name.isEmpty { result["name"] = .string(name) }
        if !namespace.isEmpty { result["namespace"] = .string(namespace) }
        if !request.subresource.isEmpty {
            result["subResource"] = .string(request.subresource)
            result["requestSubResource"] = .string(request.subresource)
        }
        if objects {
            result["object"] = request.object
            result["oldObject"] = request.oldObject
        }
        return .object(result)
    }

    /// The value of `namespaceObject`: what a policy may see of a namespace; `null` for what is in
    /// none.
    var namespaceObject: JSONValue {
        guard !isNamespace, let members = request.namespace.object else { return .null }
        var result = JSONObject()
        for (key, fields) in Self.visible {
            guard let part = members[key]?.object else { continue }
            result[key] = .object(JSONObject(part.filter { fields.contains($0.0) }))
        }
        return .object(result)
    }

    private static let visible: [(String, [String])] = [
        (
            "metadata",
            [
                "name", "generateName", "namespace", "labels", "annotations", "UID",
                "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                "generation", "resourceVersion", "finalizers",
            ]
        ),
        ("spec", ["finalizers"]), ("status", ["phase", "conditions"]),
    ]
}
