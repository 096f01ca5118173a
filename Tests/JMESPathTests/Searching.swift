import JMESPath
import KubernetesCore

/// One line of a table: an expression and the JSON that it gives, or the error.
struct Line: CustomStringConvertible {
    let source: String
    let wanted: String

    init(_ source: String, _ wanted: String) {
        self.source = source
        self.wanted = wanted
    }

    var description: String { "\(source) gives \(wanted)" }

    /// What the line gives on `data`: JSON, or `error` and its kind.
    func answer(_ dialect: JMESPathDialect, on data: JSONValue = .null) -> String {
        Self.answer(source, dialect, on: data)
    }

    static func answer(
        _ source: String, _ dialect: JMESPathDialect, on data: JSONValue = .null,
        in environment: JMESPathEnvironment = JMESPathEnvironment()
    ) -> String {
        do throws(JMESPathError) {
            return try JMESPathExpression(source, dialect: dialect).search(data, environment).text
        } catch {
            return "error \(error.code.rawValue)"
        }
    }
}
