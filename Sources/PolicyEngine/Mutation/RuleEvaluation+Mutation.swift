import KubernetesCore

extension RuleEvaluation {
    /// What `mutation` makes of the object, and what the rule says about that; `nil` for an object
    /// that the rule leaves alone without a word.
    func mutate(_ mutation: Mutation) -> (object: JSONValue, outcome: RuleOutcome) {
        let object = request.object
        var context = context()
        if let outcome = refusal(by: rule.preconditions, &context) { return (object, outcome) }
        let matching = exceptions.matching(self, &context)
        if !matching.isEmpty { return (object, RuleEvaluation.skip(due: matching)) }
        do {
            let patched = try patched(object, by: mutation.body, depth: 0, &context)
            guard patched != object else {
                return (object, RuleOutcome(.skip, "no patches applied"))
            }
            let name = object["metadata"]?["name"]?.string ?? ""
            return (patched, RuleOutcome(.pass, "mutated \(request.type.kind)/\(name)"))
        } catch {
            return (object, RuleOutcome(.error, "failed to mutate: \(error)"))
        }
    }

    private func patched(
        _ object: JSONValue, by body: Mutation.Body, depth: Int,
        _ context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue {
        switch body {
        case .overlay(let template):
            return try OverlayPatch.apply(
                try template.value(in: &context), to: object, of: request.type)
        case .operations(let text):
            let operations = try operations(in: try text.text(in: &context))
            return try LenientJSONPatch.apply(operations, to: object)
        case .foreach(let entries):
            var result = object
            for each in entries {
                result = try patched(result, for: each, depth: depth, &context)
                if depth == 0 { context.setObject(result) }
            }
            return result
        }
    }

    private func operations(in text: String) throws(EvaluationError) -> JSONValue {
        if let parse = surroundings.parseYAML {
            if let value = parse(text) { return value }
        } else if let value = try? JSONValue(parsing: text) {
            return value
        }
        throw EvaluationError(.failed, "the operations of patchesJson6902 cannot be read")
    }

    /// The patches of all elements, one upon the other. Expressions see the object as it was before
    /// the first one.
    private func patched(
        _ object: JSONValue, for each: Mutation.Each, depth: Int,
        _ context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue {
        let list = try context.search(each.entry.list)
        var elements = Array((list.array ?? [list]).enumerated())
        // Kyverno's merge puts new elements first, so it takes the last one first.
        let isOverlay = if case .overlay = each.body { true } else { false }
        if each.order == .descending || (each.order == nil && isOverlay) { elements.reverse() }
        var result = object
        for (index, element) in elements where !element.isNull {
            // Each patch may copy the object.
            try context.spend(EvaluationContext.elementSteps + JSONSize.of(result) / 64)
            result = try context.scoped { context throws(EvaluationError) in
                guard try enter(element, index, of: each.entry, depth: depth, &context) else {
                    return result
                }
                return try patched(result, by: each.body, depth: depth + 1, &context)
            }
        }
        return result
    }
}
