import KubernetesCore

/// One rule and one request that it is for.
struct RuleEvaluation {
    let policy: ClusterPolicy
    let rule: KyvernoRule
    let request: PolicyRequest
    let surroundings: PolicySurroundings
    let exceptions: ExceptionList
    /// What stands in for a cluster, where there is none.
    let values: OfflineValues?

    /// What `validation` says; `nil` where it says nothing.
    func validate(_ validation: Validation, _ action: PolicyResult.Action) -> RuleOutcome? {
        let outcome = outcome(of: validation)
        // What was wrong before may stay: the update did not make it so.
        guard request.operation == .update, action == .enforce, validation.allowsExisting,
            outcome?.outcome == .fail, !request.oldObject.isNull
        else { return outcome }
        var before = request
        before.operation = .create
        before.object = request.oldObject
        before.oldObject = .null
        let earlier = RuleEvaluation(
            policy: policy, rule: rule, request: before, surroundings: surroundings,
            exceptions: exceptions, values: values)
        guard rule.isFor(before), earlier.outcome(of: validation)?.outcome == .fail else {
            return outcome
        }
        return RuleOutcome(
            .skip, "skipping the rule evaluation as pre-existing violations are allowed")
    }

    /// The context of the rule as it begins.
    func context() -> EvaluationContext {
        var context = EvaluationContext(
            request, surroundings, policyNamespace: policy.namespace,
            isOffline: values != nil)
        if let values {
            let object = request.object.isNull ? request.oldObject : request.object
            let name = object["metadata"]?["name"]?.string ?? ""
            context.merge(values.values(policy: policy.name, resource: name))
            context.merge(ruleValues)
        }
        context.declare(rule.context)
        return context
    }

    /// Values that stand in for what the context of this rule would load.
    var ruleValues: [OfflineValues.Value] {
        values?.values(policy: policy.name, rule: rule.name) ?? []
    }

    private func outcome(of validation: Validation) -> RuleOutcome? {
        var context = context()
        if let outcome = refusal(by: rule.preconditions, &context) { return outcome }
        let matching = exceptions.matching(self, &context)
        if case .podSecurity(let check) = validation.body {
            return podSecurity(check, matching)
        }
        if !matching.isEmpty { return RuleEvaluation.skip(due: matching) }
        return outcome(of: validation.body, validation, ElementScope(), &context)
    }

    /// The rule's outcome where its preconditions do not hold or cannot be evaluated.
    func refusal(
        by preconditions: ConditionBlock?, _ context: inout EvaluationContext
    ) -> RuleOutcome? {
        guard let preconditions else { return nil }
        do {
            let verdict = try preconditions.verdict(in: &context)
            guard !verdict.holds else { return nil }
            let end = verdict.message.isEmpty ? "" : "; " + verdict.message
            return RuleOutcome(.skip, "preconditions not met" + end)
        } catch {
            return RuleOutcome(.error, "failed to evaluate preconditions: \(error)")
        }
    }

    // MARK: What is asked of the object

    /// Where in `foreach` the evaluation is.
    private struct ElementScope {
        /// The object that patterns are held against, where it is not the whole one.
        var element: JSONValue?
        var depth = 0
    }

    private func outcome(
        of body: Validation.Body, _ validation: Validation, _ scope: ElementScope,
        _ context: inout EvaluationContext
    ) -> RuleOutcome? {
        switch body {
        case .deny(let conditions): return deny(conditions, validation, &context)
        case .pattern(let pattern):
            guard let object = target(scope) else { return nil }
            do {
                let verdict = try pattern.pattern(for: object, in: &context).match(object)
                return outcome(of: verdict, validation, &context)
            } catch {
                return RuleOutcome(.error, "variable substitution failed: \(error)")
            }
        case .anyPattern(let patterns):
            guard let object = target(scope) else { return nil }
            return anyPattern(patterns, object, validation, &context)
        case .foreach(let entries):
            return foreach(entries, validation, scope, &context)
        case .podSecurity(let check):
            return podSecurity(check, [])
        case .expressions(let expressions):
            let verdict = expressions.evaluate(request, surroundings)
            return RuleOutcome(
                verdict.outcome,
                verdict.outcome == .pass
                    ? "validation rule '\(rule.name)' passed." : verdict.message,
                annotations: verdict.annotations)
        }
    }

    /// What patterns are held against: the element, or else the new object; `nil` on DELETE, where
    /// there is none.
    private func target(_ scope: ElementScope) -> JSONValue? {
        if let element = scope.element { return element }
        return request.operation == .delete ? nil : request.object
    }

    private func deny(
        _ conditions: ConditionBlock?, _ validation: Validation,
        _ context: inout EvaluationContext
    ) -> RuleOutcome {
        do {
            let verdict = try conditions?.verdict(in: &context)
            guard verdict?.holds ?? true else {
                return RuleOutcome(.pass, "validation rule '\(rule.name)' passed.")
            }
            let own = validation.message.map { text($0, &context) } ?? ""
            let parts = [own, verdict?.message ?? ""].filter { !$0.isEmpty }
            return RuleOutcome(
                .fail,
                parts.isEmpty
                    ? "validation error: rule \(rule.name) failed"
                    : parts.joined(separator: "; "))
        } catch {
            return RuleOutcome(.error, "failed to check deny conditions: \(error)")
        }
    }

