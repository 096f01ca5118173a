import KubernetesCore

/// A label selector of a Kyverno rule: `matchLabels` may hold wildcards, `matchExpressions` may
/// not.
struct WildcardSelector: Sendable {
    private struct Label: Sendable {
        let key: String
        /// The key as a pattern; `nil` where it has no wildcards.
        let pattern: Wildcard?
        let value: Wildcard
    }

    private let labels: [Label]
    private let expressions: LabelSelector

    /// Reads `{matchLabels, matchExpressions}`.
    init(_ fields: Fields) throws(PolicyProblem) {
        labels = try fields.stringMap("matchLabels").map { key, value in
            Label(
                key: key, pattern: Wildcard.isPattern(key) ? Wildcard(key) : nil,
                value: Wildcard(value))
        }
        var rest = JSONObject()
        rest["matchExpressions"] = fields.value("matchExpressions")
        for (index, value) in try fields.list("matchExpressions").enumerated() {
            let path = "\(fields.child("matchExpressions"))[\(index)]"
            let expression = try Fields(
                value, at: path, in: fields.place, known: ["key", "operator", "values"])
            _ = try expression.requiredString("key")
            _ = try expression.strings("values")
        }
        do {
            expressions = try LabelSelector(reading: .object(rest))
        } catch {
            throw fields.place.problem(fields.path, "\(error)")
        }
    }

    /// Whether labels, as `metadata.labels` has them, meet every condition.
    func matches(_ actual: JSONObject) -> Bool {
        for label in labels {
            let isMet =
                if let pattern = label.pattern {
                    actual.contains {
                        pattern.matches($0.0) && label.value.matches($0.1.string ?? "")
                    }
                } else {
                    actual[label.key]?.string.map(label.value.matches) ?? false
                }
            guard isMet else { return false }
        }
        return expressions.matches(actual)
    }
}
