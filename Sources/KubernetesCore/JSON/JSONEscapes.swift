/// JSON's escape sequences inside strings, both ways.
enum JSONEscapes {
    /// The text of a string whose grammar the parser has checked. A lone surrogate becomes U+FFFD.
    static func decode(_ bytes: [UInt8], _ start: Int, _ length: Int) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(length)
        var at = start
        let end = start + length
        while at < end {
            guard bytes[at] == UInt8(ascii: "\\") else {
                result.append(bytes[at])
                at += 1
                continue
            }
            let letter = bytes[at + 1]
            at += 2
            guard letter == UInt8(ascii: "u") else {
                result.append(plain(letter))
                continue
            }
            var unit = hexadecimal(bytes, at)
            at += 4
            if (0xD800..<0xDC00).contains(unit), at + 6 <= end,
                bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
            {
                let low = hexadecimal(bytes, at + 2)
                if (0xDC00..<0xE000).contains(low) {
                    unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                    at += 6
                }
            }
            result.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Appends `text` in quotes, with what JSON forbids escaped.
    static func encode(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = text.utf8.withContiguousStorageIfAvailable { buffer -> Bool in
            // Most strings need no escape and are copied as they are. Without a way out of the loop
            // it takes many bytes at a time.
            var odd: UInt8 = 0
            for byte in buffer {
                odd |= byte < 0x20 ? 1 : 0
                odd |= byte == UInt8(ascii: "\"") ? 1 : 0
                odd |= byte == UInt8(ascii: "\\") ? 1 : 0
            }
            if odd != 0 { return false }
            bytes.append(contentsOf: buffer)
            return true
        }
        if isPlain != true { escape(text, into: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ text: String, into bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func plain(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    private static func hexadecimal(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        var result: UInt32 = 0
        for offset in 0..<4 {
            result = result << 4 | (JSONParser.hexadecimal(bytes[at + offset]) ?? 0)
        }
        return result
    }
}
