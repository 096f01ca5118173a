import KubernetesCore

/// What somebody wants to do: the question that authorisation answers.
struct AccessAttributes: Sendable, Hashable {
    var verb: String
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
    var namespace = ""
    var name = ""
    /// The path of a request that is about no resource; empty for all others.
    var path = ""

    /// The refusal, in the words of the API server.
    func refusal(of user: UserIdentity) -> Failure {
        guard path.isEmpty else {
            return Failure(
                code: 403, reason: "Forbidden",
                message: "forbidden: User \"\(user.name)\" cannot \(verb) path \"\(path)\"",
                details: Failure.Details())
        }
        let full = subresource.isEmpty ? resource : resource + "/" + subresource
        let place =
            namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(namespace)\""
        return .forbidden(
            GroupResource(group: group, resource: resource), name,
            "User \"\(user.name)\" cannot \(verb) resource \"\(full)\" in API group "
                + "\"\(group)\" \(place)")
    }
}
