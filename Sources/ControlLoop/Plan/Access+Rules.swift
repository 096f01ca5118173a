public import KubernetesCore

extension Access {
    /// The list as the rules of a Role or ClusterRole: exactly what it names. Resources with the
    /// same verbs share a rule; rules and what is in them are in a fixed order.
    public var policyRules: [JSONValue] {
        var verbs: [Resource: Set<String>] = [:]
        for type in reads {
            verbs[Resource(type, nil), default: []].formUnion(["get", "list", "watch"])
        }
        for type in gets { verbs[Resource(type, nil), default: []].insert("get") }
        for write in writes {
            verbs[Resource(write.type, write.subresource), default: []].insert(write.verb.request)
        }
        var rules: [Rule: [String]] = [:]
        for (resource, verbs) in verbs {
            rules[Rule(group: resource.group, verbs: verbs.sorted()), default: []]
                .append(resource.name)
        }
        return rules.map { rule, resources in (rule, resources.sorted()) }
            .sorted { left, right in
                left.0.group == right.0.group
                    ? left.1.lexicographicallyPrecedes(right.1) : left.0.group < right.0.group
            }
            .map { rule, resources in
                [
                    "apiGroups": [.string(rule.group)],
                    "resources": .array(resources.map { .string($0) }),
                    "verbs": .array(rule.verbs.map { .string($0) }),
                ]
            }
    }

    private struct Resource: Hashable {
        var group: String
        var name: String

        init(_ type: ResourceType, _ subresource: String?) {
            group = type.group
            name = subresource.map { type.plural + "/" + $0 } ?? type.plural
        }
    }

    private struct Rule: Hashable {
        var group: String
        var verbs: [String]
    }

    /// Taking part in the election over a Lease.
    public static let election = Access(
        reads: [], writes: [.create(.lease), .patch(.lease)], gets: [.lease])

    /// Writing notes as Events. A create that met an Event of its name is looked up: a repeated
    /// note goes on counting in the Event that was written when only the answer was lost.
    public static let events = Access(
        reads: [], writes: [.create(.event), .patch(.event)], gets: [.event])
}

extension Access.Verb {
    /// The verb of the request that carries the write out, as authorisation knows it.
    var request: String {
        switch self {
        case .apply, .patch: "patch"
        case .create: "create"
        case .delete: "delete"
        }
    }
}
