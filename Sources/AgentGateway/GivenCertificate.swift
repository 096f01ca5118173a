import FoundationEssentials
import KubernetesCore
import SwiftASN1
import X509

/// A certificate that somebody else made for the gateway: with those between it and its root, its
/// key, and the roots that agents are given. One that agents would refuse is refused here.
struct GivenCertificate: Sendable, Equatable {
    /// The files of a Secret of type `kubernetes.io/tls`, as certificate programs write them.
    enum File: String, CaseIterable {
        /// The certificate and those between it and its root.
        case chain = "tls.crt"
        /// Its key.
        case key = "tls.key"
        /// The roots.
        case roots = "ca.crt"
    }

    /// The certificate, then those between it and its root, each in PEM.
    let chain: [String]
    /// Its key, in PEM.
    let key: String
    /// The roots, each in PEM.
    let roots: [String]
    /// When the certificate ends.
    let expiry: Timestamp

    /// Most certificates between a certificate and its root.
    private static let depthMax = 8

    /// Reads and checks the files' content.
    /// - Parameter name: the name by which agents know the gateway.
    init(
        _ files: [File: [UInt8]], name: String, at now: Date = Date()
    ) throws(GatewayError) {
        func text(_ file: File) throws(GatewayError) -> String {
            guard let bytes = files[file], !bytes.isEmpty else {
                throw GatewayError("\(file.rawValue) is missing or empty")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        let chain = try Self.certificates(try text(.chain), in: .chain)
        let roots = try Self.certificates(try text(.roots), in: .roots)
        let key = try text(.key)
        guard let leaf = chain.first else { throw GatewayError("tls.crt holds no certificate") }
        let own: Certificate.PrivateKey
        do { own = try Certificate.PrivateKey(pemEncoded: key) } catch {
            throw GatewayError("tls.key cannot be read: \(error)")
        }
        guard own.publicKey == leaf.publicKey else {
            throw GatewayError("tls.key is not the key of the first certificate in tls.crt")
        }
        guard leaf.notValidBefore <= now, now < leaf.notValidAfter else {
            throw GatewayError(
                "the certificate holds from \(leaf.notValidBefore) to \(leaf.notValidAfter)")
        }
        guard Self.isFor(name, leaf) else {
            throw GatewayError("the certificate is not for the name \(name)")
        }
        guard Self.vouch(roots, for: chain, at: now) else {
            throw GatewayError("no certificate in ca.crt vouches for the one in tls.crt")
        }
        self.chain = try Self.pem(chain)
        self.roots = try Self.pem(roots)
        self.key = key
        expiry = Timestamp(seconds: Int64(leaf.notValidAfter.timeIntervalSince1970))
    }

    private static func certificates(
        _ text: String, in file: File
    ) throws(GatewayError) -> [Certificate] {
        do {
            return try PEMDocument.parseMultiple(pemString: text).map {
                try Certificate(pemDocument: $0)
            }
        } catch {
            throw GatewayError("\(file.rawValue) cannot be read: \(error)")
        }
    }

    private static func pem(_ certificates: [Certificate]) throws(GatewayError) -> [String] {
        do {
            return try certificates.map { try $0.serializeAsPEM().pemString }
        } catch {
            throw GatewayError("a certificate cannot be written: \(error)")
        }
    }

    /// Whether the certificate is for `name`: a host's name, the first part of which may be any, or
    /// an address.
    private static func isFor(_ name: String, _ leaf: Certificate) -> Bool {
        guard let names = try? leaf.extensions.subjectAlternativeNames else { return false }
        let wanted = name.lowercased()
        let address = IPAddress.bytes(of: name)
        return names.contains { alternative in
            switch alternative {
            case .dnsName(let given):
                let given = given.lowercased()
                guard given.hasPrefix("*.") else { return given == wanted }
                let rest = wanted.drop { $0 != "." }
                return !rest.isEmpty && rest == given.dropFirst(1)
            case .ipAddress(let bytes): return address.map { $0[...] == bytes.bytes } ?? false
            default: return false
            }
        }
    }

    /// Whether one of `roots` vouches for the first of `chain`, through the others of it. Agents
    /// check the same and more; this is to find out before they do.
    static func vouch(_ roots: [Certificate], for chain: [Certificate], at now: Date) -> Bool {
        guard var current = chain.first else { return false }
        var others = Array(chain.dropFirst())
        for _ in 0...depthMax {
            guard current.notValidBefore <= now, now < current.notValidAfter else { return false }
            let here = current
            if roots.contains(where: { $0 == here || isSigned(here, by: $0) }) { return true }
            guard let next = others.firstIndex(where: { isSigned(here, by: $0) }) else {
                return false
            }
            current = others.remove(at: next)
        }
        return false
    }

    private static func isSigned(_ one: Certificate, by other: Certificate) -> Bool {
        one.issuer == other.subject && other.publicKey.isValidSignature(one.signature, for: one)
    }

    /// Whether one of these roots, in PEM, vouches for a chain in PEM.
    static func vouch(_ roots: [String], for chain: String, at now: Date) -> Bool {
        let known = roots.compactMap { try? Certificate(pemEncoded: $0) }
        guard let chain = try? certificates(chain, in: .chain) else { return false }
        return vouch(known, for: chain, at: now)
    }
}
