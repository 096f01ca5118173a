import KubernetesCore

/// Which requests a policy is about: `matchConstraints` of a policy, `matchResources` of a binding.
///
/// Other versions of a resource than the one that a request names are never matched: a request is
/// judged in the version in which it comes, and cannot be converted here.
struct MatchConstraints: Sendable {
    /// One entry of `resourceRules`.
    struct Rule: Sendable {
        var groups: [String]
        var versions: [String]
        var operations: [String]
        var resources: [String]
        var scope: String?
        var names: [String]
    }

    /// Why it cannot be said whether a request is meant.
    struct Unknown: Error {
        let reason: String
    }

    var rules: [Rule] = []
    var excluded: [Rule] = []
    var namespaceSelector: LabelSelector?
    var objectSelector: LabelSelector?

    /// Whether `request` is meant. Selectors are only asked where everything else fits, so that
    /// what is not known about a namespace matters only where the policy is about the request.
    func matches(_ request: RequestView) throws(Unknown) -> Bool {
        if excluded.contains(where: { $0.matches(request) }) { return false }
        guard rules.isEmpty || rules.contains(where: { $0.matches(request) }) else { return false }
        if let objectSelector {
            let selected = [request.request.object, request.request.oldObject].contains { object in
                guard object.object != nil else { return false }
                return objectSelector.matches(object["metadata"]?["labels"]?.object ?? [:])
            }
            guard selected else { return false }
        }
        guard let namespaceSelector else { return true }
        if request.namespace.isEmpty, !request.isNamespace { return true }
        return namespaceSelector.matches(try request.namespaceLabels())
    }
}

extension MatchConstraints.Rule {
    func matches(_ request: RequestView) -> Bool {
        let type = request.request.type
        return Self.lists(operations, request.request.operation.rawValue)
            && Self.lists(groups, type.group) && Self.lists(versions, type.version)
            && resources.contains(where: { names($0, request) }) && fitsScope(request)
            && fitsName(request)
    }

    private static func lists(_ values: [String], _ value: String) -> Bool {
        values.contains { $0 == "*" || $0 == value }
    }

    /// Whether `resource` (`pods`, `pods/exec`, `pods/*`, `*/scale`, `*/*`) names what is asked
    /// for.
    private func names(_ resource: String, _ request: RequestView) -> Bool {
        let parts = resource.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        let subresource = parts.count > 1 ? parts[1] : ""
        return (name == "*" || name == request.request.type.plural)
            && (subresource == "*" || subresource == request.request.subresource)
    }

    private func fitsScope(_ request: RequestView) -> Bool {
        switch scope {
        case "Cluster": request.namespace.isEmpty || request.isNamespace
        case "Namespaced": !request.namespace.isEmpty && !request.isNamespace
        default: true
        }
    }

    private func fitsName(_ request: RequestView) -> Bool {
        names.isEmpty || names.contains(request.name)
    }
}

extension Fields {
    /// The constraints `key`: `matchConstraints` of a policy, `matchResources` of a binding; `nil`
    /// where there are none.
    func constraints(_ key: String) throws(PolicyProblem) -> MatchConstraints? {
        let known: Set<String> = [
            "resourceRules", "excludeResourceRules", "namespaceSelector", "objectSelector",
            "matchPolicy",
        ]
        guard let fields = try fields(key, known: known) else { return nil }
        _ = try fields.choice("matchPolicy", of: ["Exact", "Equivalent"])
        return MatchConstraints(
            rules: try fields.resourceRules("resourceRules"),
            excluded: try fields.resourceRules("excludeResourceRules"),
            namespaceSelector: try fields.selector("namespaceSelector"),
            objectSelector: try fields.selector("objectSelector"))
    }

    private func resourceRules(_ key: String) throws(PolicyProblem) -> [MatchConstraints.Rule] {
        let known: Set<String> = [
            "apiGroups", "apiVersions", "operations", "resources", "scope", "resourceNames",
        ]
        let operations = ["*", "CREATE", "UPDATE", "DELETE", "CONNECT"]
        var result: [MatchConstraints.Rule] = []
        for rule in try objects(key, known: known) {
            let own = try rule.filledStrings("operations")
            for operation in own where !operations.contains(operation) {
                throw rule.problem(
                    "operations",
                    "\"\(operation)\" is none of: \(operations.joined(separator: ", "))")
            }
            result.append(
                MatchConstraints.Rule(
                    groups: try rule.filledStrings("apiGroups"),
                    versions: try rule.filledStrings("apiVersions"), operations: own,
                    resources: try rule.filledStrings("resources"),
                    scope: try rule.choice("scope", of: ["*", "Cluster", "Namespaced"]),
                    names: try rule.strings("resourceNames")))
        }
        return result
    }
}
