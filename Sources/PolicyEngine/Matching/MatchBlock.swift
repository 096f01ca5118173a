import KubernetesCore

/// `match` or `exclude` of a rule or of an exception: filters of which any or all must hold.
struct MatchBlock: Sendable {
    /// One filter: objects, and who asks for them.
    struct Filter: Sendable {
        let resources: ResourceFilter?
        let users: UserFilter

        static let known = UserFilter.known.union(["resources"])

        init(_ fields: Fields) throws(PolicyProblem) {
            if let members = try fields.fields("resources", known: ResourceFilter.known) {
                let filter = try ResourceFilter(members)
                resources = filter.isEmpty ? nil : filter
            } else {
                resources = nil
            }
            users = try UserFilter(fields)
        }

        /// Whether object and user are meant. Where nothing is known about the user, a filter that
        /// lets rules apply goes by the object alone, and one that excludes does not exclude.
        func matches(_ subject: MatchSubject, excluding: Bool) -> Bool {
            var isEmpty = true
            if let resources {
                isEmpty = false
                guard resources.matches(subject) else { return false }
            }
            if !users.isEmpty {
                if let user = subject.user {
                    isEmpty = false
                    guard users.matches(user) else { return false }
                } else if excluding {
                    return false
                }
            }
            return !isEmpty
        }
    }

    private enum Rule: Sendable {
        case any([Filter])
        case all([Filter])
    }

    private let rule: Rule

    /// Reads a block; `nil` where it asks for nothing. The form without `any` and `all`, with one
    /// filter's fields in the block itself, is taken where `allowsBareFilter`.
    init?(_ fields: Fields, allowsBareFilter: Bool = true) throws(PolicyProblem) {
        let any = try MatchBlock.filters(fields, "any")
        let all = try MatchBlock.filters(fields, "all")
        guard any.isEmpty || all.isEmpty else {
            throw fields.problem("all", "must not be given together with any")
        }
        let isBare = Filter.known.contains(where: fields.has)
        if isBare {
            guard allowsBareFilter else {
                throw fields.place.problem(fields.path, "must hold any or all")
            }
            guard any.isEmpty, all.isEmpty else {
                throw fields.place.problem(
                    fields.path, "must hold any, all, or one filter's own fields, not both")
            }
        }
        if !any.isEmpty {
            rule = .any(any)
        } else if !all.isEmpty {
            rule = .all(all)
        } else if isBare {
            rule = .all([try Filter(fields)])
        } else {
            return nil
        }
    }

    static let known = Filter.known.union(["any", "all"])

    private static func filters(
        _ fields: Fields, _ key: String
    ) throws(PolicyProblem) -> [Filter] {
        var filters: [Filter] = []
        for (index, value) in try fields.list(key).enumerated() {
            filters.append(
                try Filter(
                    try Fields(
                        value, at: "\(fields.child(key))[\(index)]", in: fields.place,
                        known: Filter.known)))
        }
        return filters
    }

    /// Whether the rule is for this object. For a block that excludes: whether it is not.
    func matches(_ subject: MatchSubject, excluding: Bool = false) -> Bool {
        switch rule {
        case .any(let filters):
            filters.contains { $0.matches(subject, excluding: excluding) }
        case .all(let filters):
            filters.allSatisfy { $0.matches(subject, excluding: excluding) }
        }
    }
}