    private func outcome(
        of verdict: PatternVerdict, _ validation: Validation, _ context: inout EvaluationContext
    ) -> RuleOutcome {
        guard case .mismatch(let path, _) = verdict else {
            return RuleOutcome(verdict.outcome, verdict.text(rule: rule.name, message: ""))
        }
        let message = validation.message.map { text($0, &context) } ?? ""
        return RuleOutcome(
            verdict.outcome, verdict.text(rule: rule.name, message: message), path: path)
    }

    private func anyPattern(
        _ patterns: [RulePattern], _ object: JSONValue, _ validation: Validation,
        _ context: inout EvaluationContext
    ) -> RuleOutcome {
        var made: [KyvernoPattern] = []
        do {
            for pattern in patterns { made.append(try pattern.pattern(for: object, in: &context)) }
        } catch {
            return RuleOutcome(.error, "variable substitution failed: \(error)")
        }
        let verdict = KyvernoPattern.matchAny(made, object)
        var message = ""
        if verdict.outcome == .fail, let own = validation.message { message = text(own, &context) }
        var outcome = RuleOutcome(
            verdict.outcome, verdict.text(rule: rule.name, message: message))
        if case .mismatch(let faults) = verdict,
            case .mismatch(let path, _)? = faults.min(by: { $0.key < $1.key })?.value
        {
            outcome.path = path
        }
        return outcome
    }

    /// A message with its variables replaced. One that cannot be is given as it is written: the
    /// verdict matters more than its words.
    private func text(_ message: VariableText, _ context: inout EvaluationContext) -> String {
        (try? message.text(in: &context)) ?? message.source
    }

    // MARK: foreach

    private func foreach(
        _ entries: [Validation.Each], _ validation: Validation, _ scope: ElementScope,
        _ context: inout EvaluationContext
    ) -> RuleOutcome? {
        var passed = 0
        var failure: EvaluationError?
        for each in entries {
            let elements: [JSONValue]
            do {
                let value = try context.search(each.entry.list)
                elements = value.array ?? [value]
            } catch {
                // A list that is not there has no elements; one that cannot be evaluated must not
                // look like that.
                if error.kind != .notFound { failure = error }
                if error.kind == .limit { break }
                continue
            }
            for (index, element) in elements.enumerated() where !element.isNull {
                let outcome = context.scoped { context in
                    self.outcome(of: element, index, each, validation, scope, &context)
                }
                switch outcome?.outcome {
                case nil, .skip: continue
                case .pass: passed += 1
                default:
                    guard var outcome else { continue }
                    outcome.message = "validation failure: " + outcome.message
                    return outcome
                }
            }
        }
        if passed > 0, failure?.kind != .limit { return RuleOutcome(.pass, "rule passed") }
        return failure.map { RuleOutcome(.error, "failed to evaluate list: \($0)") }
    }

    private func outcome(
        of element: JSONValue, _ index: Int, _ each: Validation.Each, _ validation: Validation,
        _ scope: ElementScope, _ context: inout EvaluationContext
    ) -> RuleOutcome? {
        do { try context.spend(EvaluationContext.elementSteps) } catch {
            return RuleOutcome(.error, error.description)
        }
        let isObject = element.object != nil
        if each.elementScope == true, !isObject {
            return RuleOutcome(
                .error,
                "failed to process foreach: elementScope needs elements that are objects, not "
                    + element.typeName)
        }
        var inner = scope
        inner.depth += 1
        if each.elementScope ?? isObject { inner.element = element }
        do {
            guard try enter(element, index, of: each.entry, depth: scope.depth, &context) else {
                return nil
            }
        } catch {
            return error.kind == .limit ? RuleOutcome(.error, error.description) : nil
        }
        return outcome(of: each.body, validation, inner, &context)
    }

    /// Shows an element to the expressions of a `foreach` at `depth`, with what the entry declares
    /// for it. Returns whether the entry is about the element.
    func enter(
        _ element: JSONValue, _ index: Int, of entry: ForeachEntry, depth: Int,
        _ context: inout EvaluationContext
    ) throws(EvaluationError) -> Bool {
        context.enter(element, index, depth: depth)
        context.merge(ruleValues)
        context.declare(entry.context)
        return try entry.preconditions?.verdict(in: &context).holds ?? true
    }
}

extension EvaluationContext {
    /// Makes `element` the one that the expressions of a `foreach` at `depth` see.
    mutating func enter(_ element: JSONValue, _ index: Int, depth: Int) {
        set("element", element)
        set("element\(depth)", element)
        set("elementIndex", .int(index))
        set("elementIndex\(depth)", .int(index))
    }
}
