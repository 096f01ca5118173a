import Crypto
import FoundationEssentials
import KubernetesCore
import SwiftASN1
import SwiftletAPI
import X509

/// A certificate authority: it signs the gateway's certificates and nothing else.
struct Authority: Sendable {
    private static let life: TimeInterval = 10 * 365 * 86_400
    /// How long before its end a new one is made.
    private static let renewal: TimeInterval = 3 * 365 * 86_400
    /// Certificates last well beyond any process and end before an authority is renewed.
    static let leafLife: TimeInterval = 2 * 365 * 86_400
    /// Certificates hold from a while before they are made, for machines whose clocks are behind.
    private static let skew: TimeInterval = 3_600

    private let key: P256.Signing.PrivateKey
    private let certificate: Certificate

    /// A new authority.
    init(now: Date = Date()) throws {
        key = P256.Signing.PrivateKey()
        let own = Certificate.PrivateKey(key)
        let name = try DistinguishedName { CommonName("swiftlet gateway CA") }
        certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: own.publicKey,
            notValidBefore: now - Self.skew, notValidAfter: now + Self.life, issuer: name,
            subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: own.publicKey)
            }, issuerPrivateKey: own)
    }

    /// The authority that a Secret of type `kubernetes.io/tls` holds.
    init(reading data: [String: [UInt8]]) throws {
        let pem = String(decoding: data["tls.key"] ?? [], as: UTF8.self)
        key = try P256.Signing.PrivateKey(pemRepresentation: pem)
        certificate = try Certificate(
            pemEncoded: String(decoding: data["tls.crt"] ?? [], as: UTF8.self))
    }

    /// Whether it can sign certificates that last, and its two halves belong together.
    func isGood(now: Date = Date()) -> Bool {
        certificate.notValidAfter > now + Self.renewal && certificate.notValidBefore < now
            && certificate.publicKey == Certificate.PrivateKey(key).publicKey
    }

    /// The certificate in PEM.
    func pem() throws -> String { try certificate.serializeAsPEM().pemString }

    /// The content of the Secret.
    func data() throws -> JSONValue {
        [
            "tls.crt": SecretView.encoded(Array(try pem().utf8)),
            "tls.key": SecretView.encoded(Array(key.pemRepresentation.utf8)),
        ]
    }

    /// The whole Secret.
    func secret(_ name: Key<SecretView>) throws -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": [
                "name": .string(name.name), "namespace": .string(name.namespace),
                "labels": [SwiftletNames.Label.managedBy: .string(SwiftletNames.managedBy)],
            ],
            "data": try data(),
        ]
    }

    /// A certificate for a server of these names, with a new key; both in PEM.
    func issue(for names: [String], now: Date = Date()) throws -> (certificate: String, key: String)
    {
        let leaf = P256.Signing.PrivateKey()
        let own = Certificate.PrivateKey(leaf)
        let alternatives = names.map { name in
            IPAddress.bytes(of: name).map {
                GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...]))
            } ?? .dnsName(name)
        }
        let issued = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: own.publicKey,
            notValidBefore: now - Self.skew, notValidAfter: now + Self.leafLife,
            issuer: certificate.subject,
            subject: try DistinguishedName { CommonName("swiftlet gateway") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
            }, issuerPrivateKey: Certificate.PrivateKey(key))
        return (try issued.serializeAsPEM().pemString, leaf.pemRepresentation)
    }
}
