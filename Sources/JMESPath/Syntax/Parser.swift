import KubernetesCore

/// Reads an expression by precedence climbing, as the specification's grammar wants it.
struct Parser {
    /// The most nodes of an expression; rows count each of their parts.
    static let nodesMax = 4_000
    /// The most nodes below each other.
    static let depthMax = 200

    /// A node and how many nodes are below each other in it.
    struct Tree {
        var node: Node
        var depth: Int
    }

    let dialect: JMESPathDialect
    /// Whether a part was read that makes values instead of selecting them.
    private(set) var grows = false
    private let lexer: Lexer
    private let tokens: [Token]
    private var position = 0
    private var nodes = 0
    private var nesting = 0

    init(_ source: String, _ dialect: JMESPathDialect) throws(JMESPathError) {
        var lexer = Lexer(source, dialect)
        tokens = try lexer.tokens()
        self.lexer = lexer
        self.dialect = dialect
    }

    /// Reads the whole expression.
    mutating func parse() throws(JMESPathError) -> Node {
        let tree = try expression(0)
        guard case .end = current else { throw unexpected("the end of the expression") }
        return tree.node
    }

    // MARK: Words

    var current: Token.Kind { tokens[position].kind }

    /// The word behind the current one.
    var following: Token.Kind { tokens[min(position + 1, tokens.count - 1)].kind }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    func fault(_ message: String) -> JMESPathError {
        lexer.fault(message, at: tokens[position].offset)
    }

    func unexpected(_ wanted: String) -> JMESPathError {
        fault("expected \(wanted), found \(current.name)")
    }

    mutating func expect(_ found: Bool, _ wanted: String) throws(JMESPathError) {
        guard found else { throw unexpected(wanted) }
        advance()
    }

    // MARK: Nodes

    /// A node above nodes of `depths`.
    mutating func tree(_ node: Node, _ depths: Int...) throws(JMESPathError) -> Tree {
        try tree(node, depths: depths)
    }

    mutating func tree(_ node: Node, depths: [Int]) throws(JMESPathError) -> Tree {
        nodes += 1
        let depth = (depths.max() ?? 0) + 1
        guard nodes <= Self.nodesMax else {
            throw JMESPathError(.limit, "the expression has more than \(Self.nodesMax) parts")
        }
        guard depth <= Self.depthMax else { throw tooDeep }
        return Tree(node: node, depth: depth)
    }

    private var tooDeep: JMESPathError {
        JMESPathError(
            .limit, "the expression has more than \(Self.depthMax) parts inside each other")
    }

    /// `right` applied to what `left` gives.
    mutating func chain(_ left: Tree, _ right: Tree) throws(JMESPathError) -> Tree {
        var parts: [Node] = []
        switch left.node {
        case .current: return right
        case .chain(let row): parts = row
        default: parts = [left.node]
        }
        if case .chain(let row) = right.node { parts += row } else { parts.append(right.node) }
        // A row is as deep as its deepest part and itself.
        return try tree(.chain(parts), max(left.depth, right.depth) - 1)
    }

    // MARK: Expressions

    /// Reads an expression up to the first word that binds no stronger than `power`.
    mutating func expression(_ power: Int) throws(JMESPathError) -> Tree {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.depthMax else { throw tooDeep }
        var left = try prefix()
        while power < current.power { left = try infix(left) }
        return left
    }

    private mutating func prefix() throws(JMESPathError) -> Tree {
        let kind = current
        switch kind {
        case .literal(let value):
            advance()
            return try tree(.literal(value))
        case .identifier(let name):
            if following.isOpenParen { return try call(name) }
            advance()
            return try tree(.field(name))
        case .quoted(let name):
            if following.isOpenParen { throw fault("a function's name must not be quoted") }
            advance()
            return try tree(.field(name))
        case .current:
            advance()
            return try tree(.current)
        case .star, .filter, .flatten: return try infix(try tree(.current), isFirst: true)
        case .openBracket: return try bracket()
        case .openBrace: return try hash()
        case .openParen:
            advance()
            let inner = try expression(0)
            try expect(current.isCloseParen, ")")
            return inner
        case .not:
            advance()
            let inner = try expression(Token.Kind.notPower)
            return try tree(.not(inner.node), inner.depth)
        case .expression: throw fault("& may stand before an argument of a function only")
        default: throw unexpected("an expression")
        }
    }

