import Locking
import NIOCore
import NIOSSL

/// The certificate that the gateway shows to whoever connects next: it may be replaced at any time,
/// and connections that stand are not touched.
final class ServedCertificate: Sendable {
    private let current: Mutex<NIOSSLContextConfigurationOverride>

    /// The certificate of an identity; where it cannot be read there is none.
    init(_ identity: GatewayIdentity) {
        current = Mutex((try? Self.read(identity)) ?? .noChanges)
    }

    /// Shows the certificate of another identity from now on. Where it cannot be read, the one
    /// before stays.
    func replace(with identity: GatewayIdentity) throws(GatewayError) {
        do {
            let new = try Self.read(identity)
            current.withLock { $0 = new }
        } catch {
            throw GatewayError("the gateway's certificate cannot be read: \(error)")
        }
    }

    /// A server's TLS settings, with which each handshake takes the certificate that holds then.
    func configuration() throws -> TLSConfiguration {
        let first = current.withLock { $0 }
        guard let chain = first.certificateChain, let key = first.privateKey else {
            throw GatewayError("the gateway's certificate cannot be read")
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: key)
        tls.minimumTLSVersion = .tlsv12
        tls.sslContextCallback = { [self] _, promise in
            promise.succeed(current.withLock { $0 })
        }
        return tls
    }

    private static func read(
        _ identity: GatewayIdentity
    ) throws -> NIOSSLContextConfigurationOverride {
        var result = NIOSSLContextConfigurationOverride()
        result.certificateChain = try NIOSSLCertificate.fromPEMBytes(
            Array(identity.certificatePEM.utf8)
        ).map { .certificate($0) }
        result.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: Array(identity.keyPEM.utf8), format: .pem))
        return result
    }
}
