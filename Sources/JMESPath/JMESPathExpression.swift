public import KubernetesCore

/// A JMESPath expression, compiled once and searched with as often as wanted.
///
/// A text is bounded in bytes, nodes and nesting, and a search in steps and in the size of its
/// result, so that both end in bounded time for any text and any data.
public struct JMESPathExpression: Sendable {
    /// The longest text in bytes of UTF-8.
    public static let sourceMax = 100_000

    /// The text that was compiled.
    public let source: String
    /// The language it was read as.
    public let dialect: JMESPathDialect
    private let root: Node
    /// Whether a result can be larger than what is searched.
    private let grows: Bool

    /// Compiles `source`; fails with `syntax`, `unknown-function`, `invalid-arity` or `limit`, and
    /// says at which column.
    public init(
        _ source: String, dialect: JMESPathDialect = .standard
    ) throws(JMESPathError) {
        guard source.utf8.count <= Self.sourceMax else {
            throw JMESPathError(
                .limit,
                "the expression has \(source.utf8.count) bytes, more than \(Self.sourceMax)")
        }
        var parser = try Parser(source, dialect)
        root = try parser.parse()
        grows = parser.grows
        self.source = source
        self.dialect = dialect
    }

    /// What the expression selects from `data`.
    ///
    /// In the Kyverno dialect a key that does not exist, and that nothing in the expression stands
    /// in for, is the error `not-found`. An error `limit` says that the search was given up.
    public func search(
        _ data: JSONValue, _ environment: JMESPathEnvironment = JMESPathEnvironment()
    ) throws(JMESPathError) -> JSONValue {
        var interpreter = Interpreter(dialect, environment)
        let result = try interpreter.evaluate(root, data)
        if grows { try interpreter.measure(result) }
        return result
    }

    /// The same, with the steps of the search taken off `steps`: several searches share one
    /// allowance. A search ends in `limit` where fewer are left than it takes.
    public func search(
        _ data: JSONValue, _ environment: JMESPathEnvironment, steps: inout Int
    ) throws(JMESPathError) -> JSONValue {
        var interpreter = Interpreter(dialect, environment, steps: steps)
        let before = interpreter.steps
        defer { steps -= before - interpreter.steps }
        let result = try interpreter.evaluate(root, data)
        if grows { try interpreter.measure(result) }
        return result
    }
}

extension JMESPathExpression: Hashable {
    /// Whether both were made from the same text in the same dialect.
    public static func == (left: JMESPathExpression, right: JMESPathExpression) -> Bool {
        left.dialect == right.dialect && left.source.utf8.elementsEqual(right.source.utf8)
    }

    /// Feeds the text and the dialect.
    public func hash(into hasher: inout Hasher) {
        for byte in source.utf8 { hasher.combine(byte) }
        hasher.combine(dialect)
    }
}
