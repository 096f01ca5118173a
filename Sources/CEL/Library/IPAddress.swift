/// An IP address of version 4 or 6.
public struct IPAddress: Sendable, Hashable {
    /// 4 or 16 octets.
    let octets: [UInt8]

    init(octets: [UInt8]) { self.octets = octets }

    var isVersion6: Bool { octets.count == 16 }

    /// Reads `text` as Kubernetes does: no zone, no version 4 inside version 6. The error is what
    /// stands behind `IP Address "…"`.
    init(parsing text: String) throws(CELError) {
        let quoted = CELQuote.quote(text)
        do throws(CELError) {
            octets = try text.contains(":") ? Self.version6(text) : Self.version4(text)
        } catch {
            throw CELError(
                "IP Address \(quoted) parse error during conversion from string: "
                    + "ParseAddr(\(quoted)): \(error.message)")
        }
        if text.contains("%") {
            throw CELError("IP address \(quoted) with zone value is not allowed")
        }
        if isMapped {
            throw CELError("IPv4-mapped IPv6 address \(quoted) is not allowed")
        }
    }

    private var isMapped: Bool {
        octets.count == 16 && octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 255
            && octets[11] == 255
    }

    private static func version4(_ text: String) throws(CELError) -> [UInt8] {
        var result: [UInt8] = []
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { throw CELError("unable to parse IP") }
        for part in parts {
            guard !part.isEmpty else { throw CELError("IPv4 field must have at least one digit") }
            guard part.unicodeScalars.allSatisfy(CELLexer.isDigit) else {
                throw CELError("unexpected character (at \(CELQuote.quote(String(part))))")
            }
            guard part == "0" || !part.hasPrefix("0") else {
                throw CELError("IPv4 field has octet with leading zero")
            }
            guard let octet = UInt8(part) else { throw CELError("IPv4 field has value >255") }
            guard result.count < 4 else { throw CELError("IPv4 address too long") }
            result.append(octet)
        }
        guard result.count == 4 else { throw CELError("IPv4 address too short") }
        return result
    }

