/// The address that a URL's host is.
struct HostAddress {
    private let bytes: [UInt8]

    /// The host of `url`; `nil` where it has none, or a name other than `localhost`.
    init?(url: String) {
        guard let mark = url.firstRange(of: "://") else { return nil }
        let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var host =
            authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
            ?? authority
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
            guard let bytes = Self.sixteen(String(host)) else { return nil }
            self.bytes = bytes
        } else {
            if let colon = host.lastIndex(of: ":") { host = host[..<colon] }
            if host == "localhost" {
                bytes = [127, 0, 0, 1]
            } else {
                guard let bytes = Self.four(String(host)) else { return nil }
                self.bytes = bytes
            }
        }
    }

    var isLoopback: Bool {
        bytes.count == 4
            ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Whether RFC 1918 or RFC 4193 sets the address aside for networks of one's own.
    var isPrivate: Bool {
        guard bytes.count == 4 else { return bytes[0] & 0xFE == 0xFC }
        return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] & 0xF0 == 16)
            || (bytes[0] == 192 && bytes[1] == 168)
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var result: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let byte = UInt8(part),
                part.utf8.count == 1 || !part.hasPrefix("0")
            else { return nil }
            result.append(byte)
        }
        return result
    }

    /// Eight groups, of which `::` stands for as many zeros as are missing; the last two may be an
    /// IPv4 address, and an address that is one inside is one.
    private static func sixteen(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = halves.first, let head = groups(first),
            let tail = halves.count == 2 ? groups(halves[1]) : []
        else { return nil }
        let gap = 16 - head.count - tail.count
        guard halves.count == 2 ? gap >= 2 : gap == 0 else { return nil }
        let all = head + Array(repeating: 0, count: gap) + tail
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        return isMapped ? Array(all.suffix(4)) : all
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var result: [UInt8] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            if part.contains(".") {
                guard let tail = four(String(part)) else { return nil }
                result += tail
                continue
            }
            guard (1...4).contains(part.utf8.count), !part.hasPrefix("+"),
                let group = UInt16(part, radix: 16)
            else {
                return nil
            }
            result += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return result.count <= 16 ? result : nil
    }
}
