import KubernetesCore

/// Walks a value beside the rules of its schema.
struct RuleWalk {
    /// What is known about the value that stood in this place before.
    struct Past {
        /// The value before; `nil` where there was none.
        var old: JSONValue?
        /// Whether the place can be found in the old object at all.
        var isCorrelated: Bool
        /// Whether the nearest place above that can be found did not change.
        var ancestorIsEqual: Bool
    }

    private(set) var errors: [FieldError] = []
    private(set) var warnings: [FieldError] = []
    private(set) var budget: Int64
    let perCallLimit: UInt64
    let root: FieldPath
    private var isOver = false

    init(budget: Int64, perCallLimit: UInt64, root: FieldPath) {
        self.budget = budget
        self.perCallLimit = perCallLimit
        self.root = root
    }

    // MARK: The walk

    /// Evaluates the rules of `node` on `value` and goes on below.
    mutating func visit(_ node: RuleNode, _ value: JSONValue, _ past: Past, _ path: FieldPath) {
        guard !isOver, !value.isNull else { return }
        let isEqual = past.isCorrelated ? equal(node, value, past) : past.ancestorIsEqual
        for rule in node.rules {
            check(rule, node, value, past, isEqual, path)
            if isOver { return }
        }
        for part in node.allOf { visit(part, value, past, path) }
        var below = past
        below.ancestorIsEqual = isEqual
        switch value {
        case .array(let elements):
            guard let items = node.items else { return }
            for (index, element) in elements.enumerated() {
                visit(items, element, pastElement(element, node, below), path[index])
                if isOver { return }
            }
        case .object(let members): visitMembers(node, members, below, path)
        default: break
        }
    }

    private mutating func visitMembers(
        _ node: RuleNode, _ members: JSONObject, _ past: Past, _ path: FieldPath
    ) {
        func pastMember(_ name: String) -> Past {
            var result = past
            result.old = past.isCorrelated ? past.old?[name] : nil
            return result
        }
        if let additional = node.additional {
            for (name, value) in members where node.schema.properties[name] == nil {
                visit(additional, value, pastMember(name), path.key(name))
                if isOver { return }
            }
        }
        for (name, property) in node.properties {
            guard let value = members[name] else { continue }
            visit(property, value, pastMember(name), path.child(name))
            if isOver { return }
        }
    }

    /// What stood in the place of a list's element: found by the keys of a list of type map, else
    /// not at all.
    private func pastElement(_ element: JSONValue, _ node: RuleNode, _ past: Past) -> Past {
        guard past.isCorrelated, node.schema.listType == .map else {
            return Past(old: nil, isCorrelated: false, ancestorIsEqual: past.ancestorIsEqual)
        }
        var result = past
        result.old = past.old?.array.flatMap {
            Ratchet.match(element, in: $0, by: node.schema.listMapKeys)
        }
        return result
    }

    private func equal(_ node: RuleNode, _ value: JSONValue, _ past: Past) -> Bool {
        guard let old = past.old else { return false }
        return Ratchet.equal(value, old, node.schema)
    }

    // MARK: One rule

    private mutating func check(
        _ compiled: CompiledRule, _ node: RuleNode, _ value: JSONValue, _ past: Past,
        _ isUnchanged: Bool, _ path: FieldPath
    ) {
        let rule = compiled.rule
        let old = past.isCorrelated ? past.old.flatMap { $0.isNull ? nil : $0 } : nil
        let isOptional = rule.optionalOldSelf == true
        if compiled.usesOldSelf && !isOptional && old == nil { return }
        let program: CELProgram
        switch compiled.program {
        case .success(let compiled): program = compiled
        case .failure(let error):
            fail(node, path, "rule compile error: " + error.message)
            return
        }
        let activation = self.activation(node, value, old, isOptional: isOptional)
        let outcome = program.run(activation, limit: perCallLimit)
        if case .failure(let error) = outcome.result {
            charge(outcome.cost)
            failEvaluation(error, compiled, node, path)
            return
        }
        guard charge(outcome.cost) else {
            fail(
                node, path,
                "validation failed due to running out of cost budget, "
                    + "no further validation rules will be run")
            isOver = true
            return
        }
        if case .success(.bool(true)) = outcome.result { return }
        guard let detail = detail(compiled, node, value, old, path) else { return }
        let fault = fault(compiled, value, detail, path)
        if !compiled.usesOldSelf && isUnchanged && !isTypeField(path) {
            warnings.append(fault)
        } else {
            errors.append(fault)
        }
    }

    private func isTypeField(_ path: FieldPath) -> Bool {
        path == root.child("apiVersion") || path == root.child("kind")
    }

    /// Takes `cost` from the budget; whether there was enough.
    @discardableResult
    private mutating func charge(_ cost: UInt64) -> Bool {
        let amount = Int64(clamping: cost)
        guard amount <= budget else {
            budget = -1
            return false
        }
        budget -= amount
        return true
    }

