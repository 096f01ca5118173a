import KubernetesCore

/// Conditions of a rule: preconditions, `deny.conditions`, those of an exception.
struct ConditionBlock: Sendable {
    /// What conditions come to.
    struct Verdict {
        let holds: Bool
        /// What the conditions that decided say for people.
        let message: String
    }

    fileprivate struct Condition: Sendable {
        let key: Template
        let comparison: ConditionOperator
        let value: Template
        let message: VariableText?
    }

    /// Of these one must hold; `nil` where there are none.
    private let any: [Condition]?
    /// All of these must hold.
    private let all: [Condition]

    /// Reads the conditions under `key`: `{any, all}`, or a list all of which must hold, which is
    /// Kyverno's older form. `nil` where there are none.
    init?(_ fields: Fields, _ key: String, allowsList: Bool = true) throws(PolicyProblem) {
        guard let value = fields.value(key) else { return nil }
        if value.array != nil, allowsList {
            any = nil
            all = try ConditionBlock.conditions(fields, key) ?? []
            return
        }
        let block = try Fields(
            value, at: fields.child(key), in: fields.place, known: ["any", "all"])
        any = try ConditionBlock.conditions(block, "any")
        all = try ConditionBlock.conditions(block, "all") ?? []
    }

    private static func conditions(
        _ fields: Fields, _ key: String
    ) throws(PolicyProblem) -> [Condition]? {
        guard fields.has(key) else { return nil }
        var conditions: [Condition] = []
        for (index, value) in try fields.list(key).enumerated() {
            conditions.append(
                try condition(
                    try Fields(
                        value, at: "\(fields.child(key))[\(index)]", in: fields.place,
                        known: ["key", "operator", "value", "message"])))
        }
        return conditions
    }

    private static func condition(_ fields: Fields) throws(PolicyProblem) -> Condition {
        let name = try fields.requiredString("operator")
        guard let comparison = ConditionOperator(name) else {
            let words = ConditionOperator.allCases.map(\.rawValue).joined(separator: ", ")
            throw fields.problem("operator", "\"\(name)\" is none of: \(words)")
        }
        return Condition(
            key: try Template(
                fields.value("key") ?? .null, at: fields.child("key"), in: fields.place),
            comparison: comparison,
            value: try Template(
                fields.value("value") ?? .null, at: fields.child("value"), in: fields.place),
            message: try VariableText(fields, "message"))
    }

    /// Whether the conditions hold. Conditions behind the one that decides are not looked at.
    func verdict(in context: inout EvaluationContext) throws(EvaluationError) -> Verdict {
        var held: [VariableText] = []
        var failed: [VariableText] = []
        var result = true
        if let any {
            result = false
            for condition in any {
                let holds = try condition.holds(in: &context)
                if let message = condition.message {
                    if holds { held.append(message) } else { failed.append(message) }
                }
                if holds {
                    result = true
                    break
                }
            }
        }
        for condition in all {
            let holds = try condition.holds(in: &context)
            if let message = condition.message {
                if holds { held.append(message) } else { failed.append(message) }
            }
            if !holds {
                result = false
                break
            }
        }
        var texts: [String] = []
        for message in result ? held : failed {
            // A message that cannot be written in full is better than none.
            let text = (try? message.text(in: &context)) ?? message.source
            if !text.isEmpty { texts.append(text) }
        }
        return Verdict(holds: result, message: texts.joined(separator: "; "))
    }
}

extension ConditionBlock.Condition {
    fileprivate func holds(in context: inout EvaluationContext) throws(EvaluationError) -> Bool {
        let key = try self.key.value(in: &context)
        let value = try self.value.value(in: &context)
        try context.spend(JSONSize.comparison(key, value))
        do {
            return try comparison.evaluate(key: key, value: value)
        } catch {
            throw EvaluationError(.failed, error.description)
        }
    }
}
