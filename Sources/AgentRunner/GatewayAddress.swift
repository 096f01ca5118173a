/// Where the gateway is, and under which name its certificate is checked.
///
/// Agents are given an address, because name resolution is not dependable in a static program; the
/// certificate's name then stands beside it.
public struct GatewayAddress: Hashable, Sendable {
    /// The URL that requests are made for, without a slash at its end.
    public let url: String
    /// Which name in `url` stands for which address.
    public let dnsOverride: [String: String]
    /// Whether the connection is encrypted.
    public let isSecure: Bool

    /// Reads `https://host:port`; with `serverName` the certificate is checked against that name
    /// while the connection goes to `host`. Plain `http` is taken only for the loopback, because
    /// the token would go over the wire. `nil` where `text` is none of these.
    public init?(_ text: String, serverName: String? = nil) {
        var rest = text[...]
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        if rest.hasPrefix("https://") {
            isSecure = true
            rest = rest.dropFirst("https://".count)
        } else if rest.hasPrefix("http://") {
            isSecure = false
            rest = rest.dropFirst("http://".count)
        } else {
            return nil
        }
        guard let (host, port) = Self.split(rest) else { return nil }
        let isLoopback = host == "localhost" || host.hasPrefix("127.") || host == "::1"
        guard isSecure || isLoopback else { return nil }
        let bracketed = host.contains(":") ? "[\(host)]" : host
        let suffix = port.map { ":\($0)" } ?? ""
        let scheme = isSecure ? "https://" : "http://"
        if isSecure, let serverName {
            guard Self.isName(serverName) else { return nil }
            url = scheme + serverName + suffix
            dnsOverride = serverName == host ? [:] : [serverName: host]
        } else {
            url = scheme + bracketed + suffix
            dnsOverride = [:]
        }
    }

    private static func split(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var digits: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
            digits = behind.isEmpty ? nil : behind.dropFirst()
            guard !host.isEmpty, host.utf8.allSatisfy({ $0 != UInt8(ascii: "/") }) else {
                return nil
            }
        } else {
            if let colon = text.firstIndex(of: ":") {
                host = text[..<colon]
                digits = text[text.index(after: colon)...]
            }
            guard isName(String(host)) else { return nil }
        }
        guard let digits else { return (String(host), nil) }
        guard let port = Int(digits), (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }

    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
