/// How the server proves who it is, and how we do. Everything is PEM and stays in memory.
public struct TLSOptions: Hashable, Sendable {
    /// The authorities that are trusted, and no others; empty for those of the system.
    public var authorities: [UInt8]
    /// Our certificate and what leads from it to an authority; empty for none.
    public var certificate: [UInt8]
    /// The key of our certificate.
    public var key: [UInt8]
    /// The name the server's certificate must bear, where it is not the host; empty for the host.
    public var serverName: String
    /// Whether the server's identity is not checked at all. Anybody can then read the traffic.
    public var isInsecure: Bool

    /// Options; the system's authorities and no certificate where nothing is given.
    public init(
        authorities: [UInt8] = [], certificate: [UInt8] = [], key: [UInt8] = [],
        serverName: String = "", isInsecure: Bool = false
    ) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
        self.isInsecure = isInsecure
    }
}
