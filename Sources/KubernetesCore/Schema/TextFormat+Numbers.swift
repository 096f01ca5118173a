extension TextFormat {
    /// Base64 of RFC 4648 with padding; a text that is empty is none.
    static func isBase64(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count % 4 == 0 else { return false }
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return false }
        return bytes.dropLast(padding).allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
        }
    }

    static func isISBN10(_ text: String) -> Bool {
        let bytes = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard bytes.count == 10, bytes.dropLast().allSatisfy(isDigit), let last = bytes.last,
            isDigit(last) || last == UInt8(ascii: "X")
        else { return false }
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            sum += (index + 1) * (byte == UInt8(ascii: "X") ? 10 : Int(byte - 0x30))
        }
        return sum % 11 == 0
    }

    static func isISBN13(_ text: String) -> Bool {
        let bytes = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard bytes.count == 13, bytes.allSatisfy(isDigit) else { return false }
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            sum += (index % 2 == 0 ? 1 : 3) * Int(byte - 0x30)
        }
        return sum % 10 == 0
    }

    /// Digits that end in the check digit of ISO/IEC 7812.
    static func isCreditCard(_ text: String) -> Bool {
        let digits = text.utf8.filter(isDigit)
        guard (12...19).contains(digits.count),
            text.utf8.allSatisfy({
                isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: " ")
            })
        else { return false }
        var sum = 0
        for (index, byte) in digits.reversed().enumerated() {
            var digit = Int(byte - 0x30)
            if index % 2 == 1 { digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2 }
            sum += digit
        }
        return sum % 10 == 0
    }

    /// `123-45-6789`; the separator may also be a space.
    static func isSSN(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 11 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            index == 3 || index == 6
                ? byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ") : isDigit(byte)
        }
    }

    /// Three or six hexadecimal digits, with or without `#`.
    static func isHexColor(_ text: String) -> Bool {
        let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
        return [3, 6].contains(digits.utf8.count) && digits.utf8.allSatisfy(isHex)
    }

    /// `rgb(255,0,128)`.
    static func isRGBColor(_ text: String) -> Bool {
        guard text.hasPrefix("rgb("), text.hasSuffix(")") else { return false }
        let parts = text.dropFirst(4).dropLast().split(
            separator: ",", omittingEmptySubsequences: false)
        return parts.count == 3
            && parts.allSatisfy { part in
                let digits = part.filter { $0 != " " }
                return digits.utf8.allSatisfy(isDigit) && UInt8(digits) != nil
            }
    }
}
