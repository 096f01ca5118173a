import FoundationEssentials
public import KubernetesCore
import SwiftASN1
import X509

/// What the gateway shows who it is with: a certificate authority of its own, which agents are
/// given, and a certificate made from it at each start.
///
/// The authority is kept in a Secret, so that restarts and replicas have the same one; the key of
/// the certificate never leaves the process.
public struct GatewayIdentity: Sendable {
    /// The name of the Secret in the operator's namespace.
    public static let secretName = "swiftlet-gateway-ca"

    /// What agents check the gateway's certificate against, in PEM.
    public let caPEM: String
    /// When the gateway's certificate ends.
    public let expiry: Timestamp
    /// The gateway's certificate, in PEM.
    let certificatePEM: String
    /// The key of the gateway's certificate, in PEM.
    let keyPEM: String
    private let authority: Authority

    /// An identity with a new authority that nobody keeps: for a gateway without a cluster.
    /// - Parameter names: the DNS names and IP addresses under which agents know the gateway.
    public init(names: [String]) throws(GatewayError) {
        self = try Self.made { try GatewayIdentity(Authority(), names: names) }
    }

    /// The identity of the cluster's gateway: made at the first start, read at all others, made
    /// anew when the kept one nears its end or cannot be read. Where two replicas start at once,
    /// both end up with the one that was stored first.
    /// - Parameters:
    ///   - secrets: reads and writes the Secret.
    ///   - namespace: the operator's namespace.
    ///   - names: the DNS names and IP addresses under which agents know the gateway.
    public static func loadOrCreate(
        secrets: any CheckpointWriting, namespace: String, names: [String]
    ) async throws(GatewayError) -> GatewayIdentity {
        let key = Key<SecretView>(namespace: namespace, name: secretName)
        var reason = "another process keeps changing it"
        for _ in 0..<3 {
            let existing: SecretView?
            do throws(APIError) {
                existing = try await secrets.read(key)
            } catch {
                reason = "\(error)"
                continue
            }
            if let data = existing?.data, let authority = try? Authority(reading: data),
                authority.isGood()
            {
                return try made { try GatewayIdentity(authority, names: names) }
            }
            let authority = try made { try Authority() }
            let (secret, data) = try made { (try authority.secret(key), try authority.data()) }
            do throws(APIError) {
                if let existing {
                    try await secrets.patch(existing, ["data": data])
                } else {
                    try await secrets.create(secret)
                }
            } catch {
                reason = "\(error)"
            }
        }
        throw GatewayError("the gateway's CA cannot be kept in the Secret \(key): \(reason)")
    }

    /// The same authority with a new certificate for `names`.
    public func renewed(names: [String]) throws(GatewayError) -> GatewayIdentity {
        try Self.made { try GatewayIdentity(authority, names: names) }
    }

    /// Whether the certificate is in the last third of its life.
    public func isAging(at now: Timestamp) -> Bool {
        expiry - now < .seconds(Authority.leafLife / 3)
    }

    private init(_ authority: Authority, names: [String]) throws {
        self.authority = authority
        caPEM = try authority.pem()
        (certificatePEM, keyPEM) = try authority.issue(for: names)
        let end = try Certificate(pemEncoded: certificatePEM).notValidAfter
        expiry = Timestamp(seconds: Int64(end.timeIntervalSince1970))
    }

    private static func made<Value>(_ make: () throws -> Value) throws(GatewayError) -> Value {
        do { return try make() } catch {
            throw GatewayError("the gateway's certificate cannot be made: \(error)")
        }
    }
}
