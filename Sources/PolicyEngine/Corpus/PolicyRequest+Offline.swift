public import KubernetesCore

extension PolicyRequest.User {
    /// Reads a `userinfo.yaml` of Kyverno's command line, found at `source`. Unknown fields are
    /// refused.
    public init(reading value: JSONValue, source: String) throws(PolicyProblem) {
        let place = PolicyPlace(source: source, policy: value["metadata"]?["name"]?.string ?? "")
        let fields = try Fields(
            value, at: "", in: place,
            known: [
                "apiVersion", "kind", "metadata", "roles", "clusterRoles", "userInfo",
                "synchronized",
            ])
        let user = try fields.fields("userInfo", known: ["username", "groups", "uid", "extra"])
        self.init(
            name: try user?.string("username") ?? "", groups: try user?.strings("groups") ?? [],
            roles: try fields.strings("roles"), clusterRoles: try fields.strings("clusterRoles"))
    }
}
