/// Where requests go: an address, and how its identity and ours are proven.
public struct HTTPServer: Hashable, Sendable {
    /// Whether the connection is encrypted.
    public let isSecure: Bool
    /// Name or address, without brackets.
    public let host: String
    /// TCP port.
    public let port: Int
    /// What comes before every path; empty or beginning with a slash, never ending with one.
    public let basePath: String
    /// How TLS is done.
    public var tls: TLSOptions
    /// A proxy as a URL; empty for none at all; `nil` for what the environment says.
    public var proxy: String?

    /// Reads a server's URL, `https://host[:port][/path]`; `nil` where it is none.
    public init?(_ url: String, tls: TLSOptions = TLSOptions(), proxy: String? = nil) {
        let rest: Substring
        if url.hasPrefix("https://") {
            rest = url.dropFirst(8)
            isSecure = true
        } else if url.hasPrefix("http://") {
            rest = url.dropFirst(7)
            isSecure = false
        } else {
            return nil
        }
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }),
            !rest.contains("?"), !rest.contains("#")
        else { return nil }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@"),
            let (host, port) = HTTPServer.split(authority, isSecure ? 443 : 80)
        else { return nil }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        self.host = host
        self.port = port
        self.tls = tls
        self.proxy = proxy
        basePath = String(path)
    }

    /// `host:port`, as messages name it.
    public var endpoint: String { bracketedHost + ":" + String(port) }

    /// The host as URLs spell it.
    var bracketedHost: String { host.contains(":") ? "[" + host + "]" : host }

    /// Whether the server runs on this machine.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// The URL of `target`. Where the server's certificate is for another name, that name stands in
    /// the URL and libcurl is told apart where to connect.
    func url(_ target: String) -> String {
        let name = tls.serverName.isEmpty ? bracketedHost : tls.serverName
        return (isSecure ? "https://" : "http://") + name + ":" + String(port) + basePath + target
    }

    private static func split(_ authority: Substring, _ standard: Int) -> (String, Int)? {
        var host = authority
        var port = standard
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            if rest.count > 1 {
                guard let number = Int(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            guard let number = Int(authority[authority.index(after: colon)...]) else { return nil }
            port = number
        }
        guard !host.isEmpty, (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }
}
