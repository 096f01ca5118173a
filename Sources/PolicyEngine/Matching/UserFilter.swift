import KubernetesCore

/// Who a filter of a rule means: subjects, roles and cluster roles, of each that is given one.
struct UserFilter: Sendable {
    private enum Subject: Sendable {
        case user(Wildcard)
        case group(Wildcard)
        /// A service account, by the name of its user.
        case serviceAccount(Wildcard)
    }

    private let subjects: [Subject]
    private let roles: [String]
    private let clusterRoles: [String]

    static let known: Set<String> = ["subjects", "roles", "clusterRoles"]

    /// Reads the three fields of a filter.
    init(_ fields: Fields) throws(PolicyProblem) {
        var subjects: [Subject] = []
        for (index, value) in try fields.list("subjects").enumerated() {
            let subject = try Fields(
                value, at: "\(fields.child("subjects"))[\(index)]", in: fields.place,
                known: ["kind", "name", "namespace", "apiGroup"])
            let name = try subject.requiredString("name")
            switch try subject.requiredString("kind") {
            case "User": subjects.append(.user(Wildcard(name)))
            case "Group": subjects.append(.group(Wildcard(name)))
            case "ServiceAccount":
                let namespace = try subject.string("namespace") ?? ""
                subjects.append(
                    .serviceAccount(Wildcard("system:serviceaccount:\(namespace):\(name)")))
            case let kind:
                throw subject.problem(
                    "kind", "\"\(kind)\" is none of: User, Group, ServiceAccount")
            }
        }
        self.subjects = subjects
        roles = try fields.strings("roles")
        clusterRoles = try fields.strings("clusterRoles")
    }

    /// Whether nobody in particular is meant.
    var isEmpty: Bool { subjects.isEmpty && roles.isEmpty && clusterRoles.isEmpty }

    /// Whether the user is meant.
    func matches(_ user: PolicyRequest.User) -> Bool {
        if !roles.isEmpty, !roles.contains(where: user.roles.contains) { return false }
        if !clusterRoles.isEmpty, !clusterRoles.contains(where: user.clusterRoles.contains) {
            return false
        }
        guard !subjects.isEmpty else { return true }
        return subjects.contains { subject in
            switch subject {
            case .user(let name), .serviceAccount(let name): name.matches(user.name)
            case .group(let name): user.groups.contains(where: name.matches)
            }
        }
    }
}
