/// A word of CEL.
struct CELToken: Sendable {
    enum Kind: Sendable, Equatable {
        case int(Int64)
        case uint(UInt64)
        case double(Double)
        /// A whole number that is too large for int64; only `-9223372036854775808` makes use of it.
        case largeInt
        case string(String)
        case bytes([UInt8])
        case identifier(String)
        case quotedIdentifier(String)
        /// An operator or a bracket.
        case symbol(String)
        case end
    }

    var kind: Kind
    /// Where it begins, in code points.
    var start: Int
    /// Where it ends.
    var end: Int
}

/// Cuts a source into words.
struct CELLexer {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private static let pairs: Set<String> = ["==", "!=", "<=", ">=", "&&", "||"]

    /// All words up to and with the end.
    mutating func tokens() throws(CELError) -> [CELToken] {
        var result: [CELToken] = []
        while true {
            let token = try next()
            result.append(token)
            if token.kind == .end { return result }
        }
    }

    private mutating func next() throws(CELError) -> CELToken {
        skipSpace()
        let start = position
        guard let scalar = peek() else { return CELToken(kind: .end, start: start, end: start) }
        let kind: CELToken.Kind
        if Self.isDigit(scalar) || (scalar == "." && peek(1).map(Self.isDigit) ?? false) {
            kind = try number()
        } else if let quoted = try stringLiteral() {
            kind = quoted
        } else if Self.isLetter(scalar) {
            while let next = peek(), Self.isLetter(next) || Self.isDigit(next) { position += 1 }
            kind = .identifier(text(start, position))
        } else if scalar == "`" {
            kind = try quotedIdentifier()
        } else if Self.pairs.contains(text(start, start + 2)) {
            position += 2
            kind = .symbol(text(start, position))
        } else if "()[]{}.,:?+-*/%!<>".unicodeScalars.contains(scalar) {
            position += 1
            kind = .symbol(text(start, position))
        } else {
            throw fault(
                start, "Syntax error: token recognition error at: '\(text(start, start + 1))'")
        }
        return CELToken(kind: kind, start: start, end: position)
    }

    private mutating func skipSpace() {
        while let scalar = peek() {
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
                || scalar == "\u{0C}"
            {
                position += 1
            } else if scalar == "/", peek(1) == "/" {
                while let next = peek(), next != "\n" { position += 1 }
            } else {
                return
            }
        }
    }

    private mutating func quotedIdentifier() throws(CELError) -> CELToken.Kind {
        let start = position
        position += 1
        while let scalar = peek(), scalar != "`" {
            let allowed =
                Self.isLetter(scalar) || Self.isDigit(scalar)
                || ".-/ ".unicodeScalars.contains(scalar)
            guard allowed else { break }
            position += 1
        }
        guard peek() == "`", position > start + 1 else {
            throw fault(start, "Syntax error: token recognition error at: '`'")
        }
        position += 1
        return .quotedIdentifier(text(start + 1, position - 1))
    }

    // MARK: Numbers

    private mutating func number() throws(CELError) -> CELToken.Kind {
        let start = position
        if peek() == "0", peek(1) == "x", peek(2).map(Self.isHex) ?? false {
            position += 2
            while let scalar = peek(), Self.isHex(scalar) { position += 1 }
            return try whole(text(start + 2, position), radix: 16, start)
        }
        skipDigits()
        var isDouble = false
        if peek() == ".", peek(1).map(Self.isDigit) ?? false {
            isDouble = true
            position += 1
            skipDigits()
        }
        if peek() == "e" || peek() == "E" {
            let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
            if peek(1 + sign).map(Self.isDigit) ?? false {
                isDouble = true
                position += 1 + sign
                skipDigits()
            }
        }
        guard isDouble else { return try whole(text(start, position), radix: 10, start) }
        var digits = text(start, position)
        if digits.hasPrefix(".") { digits = "0" + digits }
        guard let number = Double(digits), number.isFinite else {
            throw fault(start, "invalid double literal")
        }
        return .double(number)
    }

    private mutating func whole(
        _ digits: String, radix: Int, _ start: Int
    ) throws(CELError) -> CELToken.Kind {
        if peek() == "u" || peek() == "U" {
            position += 1
            guard let number = UInt64(digits, radix: radix) else {
                throw fault(start, "invalid uint literal")
            }
            return .uint(number)
        }
        if let number = Int64(digits, radix: radix) { return .int(number) }
        guard UInt64(digits, radix: radix) == UInt64(1) << 63 else {
            throw fault(start, "invalid int literal")
        }
        return .largeInt
    }

    private mutating func skipDigits() {
        while let scalar = peek(), Self.isDigit(scalar) { position += 1 }
    }

    // MARK: Reading

    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    func text(_ start: Int, _ end: Int) -> String {
        StringLibrary.join(scalars[start..<min(end, scalars.count)])
    }

    func fault(_ offset: Int, _ message: String) -> CELError {
        CELSource(scalars).error(.syntax, at: offset, message)
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

    static func isHex(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || (scalar >= "a" && scalar <= "f") || (scalar >= "A" && scalar <= "F")
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z")
    }
}

/// The text of an expression, for messages that point into it.
struct CELSource: Sendable {
    let scalars: [Unicode.Scalar]

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// An error that shows the line and the column of `offset`.
    func error(_ code: CELError.Code, at offset: Int, _ message: String) -> CELError {
        CELError(code, frame(offset, message))
    }

    /// `message` with its place, the line it stands in, and a mark below.
    func frame(_ offset: Int, _ message: String) -> String {
        var line = 1
        var lineStart = 0
        for (index, scalar) in scalars.prefix(offset).enumerated() where scalar == "\n" {
            line += 1
            lineStart = index + 1
        }
        let rest = scalars[lineStart...].prefix { $0 != "\n" }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: rest)
        let column = offset - lineStart
        return "ERROR: <input>:\(line):\(column + 1): \(message)\n | \(String(view))\n | "
            + String(repeating: ".", count: column) + "^"
    }
}
