extension TOMLReader {
    /// A string between `"`, or between `"""` where it is no key.
    mutating func basicString(isKey: Bool) throws(TOMLError) -> String {
        try string(quote: UInt8(ascii: "\""), isKey: isKey)
    }

    /// A string between `'`, or between `'''` where it is no key: nothing in it is an escape.
    mutating func literalString(isKey: Bool) throws(TOMLError) -> String {
        try string(quote: UInt8(ascii: "'"), isKey: isKey)
    }

    private mutating func string(quote: UInt8, isKey: Bool) throws(TOMLError) -> String {
        let start = place
        let isLong = !isKey && ahead(1) == quote && ahead(2) == quote
        place += isLong ? 3 : 1
        // A line that ends right behind the quotes is not part of the text.
        if isLong { _ = skipNewline() }
        var text: [UInt8] = []
        while let byte = next {
            if byte == quote {
                guard end(quote, isLong: isLong, &text) else { continue }
                return String(decoding: text, as: UTF8.self)
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try escape(isLong: isLong, &text)
            } else if isLong, skipNewline() {
                text.append(0x0A)
            } else if byte == 0x0A {
                break
            } else {
                try refuseControl(byte)
                text.append(byte)
                place += 1
            }
        }
        throw fault("the string has no end", at: start)
    }

    /// Whether the string ends with the quotes that are next, which are gone over; one or two that
    /// stand in a long string, or right before its end, are part of it.
    private mutating func end(_ quote: UInt8, isLong: Bool, _ text: inout [UInt8]) -> Bool {
        guard isLong else {
            place += 1
            return true
        }
        var count = 0
        while count < 5, ahead(count) == quote { count += 1 }
        place += count
        text += repeatElement(quote, count: count < 3 ? count : count - 3)
        return count >= 3
    }

    private mutating func escape(isLong: Bool, _ text: inout [UInt8]) throws(TOMLError) {
        let start = place
        place += 1
        guard let byte = next else { throw fault("the string has no end", at: start) }
        place += 1
        switch byte {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "u"): try scalar(digits: 4, from: start, &text)
        case UInt8(ascii: "U"): try scalar(digits: 8, from: start, &text)
        default:
            place = start + 1
            guard isLong, skipLineEnd() else {
                throw fault("an escape that TOML does not have", at: start)
            }
        }
    }

    /// Goes over the end of a line, the blanks before it, and all blanks and ends of lines behind.
    private mutating func skipLineEnd() -> Bool {
        skipBlanks()
        guard skipNewline() else { return false }
        repeat { skipBlanks() } while skipNewline()
        return true
    }

    private mutating func scalar(
        digits: Int, from start: Int, _ text: inout [UInt8]
    ) throws(TOMLError) {
        var number: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = next.flatMap({ TOMLScalar.digit($0, radix: 16) }) else {
                throw fault("\(digits) hexadecimal digits are expected", at: start)
            }
            number = number << 4 | UInt32(digit)
            place += 1
        }
        guard let scalar = Unicode.Scalar(number) else {
            throw fault("an escape that stands for no character", at: start)
        }
        text += UTF8.encode(scalar).map(Array.init) ?? []
    }
}
