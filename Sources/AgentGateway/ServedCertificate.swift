import Locking
import NIOCore
import NIOSSL

/// The certificate that the gateway shows to whoever connects next: it may be replaced at any time,
/// and connections that stand are not touched.
final class ServedCertificate: Sendable {
    private let current: Mutex<Result<NIOSSLContextConfigurationOverride, GatewayError>>

    /// The certificate of an identity. Where it cannot be read, `configuration()` says why.
    convenience init(_ identity: GatewayIdentity) {
        self.init(chain: identity.certificatePEM, key: identity.keyPEM)
    }

    /// A certificate and its key, both in PEM.
    init(chain: String, key: String) {
        current = Mutex(Result { () throws(GatewayError) in try Self.read(chain, key) })
    }

    /// Shows the certificate of another identity from now on. Where it cannot be read, the one
    /// before stays.
    func replace(with identity: GatewayIdentity) throws(GatewayError) {
        let new = try Self.read(identity.certificatePEM, identity.keyPEM)
        current.withLock { $0 = .success(new) }
    }

    /// A server's TLS settings, with which each handshake takes the certificate that holds then.
    func configuration() throws(GatewayError) -> TLSConfiguration {
        let first = try current.withLock { $0 }.get()
        guard let chain = first.certificateChain, let key = first.privateKey else {
            throw GatewayError("the gateway's certificate has no chain or no key")
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: key)
        tls.minimumTLSVersion = .tlsv12
        tls.sslContextCallback = { [self] _, promise in
            promise.completeWith(current.withLock { $0 }.mapError { $0 as any Error })
        }
        return tls
    }

    private static func read(
        _ chain: String, _ key: String
    ) throws(GatewayError) -> NIOSSLContextConfigurationOverride {
        var result = NIOSSLContextConfigurationOverride()
        do {
            result.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8))
                .map { .certificate($0) }
            result.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        } catch {
            throw GatewayError("the gateway's certificate cannot be read: \(error)")
        }
        return result
    }
}
