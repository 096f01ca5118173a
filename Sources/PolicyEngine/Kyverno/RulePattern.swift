import KubernetesCore

/// A pattern of a rule: read once, or again for each object where variables are in it.
struct RulePattern: Sendable {
    private enum Form: Sendable {
        case fixed(KyvernoPattern)
        case made(Template)
    }

    private let form: Form

    /// Reads the pattern that stands at `path`.
    init(_ pattern: JSONValue, at path: String, in place: PolicyPlace) throws(PolicyProblem) {
        let resolved: JSONValue
        let fixed: KyvernoPattern
        do throws(PatternProblem) {
            resolved = try KyvernoPattern.resolvingReferences(in: pattern)
            fixed = try KyvernoPattern(resolved)
        } catch {
            throw place.problem(path, error.description)
        }
        let template = try Template(resolved, at: path, in: place, place: "request.object")
        form = template.constant == nil ? .made(template) : .fixed(fixed)
    }

    /// The pattern for `object`.
    func pattern(
        for object: JSONValue, in context: inout EvaluationContext
    ) throws(EvaluationError) -> KyvernoPattern {
        switch form {
        case .fixed(let pattern): return pattern
        case .made(let template):
            let value = try template.value(in: &context)
            // What variables bring in may be as long as an object, and so may what it is held
            // against.
            let wildcards = JSONSize.longestWildcard(in: value)
            if wildcards > 0 { try context.spend(wildcards * JSONSize.of(object) / 256) }
            do {
                return try KyvernoPattern(replaced: value)
            } catch {
                throw EvaluationError(.failed, "the pattern cannot be used: \(error)")
            }
        }
    }
}
