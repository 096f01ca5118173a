import CEL
import KubernetesCore

/// The rules in CEL of a custom resource's schema, compiled once.
struct CustomRules: Sendable {
    private let rules: CRDRules
    /// Whether the schema has no rules.
    let isEmpty: Bool

    init(_ schema: StructuralSchema) {
        rules = CRDRules(schema)
        isEmpty = rules.isEmpty
    }

    func validate(_ new: JSONValue, old: JSONValue?) -> [FieldError] {
        rules.validate(new, old: old)
    }

    /// What is wrong with the rules themselves.
    func definitionErrors(at path: FieldPath) -> [FieldError] { rules.compileErrors(at: path) }
}
