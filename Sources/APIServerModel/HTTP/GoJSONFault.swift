/// Says what is wrong with a malformed JSON text in the words of Go's reader, which clients of
/// Kubernetes know.
struct GoJSONFault {
    private let bytes: [UInt8]
    private var at = 0
    private var fault: String?

    static func describe(_ bytes: [UInt8]) -> String {
        var scan = GoJSONFault(bytes: bytes)
        scan.value(depth: 0)
        if scan.fault == nil {
            scan.skipSpace()
            if scan.at < bytes.count { scan.fail("after top-level value") }
        }
        return scan.fault ?? "unexpected end of JSON input"
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func fail(_ context: String) {
        guard fault == nil else { return }
        guard at < bytes.count else {
            fault = "unexpected end of JSON input"
            return
        }
        fault = "invalid character \(GoJSONFault.quote(bytes[at])) \(context)"
    }

    private static func quote(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): return "'\\''"
        case UInt8(ascii: "\""): return "'\"'"
        case UInt8(ascii: "\n"): return "'\\n'"
        case UInt8(ascii: "\t"): return "'\\t'"
        case UInt8(ascii: "\r"): return "'\\r'"
        case 0x20..<0x7F: return "'" + String(UnicodeScalar(byte)) + "'"
        default:
            let digits = String(byte, radix: 16)
            return byte < 0x80
                ? "'\\x\(byte < 16 ? "0" : "")\(digits)'" : "'\(UnicodeScalar(byte))'"
        }
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func value(depth: Int) {
        guard fault == nil else { return }
        guard depth < 256 else {
            fault = "exceeded max depth"
            return
        }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): container(close: UInt8(ascii: "}"), depth: depth)
        case UInt8(ascii: "["): container(close: UInt8(ascii: "]"), depth: depth)
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        case UInt8(ascii: "-"), .some(0x30...0x39): number()
        default: fail("looking for beginning of value")
        }
    }

    private mutating func container(close: UInt8, depth: Int) {
        let isObject = close == UInt8(ascii: "}")
        at += 1
        skipSpace()
        if peek() == close {
            at += 1
            return
        }
        while fault == nil {
            if isObject {
                skipSpace()
                guard peek() == UInt8(ascii: "\"") else {
                    return fail("looking for beginning of object key string")
                }
                string()
                guard fault == nil else { return }
                skipSpace()
                guard peek() == UInt8(ascii: ":") else { return fail("after object key") }
                at += 1
            }
            value(depth: depth + 1)
            guard fault == nil else { return }
            skipSpace()
            if peek() == close {
                at += 1
                return
            }
            guard peek() == UInt8(ascii: ",") else {
                return fail(isObject ? "after object key:value pair" : "after array element")
            }
            at += 1
        }
    }

    private mutating func string() {
        at += 1
        while let byte = peek() {
            if byte == UInt8(ascii: "\"") {
                at += 1
                return
            }
            if byte < 0x20 { return fail("in string literal") }
            if byte == UInt8(ascii: "\\") {
                at += 1
                guard let escaped = peek(), "\"\\/bfnrtu".utf8.contains(escaped) else {
                    return fail("in string escape code")
                }
            }
            at += 1
        }
        fail("")
    }

    private mutating func word(_ text: String) {
        for (index, wanted) in text.utf8.enumerated() {
            guard peek() == wanted else {
                return fail(
                    index == 0
                        ? "looking for beginning of value"
                        : "in literal \(text) (expecting \(GoJSONFault.quote(wanted)))")
            }
            at += 1
        }
    }

    private mutating func number() {
        if peek() == UInt8(ascii: "-") { at += 1 }
        guard let first = peek(), (0x30...0x39).contains(first) else {
            return fail("in numeric literal")
        }
        while let byte = peek(), (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte) {
            at += 1
        }
    }
}
