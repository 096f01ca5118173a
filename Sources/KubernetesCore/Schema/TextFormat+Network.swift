extension TextFormat {
    /// An absolute URI, or a path that begins with a slash.
    static func isURI(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            return false
        }
        guard percentSignsFit(bytes) else { return false }
        if first == UInt8(ascii: "/") || text == "*" { return true }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            isLetter(first), colon + 1 < bytes.count || colon + 1 == bytes.count
        else { return false }
        return bytes[0..<colon].allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func percentSignsFit(_ bytes: [UInt8]) -> Bool {
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "%") {
            guard index + 2 < bytes.count, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else {
                return false
            }
        }
        return true
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// A mail address, alone or as `Name <address>`.
    static func isEmail(_ text: String) -> Bool {
        var address = text[...]
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            address = text[text.index(after: open)..<text.index(before: text.endIndex)]
        }
        guard let at = address.lastIndex(of: "@") else { return false }
        let local = address[..<at]
        let domain = address[address.index(after: at)...]
        return isDotAtom(local) && isDotAtom(domain)
    }

    private static func isDotAtom(_ text: Substring) -> Bool {
        let others = Set("!#$%&'*+-/=?^_`{|}~".utf8)
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.utf8.allSatisfy {
                    isLetter($0) || isDigit($0) || others.contains($0) || $0 >= 0x80
                }
        }
    }

    /// A name of RFC 1034 whose labels may begin with digits.
    static func isHostname(_ text: String) -> Bool {
        guard text.utf8.count <= 255 else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, labels.count == 1 || last.unicodeScalars.count >= 2 else {
            return false
        }
        return labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { scalar in
                    scalar == "-" || scalar.isASCII && isAlphanumeric(scalar)
                        || !scalar.isASCII && isLetterOrSymbol(scalar)
                }
        }
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        return isLetter(byte) || isDigit(byte)
    }

    private static func isLetterOrSymbol(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }

    /// A hardware address of 6, 8 or 20 bytes, separated by colons, dashes or (in pairs) dots.
    static func isMAC(_ text: String) -> Bool {
        for (separator, width) in [(Character(":"), 2), ("-", 2), (".", 4)] {
            let groups = text.split(separator: separator, omittingEmptySubsequences: false)
            guard groups.count > 1 else { continue }
            return [6, 8, 20].contains(groups.count * width / 2)
                && groups.allSatisfy { $0.utf8.count == width && $0.utf8.allSatisfy(isHex) }
        }
        return false
    }
}
