import Crypto
import FoundationEssentials
import KubernetesCore
import SwiftASN1
import X509

/// A certificate authority: it signs the gateway's certificates and nothing else.
struct Authority: Sendable, Equatable {
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

    /// The authority of these two halves in PEM, from the Secret's keys `name.crt` and `name.key`;
    /// throws where one of them cannot be read. Nothing of the key is said.
    init(_ name: String, in data: [String: [UInt8]]) throws(GatewayError) {
        guard let pem = data[name + ".crt"] else { throw GatewayError("\(name).crt is missing") }
        guard let keyPEM = data[name + ".key"] else {
            throw GatewayError("\(name).key is missing")
        }
        do {
            key = try P256.Signing.PrivateKey(
                pemRepresentation: String(decoding: keyPEM, as: UTF8.self))
        } catch {
            throw GatewayError("\(name).key is no P-256 private key in PEM")
        }
        do {
            certificate = try Certificate(pemEncoded: String(decoding: pem, as: UTF8.self))
        } catch {
            throw GatewayError("\(name).crt is no certificate in PEM")
        }
    }

    /// The same certificate and key.
    static func == (left: Authority, right: Authority) -> Bool {
        left.certificate == right.certificate
            && left.key.rawRepresentation == right.key.rawRepresentation
    }

    /// Whether `pem` is one certificate.
    static func isCertificate(_ pem: String) -> Bool {
        (try? Certificate(pemEncoded: pem)) != nil
    }

    /// When it was made.
    var made: Date { certificate.notValidBefore + Self.skew }

    /// Its key in PEM.
    var keyPEM: String { key.pemRepresentation }

    /// Whether it can sign certificates that last, and its two halves belong together.
    func isGood(now: Date = Date()) -> Bool {
        certificate.notValidAfter > now + Self.renewal && flaw(now: now) == nil
    }

    /// Why it cannot sign, as the end of a sentence; nil where it can.
    func flaw(now: Date = Date()) -> String? {
        if certificate.publicKey != Certificate.PrivateKey(key).publicKey {
            return "is of another key than the one beside it"
        }
        if certificate.notValidAfter <= now + Self.leafLife {
            return "ends too soon to sign: \(Self.text(certificate.notValidAfter))"
        }
        if certificate.notValidBefore >= now {
            return "does not hold before \(Self.text(certificate.notValidBefore))"
        }
        return nil
    }

    private static func text(_ date: Date) -> String {
        Timestamp(seconds: Int64(date.timeIntervalSince1970)).description
    }

    /// The certificate in PEM.
    func pem() throws -> String { try certificate.serializeAsPEM().pemString }

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
