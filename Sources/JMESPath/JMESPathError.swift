/// Why a JMESPath expression could not be compiled or evaluated.
public struct JMESPathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is, in the words of the JMESPath specification.
    public enum Code: String, Hashable, Sendable {
        /// The text breaks the grammar.
        case syntax = "syntax"
        /// A function was called with an argument of a type that it does not take.
        case invalidType = "invalid-type"
        /// An argument has the right type and a value that makes no sense, such as a step of zero.
        case invalidValue = "invalid-value"
        /// There is no function of that name.
        case unknownFunction = "unknown-function"
        /// A function was called with too few or too many arguments.
        case invalidArity = "invalid-arity"
        /// In the Kyverno dialect: a key that the expression asks for does not exist.
        case notFound = "not-found"
        /// The expression is larger, deeper or longer at work than the limits allow.
        case limit = "limit"
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong and where, for a person.
    public let message: String

    /// An error of kind `code`.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
