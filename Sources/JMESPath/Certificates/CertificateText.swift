import KubernetesCore

/// Certificates and requests for them, in PEM, as the JSON that Kyverno shows: the fields of Go's
/// `x509.Certificate` and `x509.CertificateRequest`. Keys other than RSA are refused, as there.
///
/// Signatures are not checked. Name constraints are shown among the extensions only.
enum CertificateText {
    /// The most bytes of a certificate; larger ones do not occur.
    private static let bytesMax = 64 << 10

    static func decode(_ text: String) throws(CertificateError) -> JSONValue {
        for (label, read) in [
            ("CERTIFICATE", certificate), ("CERTIFICATE REQUEST", request),
        ] {
            if let bytes = try block(label, text) { return .object(JSONObject(try read(bytes))) }
        }
        throw CertificateError(
            "the text has no PEM block of a CERTIFICATE or a CERTIFICATE REQUEST")
    }

    private typealias Members = [(String, JSONValue)]

    /// The bytes of the first PEM block called `label`.
    private static func block(
        _ label: String, _ text: String
    ) throws(CertificateError) -> ArraySlice<UInt8>? {
        guard let begin = text.firstRange(of: "-----BEGIN \(label)-----") else { return nil }
        let behind = text[begin.upperBound...]
        guard let end = behind.firstRange(of: "-----END \(label)-----") else {
            throw CertificateError("the PEM block does not end")
        }
        let letters = behind[..<end.lowerBound].filter { !$0.isWhitespace }
        guard letters.utf8.count <= bytesMax * 2, let bytes = Base64.decode(letters),
            bytes.count <= bytesMax
        else { throw CertificateError("the PEM block is no base64") }
        return bytes[...]
    }

    private static func base64(_ bytes: ArraySlice<UInt8>) -> JSONValue {
        .string(Base64.encode(Array(bytes)))
    }

    private static func certificate(
        _ bytes: ArraySlice<UInt8>
    ) throws(CertificateError) -> Members {
        var outer = DERReader(bytes)
        let whole = try outer.next(DERReader.sequence)
        guard outer.isAtEnd else { throw .malformed }
        var parts = whole.inside
        let signed = try parts.next(DERReader.sequence)
        let algorithm = try parts.next(DERReader.sequence)
        let signature = try parts.next(DERReader.bitString).bits()

        var fields = signed.inside
        let version = try fields.optional(0xA0).map { value throws(CertificateError) in
            var inside = value.inside
            return try inside.next(DERReader.integer).content.last ?? 0
        }
        let serial = try fields.next(DERReader.integer).content
        _ = try fields.next(DERReader.sequence)
        let issuer = try fields.next(DERReader.sequence)
        var validity = try fields.next(DERReader.sequence).inside
        let notBefore = try validity.next().time()
        let notAfter = try validity.next().time()
        let subject = try fields.next(DERReader.sequence)
        let key = try fields.next(DERReader.sequence)
        _ = try fields.optional(0x81)
        _ = try fields.optional(0x82)
        let list = try fields.optional(0xA3)
        let extensions = try CertificateExtensions(list: list)
        return [
            ("Raw", base64(whole.whole)), ("RawTBSCertificate", base64(signed.whole)),
            ("RawSubjectPublicKeyInfo", base64(key.whole)), ("RawSubject", base64(subject.whole)),
            ("RawIssuer", base64(issuer.whole)), ("Signature", base64(signature)),
            ("SignatureAlgorithm", try signatureAlgorithm(algorithm)),
            ("PublicKeyAlgorithm", 1), ("PublicKey", try publicKey(key)),
            ("Version", .integer(Int64(version ?? 0) + 1)),
            ("SerialNumber", DecimalNumber.json(serial)),
            ("Issuer", try DistinguishedName.json(issuer)),
            ("Subject", try DistinguishedName.json(subject)),
            ("NotBefore", .string(notBefore)), ("NotAfter", .string(notAfter)),
        ] + extensions.certificateMembers
    }

    private static func request(_ bytes: ArraySlice<UInt8>) throws(CertificateError) -> Members {
        var outer = DERReader(bytes)
        let whole = try outer.next(DERReader.sequence)
        guard outer.isAtEnd else { throw .malformed }
        var parts = whole.inside
        let signed = try parts.next(DERReader.sequence)
        let algorithm = try parts.next(DERReader.sequence)
        let signature = try parts.next(DERReader.bitString).bits()

        var fields = signed.inside
        let version = try fields.next(DERReader.integer).content.last ?? 0
        let subject = try fields.next(DERReader.sequence)
        let key = try fields.next(DERReader.sequence)
        let extensions = try CertificateExtensions(attributes: try fields.optional(0xA0))
        return [
            ("Raw", base64(whole.whole)), ("RawTBSCertificateRequest", base64(signed.whole)),
            ("RawSubjectPublicKeyInfo", base64(key.whole)), ("RawSubject", base64(subject.whole)),
            ("Version", .integer(Int64(version))), ("Signature", base64(signature)),
            ("SignatureAlgorithm", try signatureAlgorithm(algorithm)),
            ("PublicKeyAlgorithm", 1), ("PublicKey", try publicKey(key)),
            ("Subject", try DistinguishedName.json(subject)), ("Attributes", .null),
        ] + extensions.requestMembers
    }

    /// The numbers that Go has for the ways to sign.
    private static func signatureAlgorithm(
        _ algorithm: DERReader.Value
    ) throws(CertificateError) -> JSONValue {
        var inside = algorithm.inside
        let identifier = try inside.next(DERReader.objectIdentifier).identifier()
        let numbers: [[Int]: Int64] = [
            [1, 2, 840, 113549, 1, 1, 2]: 1, [1, 2, 840, 113549, 1, 1, 4]: 2,
            [1, 2, 840, 113549, 1, 1, 5]: 3, [1, 2, 840, 113549, 1, 1, 11]: 4,
            [1, 2, 840, 113549, 1, 1, 12]: 5, [1, 2, 840, 113549, 1, 1, 13]: 6,
            [1, 2, 840, 10045, 4, 1]: 9, [1, 2, 840, 10045, 4, 3, 2]: 10,
            [1, 2, 840, 10045, 4, 3, 3]: 11, [1, 2, 840, 10045, 4, 3, 4]: 12, [1, 3, 101, 112]: 16,
        ]
        return .integer(numbers[identifier] ?? 0)
    }

    private static func publicKey(_ info: DERReader.Value) throws(CertificateError) -> JSONValue {
        var inside = info.inside
        var algorithm = try inside.next(DERReader.sequence).inside
        let identifier = try algorithm.next(DERReader.objectIdentifier).identifier()
        guard identifier == [1, 2, 840, 113549, 1, 1, 1] else {
            throw CertificateError("certificate should use rsa algorithm")
        }
        var key = DERReader(try inside.next(DERReader.bitString).bits())
        var numbers = try key.next(DERReader.sequence).inside
        let modulus = try numbers.next(DERReader.integer).content
        let exponent = try numbers.next(DERReader.integer).content
        guard modulus.count <= 4_096, exponent.count <= 8 else { throw .malformed }
        return .object(
            JSONObject([
                ("N", .string(DecimalNumber.text(modulus))), ("E", DecimalNumber.json(exponent)),
            ]))
    }
}
