import Glibc

/// IP addresses as certificates hold them, and as they are compared.
enum IPAddress {
    /// The four or sixteen bytes of the address that `text` spells; `nil` where it is a name.
    static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six) { Array($0) } }
        return nil
    }

    /// The bytes by which two spellings of one address are the same: an IPv4 address in an IPv6 one
    /// is the IPv4 address, and a zone is no part of an address. Nil where it is no address.
    static func canonical(_ text: String) -> [UInt8]? {
        guard let bytes = bytes(of: String(text.prefix { $0 != "%" })) else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        return bytes.starts(with: mapped) ? Array(bytes.dropFirst(mapped.count)) : bytes
    }
}
