/// Reads a JSON text (RFC 8259, strictly) into a tape. Iterative: depth costs no stack.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONDocument.Limits
    private var position = 0
    private(set) var tape: [JSONToken] = []
    private var open: [Int] = []

    init(bytes: [UInt8], limits: JSONDocument.Limits) {
        self.bytes = bytes
        self.limits = limits
        tape.reserveCapacity(bytes.count / 8 + 4)
    }

    /// Reads the whole text.
    mutating func parse() throws(JSONError) {
        skipSpace()
        try value()
        while let container = open.last {
            skipSpace()
            let isObject = tape[container].kind == .object
            let closing = UInt8(ascii: isObject ? "}" : "]")
            if peek() == closing {
                position += 1
                close(container)
                continue
            }
            if tape[container].length > 0 {
                let name = isObject ? "object" : "array"
                try expect(UInt8(ascii: ","), "a comma or the end of the \(name)")
                skipSpace()
            }
            if isObject {
                guard peek() == UInt8(ascii: "\"") else { throw fault("expected a key in quotes") }
                try string()
                skipSpace()
                try expect(UInt8(ascii: ":"), "a colon after the key")
                skipSpace()
            }
            tape[container].length += 1
            try value()
        }
        skipSpace()
        guard position == bytes.count else { throw fault("unexpected text after the value") }
    }

    private mutating func close(_ container: Int) {
        tape[container].next = UInt32(tape.count)
        open.removeLast()
    }

    private mutating func value() throws(JSONError) {
        guard let byte = peek() else { throw fault("the text ends where a value is expected") }
        switch byte {
        case UInt8(ascii: "{"): try begin(.object)
        case UInt8(ascii: "["): try begin(.array)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true", .trueValue)
        case UInt8(ascii: "f"): try word("false", .falseValue)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw fault("unexpected character")
        }
    }

    private mutating func begin(_ kind: JSONToken.Kind) throws(JSONError) {
        guard open.count < limits.depthMax else {
            throw JSONError(
                .overLimit, at: "offset \(position)",
                "more than \(limits.depthMax) arrays and objects inside each other")
        }
        open.append(tape.count)
        append(kind, start: position, length: 0)
        position += 1
    }

    private mutating func append(_ kind: JSONToken.Kind, start: Int, length: Int) {
        tape.append(
            JSONToken(
                kind: kind, start: UInt32(start), length: UInt32(length),
                next: UInt32(tape.count + 1)))
    }

    private mutating func word(_ text: StaticString, _ kind: JSONToken.Kind) throws(JSONError) {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw fault("unexpected end of the text") }
        for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] {
            throw fault("expected \(text)")
        }
        append(kind, start: position, length: count)
        position += count
    }

    private mutating func string() throws(JSONError) {
        position += 1
        let start = position
        var escaped = false
        var ascii = true
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                if !ascii { try checkUTF8(start, position) }
                append(escaped ? .escapedString : .string, start: start, length: position - start)
                position += 1
                return
            case UInt8(ascii: "\\"):
                escaped = true
                try escape()
            case 0..<0x20: throw fault("a control character inside a string")
            default:
                if byte >= 0x80 { ascii = false }
                position += 1
            }
        }
        throw fault("the text ends inside a string")
    }

    private mutating func escape() throws(JSONError) {
        position += 1
        guard let byte = peek() else { throw fault("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = peek(), JSONParser.hexadecimal(digit) != nil else {
                    throw fault("\\u needs four hexadecimal digits")
                }
                position += 1
            }
        default: throw fault("an unknown escape sequence")
        }
    }

    private mutating func number() throws(JSONError) {
        let start = position
        var whole = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if peek() == UInt8(ascii: ".") {
            whole = false
            position += 1
            try digits()
        }
        if let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            whole = false
            position += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        append(whole ? .integer : .double, start: start, length: position - start)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw fault("expected a digit") }
    }

    private func checkUTF8(_ start: Int, _ end: Int) throws(JSONError) {
        guard String(validating: bytes[start..<end], as: UTF8.self) != nil else {
            throw JSONError(.malformed, at: "offset \(start)", "a string that is not UTF-8")
        }
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
        guard peek() == byte else { throw fault("expected \(what)") }
        position += 1
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func fault(_ message: String) -> JSONError {
        JSONError(.malformed, at: "offset \(position)", message)
    }

    /// The value of a hexadecimal digit.
    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
