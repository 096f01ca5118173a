import FoundationEssentials
import Locking
public import Logging
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// The certificate of the metrics listener and its key in a folder, under the names that a mounted
/// Secret of the type `kubernetes.io/tls` gives them: `tls.crt` and `tls.key`, both in PEM.
///
/// The folder is read again at each handshake, so that a certificate which was renewed is shown to
/// whoever connects next. Where what lies there cannot be used, the one before goes on being shown
/// and the log says why, once.
public final class MetricsCertificate: Sendable {
    /// The names of the files.
    private static let names = (chain: "tls.crt", key: "tls.key")
    /// Most bytes of a file: a chain of a dozen certificates fits in many times.
    private static let bytesMax = 1 << 20

    private struct Files: Equatable {
        var chain: Data
        var key: Data
    }

    private struct Shown {
        var files: Files
        var certificate: NIOSSLContextConfigurationOverride
        /// What was refused last, so that it is said once; nil where the last was taken.
        var refused: String?
    }

    private let path: String
    private let logger: Logger
    private let shown: Mutex<Shown>

    /// Reads the folder at `path`; throws where it holds no certificate with its key.
    public init(_ path: String, logger: Logger) throws(GatewayError) {
        self.path = path
        self.logger = logger
        let files = try Self.read(path)
        shown = Mutex(Shown(files: files, certificate: try Self.certificate(files, path)))
    }

    /// A server's TLS settings.
    func configuration() throws(GatewayError) -> TLSConfiguration {
        let first = shown.withLock { $0.certificate }
        guard let chain = first.certificateChain, let key = first.privateKey else {
            throw GatewayError("\(path) holds no certificate")
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: key)
        tls.minimumTLSVersion = .tlsv12
        // Two small files for each handshake, of which there are a few a minute.
        tls.sslContextCallback = { [self] _, promise in promise.succeed(current()) }
        return tls
    }

    /// The certificate that the folder holds now, or the last that could be used.
    private func current() -> NIOSSLContextConfigurationOverride {
        shown.withLock { shown in
            do throws(GatewayError) {
                let files = try Self.read(path)
                if files != shown.files {
                    shown.certificate = try Self.certificate(files, path)
                    shown.files = files
                    logger.info("a new certificate is shown", metadata: ["folder": "\(path)"])
                }
                shown.refused = nil
            } catch {
                if shown.refused != error.description {
                    logger.warning("the certificate before is still shown: \(error)")
                }
                shown.refused = error.description
            }
            return shown.certificate
        }
    }

    private static func read(_ path: String) throws(GatewayError) -> Files {
        func content(_ name: String) throws(GatewayError) -> Data {
            guard let data = FileManager.default.contents(atPath: path + "/" + name) else {
                throw GatewayError("\(path)/\(name) cannot be read")
            }
            guard data.count <= bytesMax else {
                throw GatewayError("\(path)/\(name) has more than \(bytesMax) bytes")
            }
            return data
        }
        return Files(chain: try content(names.chain), key: try content(names.key))
    }

    private static func certificate(
        _ files: Files, _ path: String
    ) throws(GatewayError) -> NIOSSLContextConfigurationOverride {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(files.chain))
            guard let leaf = chain.first else {
                throw GatewayError("there is no certificate in it")
            }
            let key = try NIOSSLPrivateKey(bytes: Array(files.key), format: .pem)
            // A key that is not the certificate's is found here, and not by whoever connects: while
            // files are being replaced, one may be new and the other old. A key of a kind that
            // cannot be compared is taken as it is.
            let own = try? Certificate.PrivateKey(
                pemEncoded: String(decoding: files.key, as: UTF8.self))
            if let own, try own.publicKey != Certificate(derEncoded: leaf.toDERBytes()).publicKey {
                throw GatewayError("the key belongs to another certificate")
            }
            var result = NIOSSLContextConfigurationOverride()
            result.certificateChain = chain.map { .certificate($0) }
            result.privateKey = .privateKey(key)
            return result
        } catch {
            throw GatewayError(
                "\(path)/\(names.chain) and \(names.key) are no certificate with its key: \(error)")
        }
    }
}
