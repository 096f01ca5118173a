/// Reads an expression. The depth of nesting is bounded.
struct CELParser {
    static let sourceMax = 100_000
    static let depthMax = 250

    let source: CELSource
    let features: CELFeatures
    private let tokens: [CELToken]
    private var at = 0
    private var nesting = 0
    private var lastID = 0

    /// Parses `text`.
    static func parse(
        _ text: String, features: CELFeatures
    ) throws(CELError) -> (Expression, CELSource) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= sourceMax else {
            throw CELError(
                .syntax,
                "ERROR: <input>:-1:0: expression code point size exceeds limit: "
                    + "size: \(scalars.count), limit \(sourceMax)")
        }
        var lexer = CELLexer(scalars)
        var parser = CELParser(
            tokens: try lexer.tokens(), source: CELSource(scalars), features: features)
        let result = try parser.expression()
        guard parser.current.kind == .end else { throw parser.mismatch("<EOF>") }
        return (result, parser.source)
    }

    private init(tokens: [CELToken], source: CELSource, features: CELFeatures) {
        self.tokens = tokens
        self.source = source
        self.features = features
    }

    // MARK: Operators

    /// Reads a whole expression: the level of `?:`.
    mutating func expression() throws(CELError) -> Expression {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.depthMax else { throw tooDeep() }
        let condition = try chain("||")
        let offset = current.start
        guard accept("?") else { return condition }
        let first = try chain("||")
        try expect(":")
        let second = try expression()
        return try make(offset, .conditional(condition, first, second))
    }

    /// Reads `a || b || …` or `a && b && …` into a balanced tree, as deep as its logarithm.
    private mutating func chain(_ symbol: String) throws(CELError) -> Expression {
        var terms = [symbol == "||" ? try chain("&&") : try relation()]
        var offsets: [Int] = []
        while isSymbol(symbol) {
            offsets.append(current.start)
            at += 1
            terms.append(symbol == "||" ? try chain("&&") : try relation())
        }
        return try balanced(terms, offsets, 0, terms.count, isOr: symbol == "||")
    }

    private mutating func balanced(
        _ terms: [Expression], _ offsets: [Int], _ low: Int, _ high: Int, isOr: Bool
    ) throws(CELError) -> Expression {
        guard high - low > 1 else { return terms[low] }
        let middle = (low + high + 1) / 2
        let left = try balanced(terms, offsets, low, middle, isOr: isOr)
        let right = try balanced(terms, offsets, middle, high, isOr: isOr)
        return try make(offsets[middle - 1], isOr ? .or(left, right) : .and(left, right))
    }

    private static let relations: [String: String] = [
        "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_",
    ]

    private mutating func relation() throws(CELError) -> Expression {
        var left = try sum()
        while true {
            let offset = current.start
            let name: String
            if case .symbol(let text) = current.kind, let relation = Self.relations[text] {
                name = relation
            } else if current.kind == .identifier("in") {
                name = "@in"
            } else {
                return left
            }
            at += 1
            left = try make(offset, .call(name, [left, try sum()], rooted: false))
        }
    }

    private mutating func sum() throws(CELError) -> Expression {
        var left = try product()
        while isSymbol("+") || isSymbol("-") {
            let name = isSymbol("+") ? "_+_" : "_-_"
            let offset = current.start
            at += 1
            left = try make(offset, .call(name, [left, try product()], rooted: false))
        }
        return left
    }

    private mutating func product() throws(CELError) -> Expression {
        var left = try unary()
        while isSymbol("*") || isSymbol("/") || isSymbol("%") {
            let name = isSymbol("*") ? "_*_" : isSymbol("/") ? "_/_" : "_%_"
            let offset = current.start
            at += 1
            left = try make(offset, .call(name, [left, try unary()], rooted: false))
        }
        return left
    }

    private mutating func unary() throws(CELError) -> Expression {
        let offset = current.start
        var count = 0
        if isSymbol("!") {
            while accept("!") { count += 1 }
            let operand = try member()
            if count % 2 == 0 { return operand }
            return try make(offset, .call("!_", [operand], rooted: false))
        }
        guard isSymbol("-") else { return try member() }
        while isSymbol("-") {
            // The last sign before a number belongs to the literal.
            if let number = negativeLiteral() {
                at += 2
                let literal = try make(offset, .literal(number))
                let operand = try suffixes(of: literal)
                if count % 2 == 0 { return operand }
                return try make(offset, .call("-_", [operand], rooted: false))
            }
            at += 1
            count += 1
        }
        let operand = try member()
        if count % 2 == 0 { return operand }
        return try make(offset, .call("-_", [operand], rooted: false))
    }

    private func negativeLiteral() -> CELValue? {
        switch tokens[min(at + 1, tokens.count - 1)].kind {
        case .int(let number): .int(-number)
        case .largeInt: .int(.min)
        case .double(let number): .double(-number)
        default: nil
        }
    }

    // MARK: Members

    private mutating func member() throws(CELError) -> Expression {
        try suffixes(of: try primary())
    }

    /// Reads `.name`, `.name(…)` and `[…]` behind `operand`.
    private mutating func suffixes(of operand: Expression) throws(CELError) -> Expression {
        var result = operand
        while true {
            let offset = current.start
            if accept(".") {
                let optional = accept("?")
                let name = try fieldName()
                if isSymbol("("), !optional {
                    let open = current.start
                    let arguments = try self.arguments()
                    result = try method(result, name, arguments, at: open)
                } else {
                    result = try make(
                        offset, .select(result, field: name, optional: optional))
                }
            } else if accept("[") {
                let optional = accept("?")
                let key = try expression()
                try expect("]")
                result = try make(offset, .index(result, key, optional: optional))
            } else {
                return result
            }
        }
    }

    private mutating func fieldName() throws(CELError) -> String {
        let token = current
        switch token.kind {
        case .identifier(let name) where !CELWords.keywords.contains(name):
            at += 1
            return name
        case .quotedIdentifier(let name) where features.extended && !isOpening(at + 1):
            at += 1
            return name
        default: throw mismatch("IDENTIFIER")
        }
    }

    private func isOpening(_ index: Int) -> Bool {
        index < tokens.count && tokens[index].kind == .symbol("(")
    }

    private mutating func arguments() throws(CELError) -> [Expression] {
        try expect("(")
        var result: [Expression] = []
        if accept(")") { return result }
        repeat { result.append(try expression()) } while accept(",")
        try expect(")")
        return result
    }

    private mutating func primary() throws(CELError) -> Expression {
        let token = current
        switch token.kind {
        case .int(let number): return try literal(.int(number))
        case .uint(let number): return try literal(.uint(number))
        case .double(let number): return try literal(.double(number))
        case .string(let text): return try literal(.string(text))
        case .bytes(let bytes): return try literal(.bytes(bytes))
        case .largeInt: throw fault(token.start, "invalid int literal")
        case .identifier("true"): return try literal(.bool(true))
        case .identifier("false"): return try literal(.bool(false))
        case .identifier("null"): return try literal(.null)
        case .identifier(let name) where name != "in": return try name_(name, rooted: false)
        case .symbol("."):
            at += 1
            guard case .identifier(let name) = current.kind, !CELWords.keywords.contains(name)
            else { throw mismatch("IDENTIFIER") }
            return try name_(name, rooted: true)
        case .symbol("("):
            at += 1
            let inner = try expression()
            try expect(")")
            return inner
        case .symbol("["): return try listLiteral()
        case .symbol("{"):
            at += 1
            return try make(token.start, .map(try entries(isMessage: false)))
        default:
            throw mismatch("{'[', '{', '(', '.', '-', '!', literal, IDENTIFIER}")
        }
    }

    private mutating func literal(_ value: CELValue) throws(CELError) -> Expression {
        at += 1
        return try make(tokens[at - 1].start, .literal(value))
    }

    private mutating func name_(_ name: String, rooted: Bool) throws(CELError) -> Expression {
        let start = current.start
        if let fields = messageName() {
            let entries = try entries(isMessage: true)
            return try make(start, .message(fields, entries))
        }
        guard !CELWords.reserved.contains(name) else {
            throw fault(start, "reserved identifier: \(name)")
        }
        at += 1
        guard isSymbol("(") else { return try make(start, .identifier(name, rooted: rooted)) }
        let open = current.start
        let arguments = try self.arguments()
        if !rooted, let macro = try globalMacro(name, arguments, at: open) { return macro }
        return try make(open, .call(name, arguments, rooted: rooted))
    }

    /// The name before the brace of a message literal, which is then read up to the brace; `nil`,
    /// having read nothing, where no message literal begins here.
    private mutating func messageName() -> String? {
        var index = at
        var name = ""
        while index + 1 < tokens.count, case .identifier(let part) = tokens[index].kind {
            name += part
            switch tokens[index + 1].kind {
            case .symbol("{"):
                at = index + 2
                return name
            case .symbol("."):
                name += "."
                index += 2
            default: return nil
            }
        }
        return nil
    }

    private mutating func listLiteral() throws(CELError) -> Expression {
        let start = current.start
        at += 1
        var elements: [Expression.Element] = []
        if !(isSymbol(",") && tokens[at + 1].kind == .symbol("]")) {
            while !isSymbol("]") {
                let optional = accept("?")
                elements.append(.init(value: try expression(), optional: optional))
                guard accept(",") else { break }
            }
        } else {
            at += 1
        }
        try expect("]")
        return try make(start, .list(elements))
    }

    private mutating func entries(isMessage: Bool) throws(CELError) -> [Expression.Entry] {
        var result: [Expression.Entry] = []
        if isSymbol(","), tokens[at + 1].kind == .symbol("}") { at += 1 }
        while !isSymbol("}") {
            let optional = accept("?")
            let key: Expression
            if isMessage {
                let offset = current.start
                key = try make(offset, .literal(.string(try fieldName())))
            } else {
                key = try expression()
            }
            try expect(":")
            result.append(.init(key: key, value: try expression(), optional: optional))
            guard accept(",") else { break }
        }
        try expect("}")
        return result
    }

    // MARK: Reading

    private var current: CELToken { tokens[min(at, tokens.count - 1)] }

    private func isSymbol(_ text: String) -> Bool { current.kind == .symbol(text) }

    private mutating func accept(_ text: String) -> Bool {
        guard isSymbol(text) else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ text: String) throws(CELError) {
        guard accept(text) else { throw mismatch("'\(text)'") }
    }

    private func mismatch(_ expected: String) -> CELError {
        let token = current
        var shown = "<EOF>"
        if token.kind != .end {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: source.scalars[token.start..<token.end])
            shown = String(view)
        }
        return fault(
            token.start, "Syntax error: mismatched input '\(shown)' expecting \(expected)")
    }

    func fault(_ offset: Int, _ message: String) -> CELError {
        source.error(.syntax, at: offset, message)
    }

    private func tooDeep() -> CELError {
        CELError(
            .syntax,
            "ERROR: <input>:-1:0: expression recursion limit exceeded: \(Self.depthMax)")
    }

    /// A node with the depth that follows from its parts.
    mutating func make(_ offset: Int, _ kind: Expression.Kind) throws(CELError) -> Expression {
        let depth = kind.children.reduce(0) { max($0, $1.depth) } + 1
        guard depth <= Self.depthMax else { throw tooDeep() }
        lastID += 1
        return Expression(id: lastID, offset: offset, depth: depth, kind)
    }
}

/// Words with a meaning of their own.
enum CELWords {
    /// Words that are never names.
    static let keywords: Set<String> = ["true", "false", "null", "in"]
    /// Words that are no variables and no functions, but may be fields and methods.
    static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ]
}

extension Expression.Kind {
    /// The expressions right below.
    var children: [Expression] {
        switch self {
        case .literal, .identifier: []
        case .select(let operand, _, _), .has(let operand, _): [operand]
        case .index(let operand, let key, _): [operand, key]
        case .call(_, let arguments, _): arguments
        case .method(let target, _, let arguments): [target] + arguments
        case .and(let left, let right), .or(let left, let right): [left, right]
        case .conditional(let condition, let first, let second): [condition, first, second]
        case .list(let elements): elements.map(\.value)
        case .map(let entries), .message(_, let entries): entries.flatMap { [$0.key, $0.value] }
        case .loop(let loop):
            [loop.range] + [loop.condition, loop.transform].compactMap { $0 }
        case .bind(_, let value, let body): [value, body]
        case .optionalMap(let target, _, let body, _): [target, body]
        case .sortBy(let target, _, let key): [target, key]
        case .block(let slots, let body): slots + [body]
        }
    }
}
