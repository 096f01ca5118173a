/// A parsed expression. Macros are already what they mean.
final class Expression: Sendable {
    /// Unlike that of every other node of the same expression.
    let id: Int
    /// Where messages point to, in code points from the start of the source.
    let offset: Int
    let kind: Kind
    /// How many nodes are below each other; bounded, so that walking is safe.
    let depth: Int

    init(id: Int, offset: Int, depth: Int, _ kind: Kind) {
        self.id = id
        self.offset = offset
        self.depth = depth
        self.kind = kind
    }

    indirect enum Kind: Sendable {
        case literal(CELValue)
        /// A name; with `rooted` it was written with a leading dot.
        case identifier(String, rooted: Bool)
        case select(Expression, field: String, optional: Bool)
        case index(Expression, Expression, optional: Bool)
        /// The macro `has(operand.field)`.
        case has(Expression, field: String)
        case call(String, [Expression], rooted: Bool)
        case method(Expression, String, [Expression])
        case and(Expression, Expression)
        case or(Expression, Expression)
        case conditional(Expression, Expression, Expression)
        case list([Element])
        case map([Entry])
        case message(String, [Entry])
        case loop(Loop)
        case bind(String, Expression, Expression)
        /// The macros `optMap` and, with `flat`, `optFlatMap`.
        case optionalMap(Expression, variable: String, Expression, flat: Bool)
        /// The macro `sortBy(variable, key)`.
        case sortBy(Expression, variable: String, Expression)
        case block([Expression], Expression)
    }

    struct Element: Sendable {
        var value: Expression
        var optional: Bool
    }

    struct Entry: Sendable {
        var key: Expression
        var value: Expression
        var optional: Bool
    }

    /// A macro that walks a list or a map.
    struct Loop: Sendable {
        enum Kind: Sendable {
            case all, exists, existsOne, map, filter
            case transformList, transformMap, transformMapEntry
        }

        var kind: Kind
        var range: Expression
        var first: String
        /// The second variable of two-variable forms.
        var second: String?
        /// The condition; of `map` and its like the filter, where there is one.
        var condition: Expression?
        /// What is collected.
        var transform: Expression?
    }
}

/// What an expression may ask of the parser.
public struct CELFeatures: Hashable, Sendable {
    /// `cel.bind`, `cel.block` and quoted field names, and the libraries `math`, `base64` and the
    /// extended `regex`, none of which Kubernetes has.
    public var extended: Bool
    /// Whether list and map literals must have elements of one type.
    public var homogeneousLiterals: Bool

    /// What Kubernetes 1.36 offers in rules and policies.
    public static let kubernetes = CELFeatures(extended: false, homogeneousLiterals: true)
    /// Everything that this implementation knows.
    public static let all = CELFeatures(extended: true, homogeneousLiterals: false)
}
