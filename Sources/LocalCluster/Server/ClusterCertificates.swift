import Crypto
import FoundationEssentials
import KubernetesCore
import SwiftASN1
import X509

/// The certificates of one local cluster: an authority of its own, the API server's certificate,
/// and those of the clients that it names.
struct ClusterCertificates: Sendable {
    /// The authority's certificate, in PEM.
    let authorityPEM: String
    /// The authority's private key, in PEM.
    let authorityKeyPEM: String
    /// The API server's certificate, in PEM.
    let serverPEM: String
    /// The API server's private key, in PEM.
    let serverKeyPEM: String

    private static let lifetime: TimeInterval = 10 * 365 * 86_400

    /// Certificates that were made before.
    init(authorityPEM: String, authorityKeyPEM: String, serverPEM: String, serverKeyPEM: String) {
        self.authorityPEM = authorityPEM
        self.authorityKeyPEM = authorityKeyPEM
        self.serverPEM = serverPEM
        self.serverKeyPEM = serverKeyPEM
    }

    /// Makes them for a server on loopback, valid for ten years.
    init(now: Timestamp) throws {
        let start = Date(timeIntervalSince1970: Double(now.seconds) - 300)
        let end = start.addingTimeInterval(Self.lifetime)
        let authorityKey = P256.Signing.PrivateKey()
        let authorityName = try DistinguishedName { CommonName("swiftlet local cluster") }
        let authority = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PrivateKey(authorityKey).publicKey, notValidBefore: start,
            notValidAfter: end, issuer: authorityName, subject: authorityName,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: Certificate.PrivateKey(authorityKey))
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
            issuerPrivateKey: Certificate.PrivateKey(authorityKey))
        authorityPEM = try authority.serializeAsPEM().pemString
        authorityKeyPEM = authorityKey.pemRepresentation
        serverPEM = try server.serializeAsPEM().pemString
        serverKeyPEM = key.pemRepresentation
    }

    /// A certificate for a client: its common name is the user, its organisations are the groups.
    func client(
        user: String, groups: [String], now: Timestamp
    ) throws -> (certificatePEM: String, keyPEM: String) {
        let start = Date(timeIntervalSince1970: Double(now.seconds) - 300)
        let authority = try Certificate(pemEncoded: authorityPEM)
        let authorityKey = try P256.Signing.PrivateKey(pemRepresentation: authorityKeyPEM)
        let key = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PrivateKey(key).publicKey, notValidBefore: start,
            notValidAfter: start.addingTimeInterval(Self.lifetime), issuer: authority.subject,
            subject: try DistinguishedName {
                for group in groups { OrganizationName(group) }
                CommonName(user)
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.clientAuth])
            },
            issuerPrivateKey: Certificate.PrivateKey(authorityKey))
        return (try certificate.serializeAsPEM().pemString, key.pemRepresentation)
    }
}
