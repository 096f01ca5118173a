/// Reads a JSON text (RFC 8259, strictly) into a tape. Iterative: depth costs no stack.
///
/// The bytes come with each call and are not kept: so they are reached by a `Span`, whose bounds
/// are checked and which costs no counting of references.
struct JSONParser {
    /// An array or object that is not closed yet.
    private struct Level {
        let isObject: Bool
        /// Where it stands on the tape.
        let token: Int
        /// How many of its elements or members are on the tape.
        var count = 0
        var isEmpty = true
        /// One bit for each key so far: what is not there has certainly not come before.
        var keys: UInt64 = 0
    }

    private let limits: JSONDocument.Limits
    private var position = 0
    private var open: [Level] = []
    /// How many levels were open where something began that is not put on the tape.
    private var omittedAt: Int?

    private(set) var tape: [JSONToken] = []
    /// How many arrays and objects stand inside each other at most.
    private(set) var depth = 0
    /// Whether it is certain that no object on the tape has a key twice.
    private(set) var hasUniqueKeys = true

    init(limits: JSONDocument.Limits) {
        self.limits = limits
        open.reserveCapacity(16)
    }

    /// Reads the whole text; called once.
    mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        tape.reserveCapacity(bytes.count / 8 + 4)
        skipSpace(bytes)
        try value(bytes)
        while let level = open.last {
            skipSpace(bytes)
            let isObject = level.isObject
            if peek(bytes) == UInt8(ascii: isObject ? "}" : "]") {
                position += 1
                close()
                continue
            }
            if !level.isEmpty {
                let name = isObject ? "object" : "array"
                guard peek(bytes) == UInt8(ascii: ",") else {
                    throw fault("expected a comma or the end of the \(name)")
                }
                position += 1
                skipSpace(bytes)
            }
            let top = open.count - 1
            open[top].isEmpty = false
            if isObject { try key(bytes, top) }
            if omittedAt == nil { open[top].count += 1 }
            try value(bytes)
        }
        skipSpace(bytes)
        guard position == bytes.count else { throw fault("unexpected text after the value") }
    }

    // MARK: - Arrays and objects

    private mutating func begin(_ kind: JSONToken.Kind) throws(JSONError) {
        guard open.count < limits.depthMax else {
            throw JSONError(
                .overLimit, at: "offset \(position)",
                "more than \(limits.depthMax) arrays and objects inside each other")
        }
        open.append(Level(isObject: kind == .object, token: tape.count))
        depth = max(depth, open.count)
        if omittedAt == nil { append(kind, start: position, length: 0) }
        position += 1
    }

    private mutating func close() {
        let level = open.removeLast()
        guard let at = omittedAt else {
            tape[level.token].length = UInt32(level.count)
            tape[level.token].next = UInt32(tape.count)
            return
        }
        if at == open.count { omittedAt = nil }
    }

    private mutating func key(_ bytes: Span<UInt8>, _ top: Int) throws(JSONError) {
        guard peek(bytes) == UInt8(ascii: "\"") else { throw fault("expected a key in quotes") }
        let start = position + 1
        let isEscaped = try string(bytes)
        let length = position - 1 - start
        skipSpace(bytes)
        guard peek(bytes) == UInt8(ascii: ":") else {
            throw fault("expected a colon after the key")
        }
        position += 1
        skipSpace(bytes)
        guard omittedAt == nil else { return }
        note(bytes, start, length, isEscaped, top)
        if limits.omitsManagedFields, isManagedFields(bytes, start, length, top) {
            omittedAt = open.count
            return
        }
        append(isEscaped ? .escapedString : .string, start: start, length: length)
    }

    /// Looks whether a key has come before in its object. Where that is too much work to find out
    /// here, nothing is certain any more.
    private mutating func note(
        _ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ isEscaped: Bool, _ top: Int
    ) {
        guard hasUniqueKeys else { return }
        guard !isEscaped, open[top].count < 32 else {
            hasUniqueKeys = false
            return
        }
        // The byte behind the key is its closing quote: this holds for an empty key too.
        let mark =
            UInt64(bytes[start]) &* 31 &+ UInt64(bytes[start + length / 2]) &* 13
            &+ UInt64(bytes[max(start, start + length - 1)]) &* 7 &+ UInt64(length)
        let bit: UInt64 = 1 << (mark & 63)
        guard open[top].keys & bit != 0 else {
            open[top].keys |= bit
            return
        }
        var at = open[top].token + 1
        while at < tape.count {
            let earlier = tape[at]
            if Int(earlier.length) == length,
                JSONParser.isSame(bytes, Int(earlier.start), start, length)
            {
                hasUniqueKeys = false
                return
            }
            at = Int(tape[at + 1].next)
        }
    }

    /// Whether the key of this place is `managedFields`, and its object is the member `metadata`.
    private func isManagedFields(
        _ bytes: Span<UInt8>, _ start: Int, _ length: Int, _ top: Int
    ) -> Bool {
        guard length == 13, top > 0, open[top - 1].isObject,
            JSONParser.isText(bytes, start, "managedFields")
        else { return false }
        let owner = tape[open[top].token - 1]
        return owner.length == 8 && JSONParser.isText(bytes, Int(owner.start), "metadata")
    }

    private static func isSame(
        _ bytes: Span<UInt8>, _ left: Int, _ right: Int, _ length: Int
    ) -> Bool {
        for offset in 0..<length where bytes[left + offset] != bytes[right + offset] {
            return false
        }
        return true
    }

    private static func isText(_ bytes: Span<UInt8>, _ start: Int, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            for offset in 0..<text.count where bytes[start + offset] != text[offset] {
                return false
            }
            return true
        }
    }

    // MARK: - Values

    private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) {
        guard let byte = peek(bytes) else {
            throw fault("the text ends where a value is expected")
        }
        switch byte {
        case UInt8(ascii: "{"): return try begin(.object)
        case UInt8(ascii: "["): return try begin(.array)
        case UInt8(ascii: "\""):
            let start = position + 1
            let isEscaped = try string(bytes)
            scalar(isEscaped ? .escapedString : .string, start, position - 1 - start)
        case UInt8(ascii: "t"): try word(bytes, "true", .trueValue)
        case UInt8(ascii: "f"): try word(bytes, "false", .falseValue)
        case UInt8(ascii: "n"): try word(bytes, "null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(bytes)
        default: throw fault("unexpected character")
        }
    }

    private mutating func scalar(_ kind: JSONToken.Kind, _ start: Int, _ length: Int) {
        guard let at = omittedAt else { return append(kind, start: start, length: length) }
        if at == open.count { omittedAt = nil }
    }

    private mutating func append(_ kind: JSONToken.Kind, start: Int, length: Int) {
        tape.append(
            JSONToken(
                kind: kind, start: UInt32(start), length: UInt32(length),
                next: UInt32(tape.count + 1)))
    }

    private mutating func word(
        _ bytes: Span<UInt8>, _ text: StaticString, _ kind: JSONToken.Kind
    ) throws(JSONError) {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw fault("unexpected end of the text") }
        guard JSONParser.isText(bytes, position, text) else { throw fault("expected \(text)") }
        scalar(kind, position, count)
        position += count
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        var whole = true
        if peek(bytes) == UInt8(ascii: "-") { position += 1 }
        if peek(bytes) == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(bytes)
        }
        if peek(bytes) == UInt8(ascii: ".") {
            whole = false
            position += 1
            try digits(bytes)
        }
        if let byte = peek(bytes), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            whole = false
            position += 1
            if let sign = peek(bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes)
        }
        scalar(whole ? .integer : .double, start, position - start)
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        while let byte = peek(bytes), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            position += 1
        }
        guard position > start else { throw fault("expected a digit") }
    }

    // MARK: - Strings

    /// Goes behind the string that begins here; returns whether it has escape sequences.
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        position += 1
        let start = position
        var isEscaped = false
        var isASCII = true
        while true {
            position = JSONParser.plainEnd(bytes, position)
            guard let byte = peek(bytes) else { throw fault("the text ends inside a string") }
            switch byte {
            case UInt8(ascii: "\""):
                if !isASCII { try checkUTF8(bytes, start, position) }
                position += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape(bytes)
            case 0..<0x20: throw fault("a control character inside a string")
            default:
                if byte >= 0x80 { isASCII = false }
                position += 1
            }
        }
    }

    /// The end of the bytes from `start` that mean nothing but themselves, as far as they are found
    /// eight at a time.
    private static func plainEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        let raw = bytes.bytes
        var at = start
        while at + 8 <= raw.byteCount {
            let word = UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let found = special(word)
            guard found == 0 else { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        return at
    }

    /// Sets the highest bit of the first byte of `word` that is a quote, a backslash, a control
    /// character or no ASCII; what stands behind that byte means nothing. No such byte gives 0.
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ 0x2222_2222_2222_2222
        let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let control = (word &- ones &* 0x20) & ~word
        let found =
            (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control | word
        return found & 0x8080_8080_8080_8080
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
        position += 1
        guard let byte = peek(bytes) else { throw fault("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = peek(bytes), JSONParser.hexadecimal(digit) != nil else {
                    throw fault("\\u needs four hexadecimal digits")
                }
                position += 1
            }
        default: throw fault("an unknown escape sequence")
        }
    }

    private func checkUTF8(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int
    ) throws(JSONError) {
        do {
            _ = try UTF8Span(validating: bytes.extracting(start..<end))
        } catch {
            throw JSONError(.malformed, at: "offset \(start)", "a string that is not UTF-8")
        }
    }

    // MARK: - Bytes

    private func peek(_ bytes: Span<UInt8>) -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
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
