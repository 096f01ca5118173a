/// Why a text is no certificate that can be shown.
struct CertificateError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static let malformed = CertificateError("the certificate is malformed")
}
