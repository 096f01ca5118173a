/// Why an expression could not be compiled or evaluated.
public struct CELError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Hashable, Sendable {
        /// The text breaks CEL's grammar or asks for more than the limits allow.
        case syntax
        /// The type checker refuses the expression.
        case check
        /// The evaluation failed.
        case evaluation
        /// The evaluation was cancelled because it cost too much.
        case cost
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, in the words of Kubernetes' own CEL.
    public let message: String

    /// A fault by its parts.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What is wrong.
    public var description: String { message }

    /// A fault of the evaluation.
    init(_ message: String) { self.init(.evaluation, message) }

    /// An operation does not exist for its operands.
    static let noOverload = CELError(.evaluation, "no such overload")
    /// The expression has used up what one evaluation may cost.
    static let overCost = CELError(
        .cost, "operation cancelled: actual cost limit exceeded")
}
