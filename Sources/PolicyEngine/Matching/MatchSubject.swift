import KubernetesCore

/// What the filters of a rule are held against: an object, and who wants what done with it.
struct MatchSubject {
    let group: String
    let version: String
    let kind: String
    let subresource: String
    let operation: PolicyRequest.Operation
    let name: String
    let namespace: String
    let labels: JSONObject
    let annotations: JSONObject
    let namespaceLabels: JSONObject
    /// Who asks; `nil` where nothing is known about that.
    let user: PolicyRequest.User?

    /// `object` of `request`, which is the new or the old one; `nil` where it is absent.
    init?(_ object: JSONValue, of request: PolicyRequest) {
        guard let members = object.object, !members.isEmpty else { return nil }
        let metadata = members["metadata"]?.object ?? JSONObject()
        group = request.type.group
        version = request.type.version
        kind = request.type.kind
        subresource = request.subresource
        operation = request.operation
        let given = metadata["name"]?.string ?? ""
        name = given.isEmpty ? metadata["generateName"]?.string ?? "" : given
        namespace = metadata["namespace"]?.string ?? ""
        labels = metadata["labels"]?.object ?? JSONObject()
        annotations = metadata["annotations"]?.object ?? JSONObject()
        namespaceLabels = request.namespace["metadata"]?["labels"]?.object ?? JSONObject()
        user = request.user.isKnown ? request.user : nil
    }

    /// Whether the object is a namespace.
    var isNamespace: Bool { kind == "Namespace" && group.isEmpty }
}

extension PolicyRequest.User {
    /// Whether anything is known about who asks.
    var isKnown: Bool {
        !name.isEmpty || !groups.isEmpty || !roles.isEmpty || !clusterRoles.isEmpty
    }
}