    private static func version6(_ text: String) throws(CELError) -> [UInt8] {
        var rest = text[...]
        if let percent = rest.firstIndex(of: "%") {
            guard rest.index(after: percent) < rest.endIndex else {
                throw CELError("zone must be a non-empty string")
            }
            rest = rest[..<percent]
        }
        var result: [UInt8] = []
        var gap: Int?
        if rest.hasPrefix("::") {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while try field(&rest, &result, gap) {
            guard rest.count > 1 else {
                throw CELError(
                    "colon must be followed by more characters (at \(CELQuote.quote(String(rest))))"
                )
            }
            rest = rest.dropFirst()
            guard rest.hasPrefix(":") else { continue }
            guard gap == nil else {
                throw CELError("multiple :: in address (at \(CELQuote.quote(String(rest))))")
            }
            gap = result.count
            rest = rest.dropFirst()
        }
        if let gap {
            guard result.count < 16 else {
                throw CELError("the :: must expand to at least one field of zeros")
            }
            result.insert(contentsOf: Array(repeating: 0, count: 16 - result.count), at: gap)
        }
        guard result.count == 16 else { throw CELError("address string too short") }
        return result
    }

    /// Reads one field; whether a colon follows, at which `rest` then begins.
    private static func field(
        _ rest: inout Substring, _ result: inout [UInt8], _ gap: Int?
    ) throws(CELError) -> Bool {
        if rest.isEmpty { return false }
        guard result.count < 16 else { throw CELError("trailing garbage after address") }
        let digits = rest.prefix { $0.isHexDigit && $0.isASCII }
        let shown = CELQuote.quote(String(rest))
        guard !digits.isEmpty else {
            throw CELError(
                "each colon-separated field must have at least one digit (at \(shown))")
        }
        let behind = rest.dropFirst(digits.count)
        if behind.hasPrefix(".") {
            guard gap != nil || result.count == 12, result.count <= 12 else {
                throw CELError(
                    "embedded IPv4 address must replace the final 2 fields of the address "
                        + "(at \(shown))"
                )
            }
            result += try version4(String(rest))
            rest = ""
            return false
        }
        guard let field = UInt16(digits, radix: 16) else {
            throw CELError("each group must have 4 or less digits (at \(shown))")
        }
        result += [UInt8(field >> 8), UInt8(field & 255)]
        rest = behind
        if rest.isEmpty { return false }
        guard rest.hasPrefix(":") else {
            throw CELError(
                "unexpected character, want colon (at \(CELQuote.quote(String(rest))))")
        }
        return true
    }

    /// The canonical text (RFC 5952).
    var text: String {
        guard isVersion6 else { return octets.map { String($0) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(octets[$0 * 2]) << 8 | UInt16(octets[$0 * 2 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        func hexadecimal(_ range: Range<Int>) -> String {
            range.map { String(groups[$0], radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return hexadecimal(0..<8) }
        return hexadecimal(0..<best.lowerBound) + "::" + hexadecimal(best.upperBound..<8)
    }

    var isUnspecified: Bool { octets.allSatisfy { $0 == 0 } }

    var isLoopback: Bool {
        isVersion6 ? octets.dropLast().allSatisfy { $0 == 0 } && octets[15] == 1 : octets[0] == 127
    }

    var isMulticast: Bool { isVersion6 ? octets[0] == 255 : octets[0] & 0xF0 == 0xE0 }

    var isLinkLocalMulticast: Bool {
        isVersion6
            ? octets[0] == 255 && octets[1] & 15 == 2
            : octets[0] == 224 && octets[1] == 0 && octets[2] == 0
    }

    var isLinkLocalUnicast: Bool {
        isVersion6
            ? octets[0] == 0xFE && octets[1] & 0xC0 == 0x80 : octets[0] == 169 && octets[1] == 254
    }

    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
            && octets != [255, 255, 255, 255]
    }
}

/// A range of IP addresses: `10.0.0.0/8`.
public struct IPPrefix: Sendable, Hashable {
    /// The address as it was written, with what stands behind the prefix.
    let address: IPAddress
    let length: Int

    init(address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    init(parsing text: String) throws(CELError) {
        let quoted = CELQuote.quote(text)
        let frame = "network address parse error during conversion from string: "
        func malformed(_ reason: String) -> CELError {
            CELError(frame + frame + "netip.ParsePrefix(\(quoted)): " + reason)
        }
        guard let slash = text.lastIndex(of: "/") else { throw malformed("no '/'") }
        let digits = text[text.index(after: slash)...]
        let base = String(text[..<slash])
        let address: IPAddress
        do throws(CELError) {
            if base.contains("%") {
                throw CELError("IPv6 zones cannot be present in a prefix")
            }
            address = try IPAddress(parsing: base)
        } catch {
            if error.message.hasPrefix("IPv4-mapped") {
                throw CELError("IPv4-mapped IPv6 address \(quoted) is not allowed")
            }
            throw malformed(error.message)
        }
        guard let length = CELConversions.unsigned(String(digits)),
            digits == "0" || !digits.hasPrefix("0")
        else { throw malformed("bad bits after slash: \(CELQuote.quote(String(digits)))") }
        guard length <= UInt64(address.octets.count * 8) else {
            throw malformed("prefix length out of range")
        }
        self.init(address: address, length: Int(length))
    }

    var text: String { address.text + "/" + String(length) }

    /// The first address of the range.
    var masked: IPPrefix {
        var octets = address.octets
        for index in octets.indices {
            let bits = min(max(length - index * 8, 0), 8)
            octets[index] &= bits == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
        return IPPrefix(address: IPAddress(octets: octets), length: length)
    }

    func contains(_ other: IPAddress) -> Bool {
        other.octets.count == address.octets.count
            && IPPrefix(address: other, length: length).masked.address == masked.address
    }

    func contains(_ other: IPPrefix) -> Bool {
        length <= other.length && contains(other.address)
    }
}
