import KubernetesCore

/// A text of a policy that may hold variables, compiled once.
struct VariableText: Sendable {
    /// The longest text that variables may make, in bytes.
    static let bytesMax = 1 << 20
    /// How often a text may be searched for variables that others brought in.
    static let roundsMax = 32

    let source: String
    private let form: Form

    private struct Variable: Sendable {
        let query: Query
        let onDelete: Query
        let isShallow: Bool

        init(_ text: String, isShallow: Bool) throws(EvaluationError) {
            query = try Query(text)
            onDelete = try query.onDelete()
            self.isShallow = isShallow
        }

        func value(in context: inout EvaluationContext) throws(EvaluationError) -> JSONValue {
            try context.search(context.isDeletion ? onDelete : query)
        }
    }

    private enum Piece: Sendable {
        case literal(String)
        case variable(Variable)
    }

    private enum Form: Sendable {
        case plain
        /// The whole text is one variable: its value keeps its type.
        case single(Variable)
        case pieces([Piece])
        /// Variables inside variables, or escaped ones: found and replaced until none is left.
        case nested
    }

    /// Compiles `source`. `place` is the JMESPath of the value that `{{ @ }}` stands for: the one
    /// at the same place of the object that this text is a pattern for.
    init(_ source: String, place: String = "") throws(EvaluationError) {
        self.source = source
        guard VariableScanner.mayHold(source) else {
            form = .plain
            return
        }
        let bytes = Array(source.utf8)
        let matches = VariableScanner.matches(in: bytes)
        var pieces: [Piece] = []
        var at = 0
        var isNested = false
        for match in matches {
            let literal = String(decoding: bytes[at..<match.range.lowerBound], as: UTF8.self)
            isNested = isNested || VariableText.hasBraces(literal)
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            let (text, isShallow) = VariableScanner.expression(of: match, in: bytes)
            let path = text == "@" && !place.isEmpty ? place : text
            pieces.append(.variable(try Variable(path, isShallow: isShallow)))
            at = match.range.upperBound
        }
        let rest = String(decoding: bytes[at...], as: UTF8.self)
        isNested = isNested || VariableText.hasBraces(rest)
        if !rest.isEmpty { pieces.append(.literal(rest)) }
        if isNested {
            form = .nested
        } else if pieces.count == 1, case .variable(let variable)? = pieces.first {
            form = .single(variable)
        } else {
            form = .pieces(pieces)
        }
    }

    private static func hasBraces(_ text: String) -> Bool {
        VariableScanner.mayHold(text) || text.contains("}}")
    }

    /// Whether the text has no variables.
    var isPlain: Bool {
        if case .plain = form { true } else { false }
    }

    /// The text with its variables replaced. A text that is one variable gives its value as it is.
    func value(in context: inout EvaluationContext) throws(EvaluationError) -> JSONValue {
        switch form {
        case .plain: return .string(source)
        case .single(let variable): return try variable.value(in: &context)
        case .pieces(let pieces):
            var text = ""
            var isNested = false
            for piece in pieces {
                switch piece {
                case .literal(let literal): text += literal
                case .variable(let variable):
                    let value = try variable.value(in: &context)
                    let inserted = VariableText.inserted(value, isShallow: variable.isShallow)
                    isNested = isNested || VariableScanner.mayHold(inserted)
                    text += inserted
                    try VariableText.charge(text.utf8.count, inserted.utf8.count, &context)
                }
            }
            return isNested
                ? try VariableText.resolve(text, in: &context) : .string(text)
        case .nested: return try VariableText.resolve(source, in: &context)
        }
    }

    /// The text with its variables replaced, as text.
    func text(in context: inout EvaluationContext) throws(EvaluationError) -> String {
        let value = try value(in: &context)
        guard let text = value.string else { return value.text }
        return text
    }

    private static func inserted(_ value: JSONValue, isShallow: Bool) -> String {
        let text = value.string ?? value.text
        return isShallow ? VariableScanner.escaped(text) : text
    }

    /// Bounds a text that has grown to `length` by `count` bytes.
    private static func charge(
        _ length: Int, _ count: Int, _ context: inout EvaluationContext
    ) throws(EvaluationError) {
        guard length <= bytesMax else {
            throw EvaluationError(
                .limit, "variables make a text of more than \(bytesMax) bytes")
        }
        try context.spend(1 + count / 8)
    }

    /// Replaces variables until none is left.
    private static func resolve(
        _ source: String, in context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue {
        var bytes = Array(source.utf8)
        for _ in 0..<roundsMax {
            let matches = VariableScanner.matches(in: bytes)
            guard !matches.isEmpty else {
                return .string(
                    VariableScanner.unescaped(String(decoding: bytes, as: UTF8.self)))
            }
            var next: [UInt8] = []
            var at = 0
            for match in matches {
                next += bytes[at..<match.range.lowerBound]
                let (text, isShallow) = VariableScanner.expression(of: match, in: bytes)
                let value = try Variable(text, isShallow: isShallow).value(in: &context)
                if match.range == bytes.indices { return value }
                let inserted = inserted(value, isShallow: isShallow)
                next += inserted.utf8
                at = match.range.upperBound
                try charge(next.count, inserted.utf8.count, &context)
            }
            next += bytes[at...]
            bytes = next
        }
        throw EvaluationError(
            .limit, "\"\(source.prefix(100))\" brings in variables without an end")
    }
}
