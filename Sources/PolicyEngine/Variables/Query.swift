import JMESPath

/// A JMESPath expression of a policy, compiled once.
struct Query: Sendable {
    /// The longest expression in bytes.
    static let textMax = 64 << 10

    let text: String
    let expression: JMESPathExpression

    init(_ text: String) throws(EvaluationError) {
        self.text = text
        guard text.utf8.count <= Query.textMax else {
            throw EvaluationError(
                .limit, "an expression of \(text.utf8.count) bytes; \(Query.textMax) are allowed")
        }
        do {
            expression = try JMESPathExpression(text, dialect: .kyverno)
        } catch {
            throw EvaluationError(.failed, "\"\(text)\" is no JMESPath expression: \(error)")
        }
    }

    /// The same on DELETE, where there is no new object and variables mean the old one.
    func onDelete() throws(EvaluationError) -> Query {
        let other = TextReplacement.replace("request.object", "request.oldObject", in: text)
        return other == text ? self : try Query(other)
    }
}
