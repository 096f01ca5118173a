import CEL

/// The expressions of one policy, compiled.
struct ExpressionSet: Sendable {
    /// One of `matchConditions`.
    struct Condition: Sendable {
        let name: String
        let program: CELProgram
    }

    /// One of `variables`.
    struct Variable: Sendable {
        let name: String
        let program: CELProgram
    }

    /// One of `validations`.
    struct Validation: Sendable {
        let program: CELProgram
        let message: String
        let messageProgram: CELProgram?
        /// Where it stands in the policy, as in `validations[0]`.
        let place: String
    }

    /// One of `auditAnnotations`.
    struct Annotation: Sendable {
        let key: String
        let program: CELProgram
    }

    var dialect: ExpressionDialect
    var conditions: [Condition] = []
    var variables: [Variable] = []
    /// Where each variable stands, by its whole name, as in `variables.containers`.
    var places: [String: Int] = [:]
    var validations: [Validation] = []
    var annotations: [Annotation] = []
}
