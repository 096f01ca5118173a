import KubernetesCore

/// Kyverno's functions of versions, images, addresses and certificates.
enum KyvernoReferenceFunctions {
    static let all: [Function] = [
        Function("semver_compare", [.string, .string]) { a, run throws(JMESPathError) in
            try run.spend(1 + (a.text(0).utf8.count + a.text(1).utf8.count) / 8)
            guard let range = SemanticVersionRange(a.text(1)) else {
                throw a.function.invalid("\"\(a.text(1).prefix(100))\" is no range of versions")
            }
            // What is no version counts as 0.0.0.
            return .bool(range.contains(SemanticVersion(a.text(0)) ?? .zero))
        },
        Function("image_normalize", [.string]) { a, run throws(JMESPathError) in
            try run.spend(1 + a.text(0).utf8.count / 8)
            guard let image = ImageReference(a.text(0)) else {
                throw a.function.invalid("\"\(a.text(0).prefix(100))\" is no name of an image")
            }
            return .string(image.text)
        },
        Function("is_external_url", [.string]) { a, run throws(JMESPathError) in
            try run.spend(1 + a.text(0).utf8.count / 8)
            guard let host = HostAddress(url: a.text(0)) else {
                throw a.function.invalid(
                    "\"\(a.text(0).prefix(100))\" has a name for its host, and names are not "
                        + "looked up here: a verdict must not depend on DNS")
            }
            return .bool(!host.isLoopback && !host.isPrivate)
        },
        Function("x509_decode", [.string]) { a, run throws(JMESPathError) in
            try run.spend(writing: 4 * a.text(0).utf8.count)
            do throws(CertificateError) {
                return try CertificateText.decode(a.text(0))
            } catch {
                throw a.function.invalid(error.description)
            }
        },
    ]
}
