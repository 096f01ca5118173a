/// Reads the grammar of label selectors in queries.
struct LabelSelectorParser {
    private enum Token: Hashable {
        case end
        case word(String)
        case sign(String)
        case fault(String)

        var text: String {
            switch self {
            case .end: ""
            case .word(let text), .sign(let text), .fault(let text): text
            }
        }
    }

    private static let signs: Set<String> = [")", "(", ",", "!", "=", "==", "!=", ">", "<"]
    private static let operations: [String: LabelRequirement.Operation] = [
        "in": .isIn, "notin": .isNotIn, "=": .equals, "==": .doubleEquals, "!=": .notEquals,
        ">": .greaterThan, "<": .lessThan,
    ]

    private var tokens: [Token] = []
    private var position = 0

    init(_ text: String) {
        let characters = Array(text.unicodeScalars)
        var at = 0
        while at < characters.count {
            if LabelSelectorParser.isSpace(characters[at]) {
                at += 1
            } else if LabelSelectorParser.isSign(characters[at]) {
                tokens.append(LabelSelectorParser.sign(characters, &at))
            } else {
                var word = String.UnicodeScalarView()
                while at < characters.count, !LabelSelectorParser.isSpace(characters[at]),
                    !LabelSelectorParser.isSign(characters[at])
                {
                    word.append(characters[at])
                    at += 1
                }
                tokens.append(.word(String(word)))
            }
        }
    }

    /// The longest sign that begins at `at`.
    private static func sign(_ characters: [Unicode.Scalar], _ at: inout Int) -> Token {
        var buffer = ""
        var found: String?
        while at < characters.count, isSign(characters[at]) {
            buffer.unicodeScalars.append(characters[at])
            if signs.contains(buffer) {
                found = buffer
            } else if found != nil {
                break
            }
            at += 1
        }
        if let found { return .sign(found) }
        return .fault("error expected: keyword found '\(buffer)'")
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
    }

    private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "!", "(", ")", ",", ">", "<": true
        default: false
        }
    }

    private var next: Token { position < tokens.count ? tokens[position] : .end }

    private mutating func consume() -> Token {
        defer { position += 1 }
        return next
    }

    mutating func parse() throws(SelectorError) -> [LabelRequirement] {
        var requirements: [LabelRequirement] = []
        while true {
            switch next {
            case .word, .sign("!"):
                do throws(SelectorError) {
                    requirements.append(try requirement())
                } catch {
                    throw SelectorError("unable to parse requirement: " + error.message)
                }
                let token = consume()
                if token == .end { return requirements }
                guard token == .sign(",") else {
                    throw SelectorError("found '\(token.text)', expected: ',' or 'end of string'")
                }
                switch next {
                case .word, .sign("!"): continue
                default:
                    throw SelectorError(
                        "found '\(next.text)', expected: identifier after ','")
                }
            case .end: return requirements
            default:
                throw SelectorError(
                    "found '\(next.text)', expected: !, identifier, or 'end of string'")
            }
        }
    }

    private mutating func requirement() throws(SelectorError) -> LabelRequirement {
        var token = consume()
        let negated = token == .sign("!")
        if negated { token = consume() }
        guard case .word(let key) = token else {
            throw SelectorError("found '\(token.text)', expected: identifier")
        }
        let faults = NameRules.qualifiedNameErrors(key)
        guard faults.isEmpty else {
            throw SelectorError(
                FieldError.invalid(.root, .string(key), faults.joined(separator: "; ")).message)
        }
        if negated { return try LabelRequirement(key, .doesNotExist) }
        if next == .end || next == .sign(",") { return try LabelRequirement(key, .exists) }
        let sign = consume()
        guard let operation = LabelSelectorParser.operations[sign.text] else {
            throw SelectorError(
                "found '\(sign.text)', expected: in, notin, =, ==, !=, gt, lt")
        }
        let values =
            operation == .isIn || operation == .isNotIn ? try list() : [try exactValue()]
        return try LabelRequirement(key, operation, values)
    }

    private mutating func exactValue() throws(SelectorError) -> String {
        if next == .end || next == .sign(",") { return "" }
        let token = consume()
        guard case .word(let value) = token else {
            throw SelectorError("found '\(token.text)', expected: identifier")
        }
        return value
    }

    private mutating func list() throws(SelectorError) -> [String] {
        let open = consume()
        guard open == .sign("(") else {
            throw SelectorError("found '\(open.text)' expected: '('")
        }
        let first = next
        switch first {
        case .word, .sign(","):
            let values = try words()
            guard consume() == .sign(")") else {
                throw SelectorError("found '\(first.text)', expected: ')'")
            }
            return values
        case .sign(")"):
            position += 1
            return []
        default:
            throw SelectorError("found '\(first.text)', expected: ',', ')' or identifier")
        }
    }

    /// Words separated by commas; nothing between two commas is the empty word.
    private mutating func words() throws(SelectorError) -> [String] {
        var values: [String] = []
        while true {
            let token = consume()
            switch token {
            case .word(let word):
                values.append(word)
                if next == .sign(")") { return values }
                guard next == .sign(",") else {
                    throw SelectorError("found '\(next.text)', expected: ',' or ')'")
                }
            case .sign(","):
                if values.isEmpty { values.append("") }
                if next == .sign(")") {
                    values.append("")
                    return values
                }
                if next == .sign(",") {
                    position += 1
                    values.append("")
                }
            default:
                throw SelectorError("found '\(token.text)', expected: ',', or identifier")
            }
        }
    }
}
