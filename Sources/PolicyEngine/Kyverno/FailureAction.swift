import KubernetesCore

/// What a failed rule means for an object, by the object's namespace.
struct FailureAction: Sendable {
    private struct Override: Sendable {
        let action: PolicyResult.Action
        let namespaces: [Wildcard]
        let selector: WildcardSelector?
    }

    private let action: PolicyResult.Action?
    private let overrides: [Override]

    /// Reads the action and its overrides from two fields.
    init(_ fields: Fields, action: String, overrides: String) throws(PolicyProblem) {
        self.action = try FailureAction.action(fields, action)
        var list: [Override] = []
        for (index, value) in try fields.list(overrides).enumerated() {
            let entry = try Fields(
                value, at: "\(fields.child(overrides))[\(index)]", in: fields.place,
                known: ["action", "namespaces", "namespaceSelector"])
            guard let action = try FailureAction.action(entry, "action") else {
                throw entry.problem("action", "must be given")
            }
            let selector = try entry.fields(
                "namespaceSelector", known: ["matchLabels", "matchExpressions"])
            list.append(
                Override(
                    action: action,
                    namespaces: try entry.strings("namespaces").map(Wildcard.init),
                    selector: try FailureAction.selector(selector)))
        }
        self.overrides = list
    }

    private static func selector(_ fields: Fields?) throws(PolicyProblem) -> WildcardSelector? {
        guard let fields else { return nil }
        return try WildcardSelector(fields)
    }

    private static func action(
        _ fields: Fields, _ key: String
    ) throws(PolicyProblem) -> PolicyResult.Action? {
        guard let text = try fields.string(key), !text.isEmpty else { return nil }
        switch text {
        case "Enforce", "enforce": return .enforce
        case "Audit", "audit": return .audit
        default: throw fields.problem(key, "\"\(text)\" is none of: Enforce, Audit")
        }
    }

    /// The action for an object in `namespace`, whose labels are `labels`: that of the first
    /// override that means the namespace, else the general one; `nil` where nothing is said.
    func action(namespace: String, labels: JSONObject) -> PolicyResult.Action? {
        let found = overrides.first { override in
            let names = override.namespaces
            let isNamed = names.isEmpty || names.contains { $0.matches(namespace) }
            return isNamed && override.selector?.matches(labels) ?? true
        }
        return found?.action ?? action
    }
}
