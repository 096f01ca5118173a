import KubernetesCore

/// A JMESPath expression that may itself hold variables.
struct QueryText: Sendable {
    private enum Form: Sendable {
        case fixed(Query)
        case made(VariableText)
    }

    private let form: Form

    /// Compiles what can be compiled now.
    init(_ text: String) throws(EvaluationError) {
        let source = try VariableText(text)
        form = source.isPlain ? .fixed(try Query(text)) : .made(source)
    }

    /// Reads the text of `key`, where there is one.
    init?(_ fields: Fields, _ key: String) throws(PolicyProblem) {
        guard let text = try fields.string(key), !text.isEmpty else { return nil }
        do {
            try self.init(text)
        } catch {
            throw fields.problem(key, error.description)
        }
    }

    /// The expression, its variables replaced.
    func query(in context: inout EvaluationContext) throws(EvaluationError) -> Query {
        switch form {
        case .fixed(let query): return query
        case .made(let text): return try Query(try text.text(in: &context))
        }
    }
}

extension VariableText {
    /// Reads the text of `key`, where there is one.
    init?(_ fields: Fields, _ key: String) throws(PolicyProblem) {
        guard let text = try fields.string(key), !text.isEmpty else { return nil }
        do {
            try self.init(text)
        } catch {
            throw fields.problem(key, error.description)
        }
    }
}
