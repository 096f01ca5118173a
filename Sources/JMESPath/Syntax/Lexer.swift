import KubernetesCore

/// Cuts an expression into words.
struct Lexer {
    private let bytes: [UInt8]
    private let dialect: JMESPathDialect
    private var position = 0

    init(_ source: String, _ dialect: JMESPathDialect) {
        bytes = Array(source.utf8)
        self.dialect = dialect
    }

    /// All words, the last of which is `end`.
    mutating func tokens() throws(JMESPathError) -> [Token] {
        var result: [Token] = []
        while true {
            while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                position += 1
            }
            let start = position
            guard let byte = peek() else {
                result.append(Token(kind: .end, offset: start))
                return result
            }
            position += 1
            result.append(Token(kind: try kind(byte, start), offset: start))
        }
    }

    /// An error of the grammar at `offset`.
    func fault(_ message: String, at offset: Int) -> JMESPathError {
        let column = String(decoding: bytes.prefix(offset), as: UTF8.self).unicodeScalars.count + 1
        return JMESPathError(.syntax, "column \(column): \(message)")
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func kind(_ byte: UInt8, _ start: Int) throws(JMESPathError) -> Token.Kind {
        switch byte {
        case UInt8(ascii: "."): return .dot
        case UInt8(ascii: "*"): return .star
        case UInt8(ascii: "]"): return .closeBracket
        case UInt8(ascii: "{"): return .openBrace
        case UInt8(ascii: "}"): return .closeBrace
        case UInt8(ascii: "("): return .openParen
        case UInt8(ascii: ")"): return .closeParen
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: ":"): return .colon
        case UInt8(ascii: "@"): return .current
        case UInt8(ascii: "["): return take("?") ? .filter : take("]") ? .flatten : .openBracket
        case UInt8(ascii: "|"): return take("|") ? .or : .pipe
        case UInt8(ascii: "&"): return take("&") ? .and : .expression
        case UInt8(ascii: "!"): return take("=") ? .comparator(.notEqual) : .not
        case UInt8(ascii: "<"):
            return .comparator(take("=") ? .lessOrEqual : .less)
        case UInt8(ascii: ">"):
            return .comparator(take("=") ? .greaterOrEqual : .greater)
        case UInt8(ascii: "="):
            guard take("=") else { throw fault("a single =; equality is ==", at: start) }
            return .comparator(.equal)
        case UInt8(ascii: "\""): return .quoted(try quoted(start))
        case UInt8(ascii: "'"): return .literal(.string(try rawString(start)))
        case UInt8(ascii: "`"): return .literal(try literal(start))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number(start))
        default:
            guard Self.startsName(byte) else {
                throw fault("a character that has no meaning here", at: start)
            }
            while let next = peek(), Self.startsName(next) || Self.isDigit(next) { position += 1 }
            return .identifier(text(start, position))
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func startsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            return true
        default: return false
        }
    }

    private func text(_ start: Int, _ end: Int) -> String {
        String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A whole number. What does not fit is held at the bounds, where no array has an element.
    private mutating func number(_ start: Int) throws(JMESPathError) -> Int {
        while let next = peek(), Self.isDigit(next) { position += 1 }
        let digits = text(start, position)
        guard digits != "-" else { throw fault("a - without digits", at: start) }
        return Int(digits) ?? (digits.hasPrefix("-") ? -Int.max : Int.max)
    }

    /// Moves behind the next `end` that no backslash stands before, and returns its offset.
    private mutating func find(
        _ end: Unicode.Scalar, _ start: Int, _ what: String
    ) throws(JMESPathError) -> Int {
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "\\") {
                position += 1
            } else if byte == UInt8(ascii: end) {
                return position - 1
            }
        }
        throw fault("\(what) that does not end", at: start)
    }

    private mutating func quoted(_ start: Int) throws(JMESPathError) -> String {
        let end = try find("\"", start, "a quoted name")
        do throws(JSONError) {
            let value = try JSONValue(parsing: Array(bytes[start...end]))
            return value.string ?? ""
        } catch {
            throw fault("a quoted name that is no JSON string: \(error.message)", at: start)
        }
    }

    /// A text in single quotes, in which `\'` is a quote and nothing else is escaped.
    private mutating func rawString(_ start: Int) throws(JMESPathError) -> String {
        var result: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "'") { return String(decoding: result, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), peek() == UInt8(ascii: "'") {
                position += 1
                result.append(UInt8(ascii: "'"))
                continue
            }
            result.append(byte)
            // A backslash before a backslash keeps the second one from escaping a quote; Kyverno's
            // reader does not know that.
            if byte == UInt8(ascii: "\\"), peek() == byte, dialect == .standard {
                position += 1
                result.append(byte)
            }
        }
        throw fault("a text in single quotes that does not end", at: start)
    }

    /// JSON between backticks, in which a backslash makes a backtick a part of the text.
    private mutating func literal(_ start: Int) throws(JMESPathError) -> JSONValue {
        let end = try find("`", start, "a literal")
        var content: [UInt8] = []
        content.reserveCapacity(end - start)
        for index in (start + 1)..<end {
            if bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "`") {
                continue
            }
            content.append(bytes[index])
        }
        do throws(JSONError) {
            return try JSONValue(parsing: content)
        } catch {
            throw fault("a literal that is no JSON: \(error.message)", at: start)
        }
    }
}
