/// RFC 4648 encodings, of the standard alphabet and of the one for URLs.
enum Base64 {
    private static let standard = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text = encode(bytes, alphabet: standard)
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Without padding, with `-` and `_`.
    static func encodeURL(_ bytes: [UInt8]) -> String {
        var alphabet = standard
        alphabet[62] = UInt8(ascii: "-")
        alphabet[63] = UInt8(ascii: "_")
        return String(decoding: encode(bytes, alphabet: alphabet), as: UTF8.self)
    }

    private static func encode(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 3 * 4 + 4)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> bits & 0x3F)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 0x3F)]) }
        return text
    }

    /// Reads the standard alphabet, with or without padding; nil where the text is not of it.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let body = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return decode(body, url: false)
    }

    /// Reads the alphabet for URLs without padding; nil where the text is not of it.
    static func decodeURL(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8, url: true)
    }

    private static func decode(_ text: some Sequence<UInt8>, url: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for character in text {
            guard let digit = digit(character, url: url) else { return nil }
            buffer = (buffer << 6 | digit) & 0xFFFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xFF))
            }
        }
        return bytes
    }

    /// The offset of the first character that makes `text` no padded standard Base64; nil where it
    /// is well formed.
    static func firstFault(_ text: String) -> Int? {
        let bytes = Array(text.utf8).filter { $0 != 0x0A && $0 != 0x0D }
        let body = bytes.prefix { $0 != UInt8(ascii: "=") }
        for (offset, byte) in body.enumerated() where digit(byte, url: false) == nil {
            return offset
        }
        let padding = bytes.count - body.count
        let isPadding = bytes.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
        guard isPadding, padding <= 2, bytes.count % 4 == 0 else {
            return body.count % 4 == 0 ? body.count : min(bytes.count, body.count)
        }
        return nil
    }

    private static func digit(_ byte: UInt8, url: Bool) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+") where !url: 62
        case UInt8(ascii: "/") where !url: 63
        case UInt8(ascii: "-") where url: 62
        case UInt8(ascii: "_") where url: 63
        default: nil
        }
    }
}