    /// Reads what stands behind `left`. `isFirst` says that `left` is not written.
    private mutating func infix(
        _ left: Tree, isFirst: Bool = false
    ) throws(JMESPathError) -> Tree {
        let kind = current
        switch kind {
        case .dot: return try member(of: left)
        case .pipe, .or, .and: return try row(left)
        case .comparator(let comparator):
            advance()
            let right = try expression(kind.power)
            return try tree(
                .comparison(comparator, left.node, right.node), left.depth, right.depth)
        case .filter: return try filter(left)
        case .flatten:
            advance()
            let flat = try tree(.flatten(left.node), left.depth)
            let right = try projected(kind.power)
            return try tree(
                .projection(left: flat.node, right: right.node), flat.depth, right.depth)
        case .star where isFirst:
            advance()
            let right = try projected(kind.power)
            return try tree(
                .valueProjection(left: left.node, right: right.node), left.depth, right.depth)
        case .openBracket: return try bracket(behind: left)
        default: throw unexpected("an operator or the end of the expression")
        }
    }

    /// `a || b || c`, `a && b`, `a | b`: joined into one node.
    private mutating func row(_ left: Tree) throws(JMESPathError) -> Tree {
        let kind = current
        advance()
        let right = try expression(kind.power)
        let depth = max(left.depth - 1, right.depth)
        switch (kind, left.node) {
        case (.pipe, .pipe(let row)): return try tree(.pipe(row + [right.node]), depth)
        case (.pipe, _): return try tree(.pipe([left.node, right.node]), left.depth, right.depth)
        case (.or, .or(let row)): return try tree(.or(row + [right.node]), depth)
        case (.or, _): return try tree(.or([left.node, right.node]), left.depth, right.depth)
        case (_, .and(let row)): return try tree(.and(row + [right.node]), depth)
        default: return try tree(.and([left.node, right.node]), left.depth, right.depth)
        }
    }
}

extension Parser {
    /// What stands behind a dot.
    private mutating func member(of left: Tree) throws(JMESPathError) -> Tree {
        advance()
        guard current.isStar else {
            let right = try behindDot(Token.Kind.dot.power)
            return try chain(left, right)
        }
        advance()
        let right = try projected(Token.Kind.dot.power)
        return try tree(
            .valueProjection(left: left.node, right: right.node), left.depth, right.depth)
    }

    private mutating func behindDot(_ power: Int) throws(JMESPathError) -> Tree {
        switch current {
        case .identifier, .quoted, .star: return try expression(power)
        case .openBracket:
            advance()
            return try list()
        case .openBrace: return try hash()
        default: throw unexpected("a name, *, [ or { behind the dot")
        }
    }

    /// What is applied to each element of a projection.
    private mutating func projected(_ power: Int) throws(JMESPathError) -> Tree {
        if current.power < Token.Kind.projectionStop { return try tree(.current) }
        switch current {
        case .openBracket, .filter: return try expression(power)
        case .dot:
            advance()
            return try behindDot(power)
        default: throw unexpected("., [ or the end of the projection")
        }
    }

    private mutating func filter(_ left: Tree) throws(JMESPathError) -> Tree {
        advance()
        let condition = try expression(0)
        try expect(current.isCloseBracket, "]")
        var right = try tree(.current)
        if case .flatten = current {} else { right = try projected(Token.Kind.filter.power) }
        return try tree(
            .filter(left: left.node, condition: condition.node, right: right.node),
            left.depth, condition.depth, right.depth)
    }

