/// Why a part of a rule could not be evaluated for an object. It becomes a verdict `error`, never a
/// pass.
struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, as far as the outcome depends on it.
    enum Kind: Hashable, Sendable {
        /// A key that an expression asks for does not exist.
        case notFound
        /// An expression cannot be evaluated, or something could not be loaded.
        case failed
        /// The policy asks for more work than a decision may cost.
        case limit
    }

    let kind: Kind
    let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
