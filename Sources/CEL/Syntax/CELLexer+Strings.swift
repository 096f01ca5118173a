/// String and bytes literals.
extension CELLexer {
    /// Reads a string or bytes literal with its prefix; `nil`, having read nothing, where there is
    /// none.
    mutating func stringLiteral() throws(CELError) -> CELToken.Kind? {
        var at = 0
        var isBytes = false
        var isRaw = false
        if peek(at) == "b" || peek(at) == "B" {
            isBytes = true
            at += 1
        }
        if peek(at) == "r" || peek(at) == "R" {
            isRaw = true
            at += 1
        }
        guard let quote = peek(at), quote == "'" || quote == "\"" else { return nil }
        let start = position
        position += at + 1
        var isTriple = false
        if peek() == quote, peek(1) == quote {
            isTriple = true
            position += 2
        } else if peek() == quote {
            position += 1
            return isBytes ? .bytes([]) : .string("")
        }
        var content = LiteralContent(isBytes: isBytes)
        while true {
            guard let scalar = peek(), isTriple || (scalar != "\n" && scalar != "\r") else {
                let end = min(position + 1, scalars.count)
                throw fault(
                    start, "Syntax error: token recognition error at: '\(text(start, end))'")
            }
            if scalar == quote {
                if !isTriple {
                    position += 1
                    break
                }
                if peek(1) == quote, peek(2) == quote {
                    position += 3
                    break
                }
            }
            position += 1
            if scalar == "\\" && !isRaw {
                try escape(into: &content, start)
            } else if scalar == "\r" {
                if peek() == "\n" { position += 1 }
                content.append("\n")
            } else {
                content.append(scalar)
            }
        }
        return isBytes ? .bytes(content.bytes) : .string(String(content.text))
    }

    private mutating func escape(
        into content: inout LiteralContent, _ start: Int
    ) throws(CELError) {
        guard let letter = peek() else { throw badEscape(start) }
        position += 1
        if let plain = Self.plainEscapes[letter] {
            content.append(plain)
            return
        }
        switch letter {
        case "x", "X":
            try content.appendCode(hexadecimal(2, start), octet: true, fault: self, start)
        case "u" where !content.isBytes:
            try content.appendCode(hexadecimal(4, start), octet: false, fault: self, start)
        case "U" where !content.isBytes:
            try content.appendCode(hexadecimal(8, start), octet: false, fault: self, start)
        case "0"..."3":
            var value = letter.value - 0x30
            for _ in 0..<2 {
                guard let digit = peek(), digit >= "0", digit <= "7" else { throw badEscape(start) }
                value = value * 8 + digit.value - 0x30
                position += 1
            }
            try content.appendCode(value, octet: true, fault: self, start)
        default: throw badEscape(start)
        }
    }

    private mutating func hexadecimal(_ count: Int, _ start: Int) throws(CELError) -> UInt32 {
        var value: UInt64 = 0
        for _ in 0..<count {
            guard let scalar = peek(), Self.isHex(scalar),
                let digit = Character(scalar).hexDigitValue
            else { throw badEscape(start) }
            value = value * 16 + UInt64(digit)
            position += 1
        }
        return UInt32(truncatingIfNeeded: value)
    }

    func badEscape(_ start: Int) -> CELError {
        let end = min(position + 1, scalars.count)
        return fault(start, "Syntax error: token recognition error at: '\(text(start, end))'")
    }

    private static let plainEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t",
        "v": "\u{0B}", "\\": "\\", "?": "?", "\"": "\"", "'": "'", "`": "`",
    ]
}

/// What a literal holds so far.
struct LiteralContent {
    let isBytes: Bool
    var text = String.UnicodeScalarView()
    var bytes: [UInt8] = []

    init(isBytes: Bool) { self.isBytes = isBytes }

    mutating func append(_ scalar: Unicode.Scalar) {
        if isBytes {
            bytes.append(contentsOf: String(Character(scalar)).utf8)
        } else {
            text.append(scalar)
        }
    }

    /// Appends what a numeric escape stands for: an octet in bytes, else a code point.
    mutating func appendCode(
        _ value: UInt32, octet: Bool, fault lexer: CELLexer, _ start: Int
    ) throws(CELError) {
        if isBytes && octet {
            bytes.append(UInt8(truncatingIfNeeded: value))
            return
        }
        guard let scalar = Unicode.Scalar(value) else { throw lexer.badEscape(start) }
        append(scalar)
    }
}
