import FoundationEssentials
import KubernetesCore

/// What makes a cluster the same one after a restart: whoever holds a kubeconfig or a token of it
/// goes on as if nothing had been.
struct ClusterIdentity: Sendable {
    /// The port on 127.0.0.1.
    var port: Int
    /// The administrator's bearer token.
    var token: String
    /// Who issues service-account tokens: the URL of the cluster's first start.
    let issuer: String
    /// The key that they are signed with.
    let tokenKey: [UInt8]
    /// Where the first UIDs came from.
    let seed: UInt64
    /// The authority and the server's certificate.
    let certificates: ClusterCertificates

    private static let fileName = "identity.json"

    /// The identity of a new cluster on `port`.
    init(port: Int, token: String?, now: Timestamp) throws {
        self.port = port
        self.token = token ?? Self.randomText()
        issuer = "https://127.0.0.1:\(port)"
        tokenKey = (0..<32).map { _ in UInt8.random(in: 0...255) }
        seed = UInt64.random(in: 1...UInt64.max)
        certificates = try ClusterCertificates(now: now)
    }

    private static func randomText() -> String {
        (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    }

    /// Reads the identity that a folder keeps; nil where it has none.
    static func load(from folder: DataFolder) throws -> ClusterIdentity? {
        let path = folder.path + "/" + fileName
        guard let bytes = try DataFile.read(path) else { return nil }
        guard let value = try? JSONValue(parsing: bytes), let identity = try Self(value) else {
            throw LocalClusterError.data(
                folder.path,
                "\(fileName) cannot be read. Put it back from a copy, or begin anew with another "
                    + "folder")
        }
        return identity
    }

    private init?(_ value: JSONValue) throws {
        guard value["version"]?.integer == 1,
            let port = value["port"]?.integer.flatMap({ Int(exactly: $0) }),
            (1...65_535).contains(port), let token = value["token"]?.string, !token.isEmpty,
            let issuer = value["issuer"]?.string,
            let key = value["tokenKey"]?.string.flatMap({ Data(base64Encoded: $0) }),
            key.count == 32, let seed = value["seed"]?.string.flatMap({ UInt64($0) }),
            let authority = value["authority"]?.string,
            let authorityKey = value["authorityKey"]?.string,
            let server = value["server"]?.string, let serverKey = value["serverKey"]?.string
        else { return nil }
        self.port = port
        self.token = token
        self.issuer = issuer
        tokenKey = Array(key)
        self.seed = seed
        certificates = ClusterCertificates(
            authorityPEM: authority, authorityKeyPEM: authorityKey, serverPEM: server,
            serverKeyPEM: serverKey)
    }

    /// Keeps the identity in a folder, readable by its owner alone.
    func save(in folder: DataFolder) throws {
        let value: JSONValue = [
            "version": 1, "port": .int(port), "token": .string(token), "issuer": .string(issuer),
            "tokenKey": .string(Data(tokenKey).base64EncodedString()),
            "seed": .string(String(seed)),
            "authority": .string(certificates.authorityPEM),
            "authorityKey": .string(certificates.authorityKeyPEM),
            "server": .string(certificates.serverPEM),
            "serverKey": .string(certificates.serverKeyPEM),
        ]
        try DataFile.replace(
            Self.fileName, with: Array((value.prettyText + "\n").utf8), in: folder)
    }
}
