/// `base64.encode` and `base64.decode`; Kubernetes does not have them.
enum EncoderLibrary {
    static let functions: [CELFunction] =
        CELFunction.define("base64.encode", ["(bytes) -> string"], extended: true) {
            a, _ throws(CELError) in
            guard case .bytes(let bytes) = a[0] else { throw .noOverload }
            return .string(Base64.encode(bytes))
        }
        + CELFunction.define("base64.decode", ["(string) -> bytes"], extended: true) {
            a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            guard let bytes = Base64.decode(text, needsPadding: false) else {
                throw CELError("illegal base64 data")
            }
            return .bytes(bytes)
        }
}

/// Base64 (RFC 4648).
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8: UInt32] = {
        var result: [UInt8: UInt32] = [:]
        for (index, letter) in alphabet.enumerated() { result[letter] = UInt32(index) }
        return result
    }()

    static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var at = 0
        while at < bytes.count {
            let count = min(3, bytes.count - at)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes[at + index]) : 0)
            }
            for index in 0..<4 {
                let letter = alphabet[Int(group >> UInt32(18 - index * 6) & 63)]
                result.append(index <= count ? letter : UInt8(ascii: "="))
            }
            at += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes; `nil` where `text` is no base64. Line breaks do not count.
    static func decode(_ text: String, needsPadding: Bool = true) -> [UInt8]? {
        var letters = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        let padding = letters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let isWhole = letters.count % 4 == 0
        guard padding <= 2, isWhole || (!needsPadding && padding == 0) else { return nil }
        letters.removeLast(padding)
        guard letters.count % 4 != 1 else { return nil }
        var result: [UInt8] = []
        var group: UInt32 = 0
        var bits = 0
        for letter in letters {
            guard let value = values[letter] else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return result
    }
}
