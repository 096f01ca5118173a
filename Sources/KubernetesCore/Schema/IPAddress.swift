/// An address of IPv4 or IPv6.
struct IPAddress: Hashable {
    /// The address's bytes: 4 or 16.
    let bytes: [UInt8]
    /// Whether the text was written with dots alone.
    var isIPv4: Bool { bytes.count == 4 }

    /// Reads an address; leading zeros in IPv4, zones and brackets are not allowed.
    init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bytes = IPAddress.sixteen(text) else { return nil }
            self.bytes = bytes
        } else {
            guard let bytes = IPAddress.four(text) else { return nil }
            self.bytes = bytes
        }
    }

    /// Whether `text` is an address, a slash and a prefix length.
    static func isRange(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])),
            !parts[1].isEmpty, parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy(TextFormat.isDigit), let length = Int(parts[1])
        else { return false }
        return length <= address.bytes.count * 8
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(TextFormat.isDigit),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func sixteen(_ text: String) -> [UInt8]? {
        let halves = splitAtDoubleColon(text)
        guard halves.count <= 2 else { return nil }
        var parts: [[UInt8]] = []
        for (index, half) in halves.enumerated() {
            guard let bytes = groups(half, isLast: index == halves.count - 1) else { return nil }
            parts.append(bytes)
        }
        guard halves.count == 2 else { return parts[0].count == 16 ? parts[0] : nil }
        let gap = 16 - parts[0].count - parts[1].count
        guard gap >= 2 else { return nil }
        return parts[0] + [UInt8](repeating: 0, count: gap) + parts[1]
    }

    private static func splitAtDoubleColon(_ text: String) -> [String] {
        var halves: [String] = []
        var current: [UInt8] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: ":"), at + 1 < bytes.count,
                bytes[at + 1] == UInt8(ascii: ":")
            {
                halves.append(String(decoding: current, as: UTF8.self))
                current = []
                at += 2
            } else {
                current.append(bytes[at])
                at += 1
            }
        }
        halves.append(String(decoding: current, as: UTF8.self))
        return halves
    }

    /// Groups of up to four hexadecimal digits; the last may be an IPv4 address.
    private static func groups(_ text: String, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if isLast, index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let tail = four(String(part)) else { return nil }
                bytes += tail
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(TextFormat.isHex),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes
    }
}
