import Crypto
import FoundationEssentials
import KubernetesCore
import SwiftASN1
import X509

/// The certificates of one local cluster: an authority of its own and the API server's certificate,
/// made at its start and never kept.
struct ClusterCertificates: Sendable {
    /// The authority's certificate, in PEM.
    let authorityPEM: String
    /// The API server's certificate, in PEM.
    let serverPEM: String
    /// The API server's private key, in PEM.
    let serverKeyPEM: String

    /// Makes them for a server on loopback, valid for ten years: the cluster does not live so long.
    init(now: Timestamp) throws {
        let start = Date(timeIntervalSince1970: Double(now.seconds) - 300)
        let end = start.addingTimeInterval(10 * 365 * 86_400)
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let authorityName = try DistinguishedName { CommonName("swiftlet local cluster") }
        let authority = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: authorityKey.publicKey, notValidBefore: start, notValidAfter: end,
            issuer: authorityName, subject: authorityName,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: authorityKey)
        let key = P256.Signing.PrivateKey()
        let server = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PrivateKey(key).publicKey, notValidBefore: start,
            notValidAfter: end, issuer: authorityName,
            subject: try DistinguishedName { CommonName("kube-apiserver") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .dnsName("localhost"), .dnsName("kubernetes"),
                    .dnsName("kubernetes.default"), .dnsName("kubernetes.default.svc"),
                    .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                    .ipAddress(
                        ASN1OctetString(
                            contentBytes: ArraySlice([UInt8](repeating: 0, count: 15) + [1]))),
                ])
            },
            issuerPrivateKey: authorityKey)
        authorityPEM = try authority.serializeAsPEM().pemString
        serverPEM = try server.serializeAsPEM().pemString
        serverKeyPEM = key.pemRepresentation
    }
}