    private func activation(
        _ node: RuleNode, _ value: JSONValue, _ old: JSONValue?, isOptional: Bool
    ) -> CELActivation {
        guard let type = node.type else {
            return CELActivation([
                "self": CELValue(value), "oldSelf": .optional(old.map { CELValue($0) }),
            ])
        }
        return CELActivation { name in
            switch name {
            case "self": return Result { () throws(CELError) in try type.value(value) }
            case "oldSelf":
                return Result { () throws(CELError) in
                    if !isOptional {
                        guard let old else { throw CELError("no such attribute(s): oldSelf") }
                        return try type.value(old)
                    }
                    return .optional(try old.map { json throws(CELError) in try type.value(json) })
                }
            default: return nil
            }
        }
    }

    private mutating func fail(_ node: RuleNode, _ path: FieldPath, _ detail: String) {
        errors.append(.invalid(path, .string(node.typeName), detail))
    }

    private mutating func failEvaluation(
        _ error: CELError, _ compiled: CompiledRule, _ node: RuleNode, _ path: FieldPath
    ) {
        let rule = compiled.rule
        let shown = Self.trimmed(rule.message ?? "").isEmpty ? rule.rule : rule.message ?? ""
        if error.code == .cost {
            fail(
                node, path,
                "'\(error.message)': no further validation rules will be run due to call cost "
                    + "exceeds limit for rule: \(rule.rule)")
            isOver = true
        } else if budget < 0 {
            fail(
                node, path,
                "validation failed due to running out of cost budget, "
                    + "no further validation rules will be run")
            isOver = true
        } else if error.message.hasPrefix("no such overload") {
            fail(
                node, path,
                "'\(error.message)': call arguments did not match a supported operator, function "
                    + "or macro signature for rule: \(shown)")
        } else {
            fail(node, path, "\(error.message) evaluating rule: \(shown)")
        }
    }

    // MARK: What is said

    /// What is said about a rule that does not hold; `nil` where making it used up the budget,
    /// which is then reported.
    private mutating func detail(
        _ compiled: CompiledRule, _ node: RuleNode, _ value: JSONValue, _ old: JSONValue?,
        _ path: FieldPath
    ) -> String? {
        let rule = compiled.rule
        let message = Self.trimmed(rule.message ?? "")
        let fallback = message.isEmpty ? "failed rule: " + Self.trimmed(rule.rule) : message
        guard let program = compiled.message else { return fallback }
        let activation = self.activation(node, value, old, isOptional: false)
        let outcome = program.run(activation, limit: perCallLimit)
        if case .failure(let error) = outcome.result, error.code == .cost {
            budget = -1
            fail(
                node, path,
                "no further validation rules will be run due to call cost exceeds limit for "
                    + "messageExpression: \"\(rule.messageExpression ?? "")\"")
            isOver = true
            return nil
        }
        guard charge(outcome.cost) else {
            fail(
                node, path,
                "messageExpression evaluation failed due to running out of cost budget, "
                    + "no further validation rules will be run")
            isOver = true
            return nil
        }
        guard case .success(.string(let text)) = outcome.result else { return fallback }
        let trimmed = Self.trimmed(text)
        let isUsable =
            !trimmed.isEmpty && trimmed.utf8.count <= 5_120
            && !trimmed.utf8.contains(0x0A)
        return isUsable ? trimmed : fallback
    }

    private func fault(
        _ compiled: CompiledRule, _ value: JSONValue, _ detail: String, _ path: FieldPath
    ) -> FieldError {
        var shown: JSONValue? = value
        if value.array != nil || value.object != nil { shown = nil }
        let suffix = compiled.pathSuffix
        let place =
            path.text.isEmpty && suffix.hasPrefix(".")
            ? FieldPath(String(suffix.dropFirst())) : FieldPath(path.text + suffix)
        switch compiled.rule.reason {
        case "FieldValueForbidden": return .forbidden(place, detail)
        case "FieldValueRequired": return .required(place, detail)
        case "FieldValueDuplicate":
            return FieldError(.duplicate, path: place.description, badValue: shown, detail: "")
        default: return .invalid(place, shown, detail)
        }
    }

    static func trimmed(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return StringLibrary.join(scalars[first...last])
    }
}

/// Whether a value changed, as far as ratcheting is concerned.
enum Ratchet {
    /// The element of `list` that has the same keys as `element`.
    static func match(
        _ element: JSONValue, in list: [JSONValue], by keys: [String]
    ) -> JSONValue? {
        guard !keys.isEmpty else { return nil }
        for key in keys {
            switch element[key] {
            case nil, .array, .object: return nil
            default: break
            }
        }
        return list.first { other in keys.allSatisfy { other[$0] == element[$0] } }
    }

    /// Whether `new` and `old` are the same under `schema`. An object with members that the schema
    /// does not know never is.
    static func equal(_ new: JSONValue, _ old: JSONValue, _ schema: StructuralSchema) -> Bool {
        switch (new, old) {
        case (.object(let members), .object(let before)):
            guard members.count == before.count else { return false }
            for (name, value) in members {
                guard let past = before[name], let member = schema.member(name),
                    equal(value, past, member)
                else { return false }
            }
            return true
        case (.array(let elements), .array(let before)):
            guard elements.count == before.count else { return false }
            guard schema.listType == .map, let items = schema.items else {
                return elements == before
            }
            for element in elements {
                guard let past = match(element, in: before, by: schema.listMapKeys),
                    equal(element, past, items)
                else { return false }
            }
            return true
        default: return new == old
        }
    }
}