    /// An expression that starts with a bracket.
    private mutating func bracket() throws(JMESPathError) -> Tree {
        switch following {
        case .number, .colon: return try bracket(behind: try tree(.current))
        case .star:
            let start = position
            advance()
            guard following.isCloseBracket else {
                // A multi-select list whose first item is `*`.
                position = start + 1
                return try list()
            }
            position = start
            return try bracket(behind: try tree(.current))
        default:
            advance()
            return try list()
        }
    }

    /// An index, a slice or `[*]` behind `left`.
    private mutating func bracket(behind left: Tree) throws(JMESPathError) -> Tree {
        advance()
        if current.isStar {
            advance()
            try expect(current.isCloseBracket, "]")
            let right = try projected(Token.Kind.star.power)
            return try tree(
                .projection(left: left.node, right: right.node), left.depth, right.depth)
        }
        if case .number(let index) = current, following.isCloseBracket {
            advance()
            advance()
            return try chain(left, try tree(.index(index)))
        }
        let part = try tree(.slice(try slice()))
        let sliced = try chain(left, part)
        let right = try projected(Token.Kind.star.power)
        return try tree(
            .projection(left: sliced.node, right: right.node), sliced.depth, right.depth)
    }

    private mutating func slice() throws(JMESPathError) -> Slice {
        var parts: [Int?] = [nil]
        while !current.isCloseBracket {
            switch current {
            case .colon where parts.count < 3: parts.append(nil)
            case .number(let number) where parts.last == .some(nil):
                parts[parts.count - 1] = number
            default: throw unexpected("a number, : or ]")
            }
            advance()
        }
        guard parts.count > 1 else { throw unexpected("a number, *, or a slice") }
        advance()
        return Slice(start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }

    /// A multi-select list behind its bracket.
    private mutating func list() throws(JMESPathError) -> Tree {
        grows = true
        var items: [Node] = []
        var depths: [Int] = []
        while true {
            let item = try expression(0)
            items.append(item.node)
            depths.append(item.depth)
            if current.isCloseBracket { break }
            try expect(current.isComma, ", or ]")
        }
        advance()
        return try tree(.list(items), depths: depths)
    }

    private mutating func hash() throws(JMESPathError) -> Tree {
        grows = true
        advance()
        var members: [HashMember] = []
        var depths: [Int] = []
        while true {
            let key: String
            switch current {
            case .identifier(let name), .quoted(let name): key = name
            default: throw unexpected("a key")
            }
            advance()
            try expect(current.isColon, ":")
            let value = try expression(0)
            members.append(HashMember(key: key, value: value.node))
            depths.append(value.depth)
            if current.isCloseBrace { break }
            // Kyverno's reader does not miss the comma between two members.
            if dialect == .standard || current.isComma { try expect(current.isComma, ", or }") }
        }
        advance()
        return try tree(.hash(members), depths: depths)
    }

    private mutating func call(_ name: String) throws(JMESPathError) -> Tree {
        grows = true
        let function = try self.function(name)
        advance()
        advance()
        var arguments: [CallArgument] = []
        var depths: [Int] = []
        while !current.isCloseParen {
            if !arguments.isEmpty { try expect(current.isComma, ", or )") }
            var isReference = false
            if case .expression = current {
                isReference = true
                advance()
            }
            let argument = try expression(0)
            arguments.append(isReference ? .expression(argument.node) : .value(argument.node))
            depths.append(argument.depth)
        }
        advance()
        try function.checkCount(arguments.count)
        var pattern: Pattern?
        if function.takesPattern, case .value(.literal(.string(let text)))? = arguments.first {
            // One that does not compile fails where it is used, as in Kyverno.
            pattern = try? Pattern(text)
        }
        return try tree(
            .call(Call(function: function, arguments: arguments, pattern: pattern)),
            depths: depths)
    }

    private func function(_ name: String) throws(JMESPathError) -> Function {
        if let function = FunctionTable.function(name, dialect) { return function }
        let isKyverno = FunctionTable.function(name, .kyverno) != nil
        let hint = isKyverno ? "; Kyverno's dialect has one" : ""
        throw JMESPathError(
            .unknownFunction, fault("there is no function \(name)\(hint)").message)
    }
}
