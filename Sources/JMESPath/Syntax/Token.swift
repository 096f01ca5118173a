import KubernetesCore

/// A word of an expression and where it starts.
struct Token: Sendable {
    enum Kind: Sendable {
        case identifier(String)
        case quoted(String)
        case literal(JSONValue)
        case number(Int)
        case comparator(Comparator)
        case dot, star, flatten, filter, openBracket, closeBracket, openBrace, closeBrace
        case openParen, closeParen, comma, colon, current, expression
        case pipe, or, and, not, end
    }

    let kind: Kind
    /// The offset in bytes.
    let offset: Int
}

extension Token.Kind {
    /// How strongly this binds what stands on its left; 0 ends an expression.
    var power: Int {
        switch self {
        case .pipe: 1
        case .or: 2
        case .and: 3
        case .comparator: 5
        case .flatten: 9
        case .star: 20
        case .filter: 21
        case .dot: 40
        case .openBracket: 55
        default: 0
        }
    }

    /// How strongly `!` binds what stands on its right.
    static let notPower = 45
    /// What binds less than this ends a projection.
    static let projectionStop = 10

    /// The word for a person.
    var name: String {
        switch self {
        case .identifier(let name): "the name \(name.prefix(50))"
        case .quoted(let name): "the name \"\(name.prefix(50))\""
        case .literal: "a literal"
        case .number(let number): "the number \(number)"
        case .comparator(let comparator): comparator.rawValue
        case .dot: "."
        case .star: "*"
        case .flatten: "[]"
        case .filter: "[?"
        case .openBracket: "["
        case .closeBracket: "]"
        case .openBrace: "{"
        case .closeBrace: "}"
        case .openParen: "("
        case .closeParen: ")"
        case .comma: ","
        case .colon: ":"
        case .current: "@"
        case .expression: "&"
        case .pipe: "|"
        case .or: "||"
        case .and: "&&"
        case .not: "!"
        case .end: "the end of the expression"
        }
    }

    var isStar: Bool { if case .star = self { true } else { false } }
    var isColon: Bool { if case .colon = self { true } else { false } }
    var isComma: Bool { if case .comma = self { true } else { false } }
    var isCloseBracket: Bool { if case .closeBracket = self { true } else { false } }
    var isCloseBrace: Bool { if case .closeBrace = self { true } else { false } }
    var isCloseParen: Bool { if case .closeParen = self { true } else { false } }
    var isOpenParen: Bool { if case .openParen = self { true } else { false } }
}
