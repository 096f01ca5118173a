import APIServerModel
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// Whom a client's certificate names, once its chain was verified.
enum ClientCertificate {
    /// Whom the certificate names that the client of a connection has shown, once its handshake is
    /// over; nil where it has shown none.
    static func identity(in pipeline: ChannelPipeline.SynchronousOperations) -> UserIdentity? {
        guard let bytes = try? pipeline.nioSSL_peerCertificate()?.toDERBytes() else { return nil }
        return identity(der: bytes)
    }

    /// The common name is the user, organisations are groups. Nil where the certificate names
    /// nobody or is not made for clients.
    static func identity(der bytes: [UInt8]) -> UserIdentity? {
        guard let certificate = try? Certificate(derEncoded: bytes),
            let usage = try? certificate.extensions.extendedKeyUsage,
            usage.contains(.clientAuth)
        else { return nil }
        var name = ""
        var groups: [String] = []
        for attribute in certificate.subject.flatMap(\.self) {
            guard let text = String(attribute.value) else { continue }
            switch attribute.type {
            case .RDNAttributeType.commonName: name = text
            case .RDNAttributeType.organizationName: groups.append(text)
            default: break
            }
        }
        guard !name.isEmpty else { return nil }
        return UserIdentity(name: name, groups: groups + ["system:authenticated"])
    }
}
