import JMESPath
import KubernetesCore
import Testing

/// Certificates in policies, made with OpenSSL for these tests.
@Suite struct CertificateTests {
    private static func decode(_ text: String, _ path: String) -> String {
        Line.answer("x509_decode(@)\(path)", .kyverno, on: .string(text))
    }

    @Test(arguments: [
        Line("Version", "3"), Line("SerialNumber > `8e22`", "true"),
        Line("PublicKey.E", "65537"),
        Line("length(PublicKey.N)", "309"),
        Line("starts_with(PublicKey.N, '15436357330696')", "true"),
        Line("ends_with(PublicKey.N, '193614797389643')", "true"),
        Line("SignatureAlgorithm", "4"), Line("PublicKeyAlgorithm", "1"),
        Line("NotBefore", #""2026-11-21T10:58:03Z""#), Line("NotAfter", #""2036-11-18T10:58:03Z""#),
        Line("Subject.CommonName", #""agent.example""#),
        Line("Issuer.Organization", #"["Example"]"#),
        Line("Subject.Country", #"["DE"]"#), Line("Subject.Locality", "null"),
        Line("Subject.Names[0]", #"{"Type":[2,5,4,6],"Value":"DE"}"#),
        Line("Subject.SerialNumber", #""""#),
        Line("IsCA", "true"), Line("BasicConstraintsValid", "true"), Line("MaxPathLen", "0"),
        Line("MaxPathLenZero", "true"),
        Line("KeyUsage", "33"), Line("ExtKeyUsage", "[1,2]"),
        Line("UnknownExtKeyUsage", "[[1,2,3,4]]"),
        Line("DNSNames", #"["a.example","b.example"]"#),
        Line("IPAddresses", #"["10.0.0.1","fd00::1"]"#),
        Line("EmailAddresses", #"["x@example"]"#), Line("URIs[0].Host", #""example""#),
        Line("SubjectKeyId", #""euG6jcpurJtTUcJJHCJ56hyYGwM=""#),
        Line("AuthorityKeyId", #""euG6jcpurJtTUcJJHCJ56hyYGwM=""#),
        Line("CRLDistributionPoints", #"["http://crl.example/x"]"#),
        Line("OCSPServer", #"["http://ocsp.example"]"#),
        Line("IssuingCertificateURL", #"["http://ca.example/x"]"#),
        Line("PolicyIdentifiers", "[[1,2,3,4,5]]"),
        Line("length(Extensions)", "9"), Line("Extensions[0].Critical", "true"),
        Line("Extensions[0].Value", #""MAYBAf8CAQA=""#),
        Line("UnhandledCriticalExtensions", "null"), Line("RawSubject == RawIssuer", "true"),
        Line("length(keys(@))", "44"),
    ])
    func `a certificate shows what it says`(line: Line) {
        #expect(Self.decode(Self.certificate, " | " + line.source) == line.wanted)
    }

    @Test(arguments: [
        Line("Subject.OrganizationalUnit", #"["Agents"]"#), Line("Version", "0"),
        Line("DNSNames", #"["a.example"]"#),
        Line("SignatureAlgorithm", "4"), Line("Attributes", "null"),
        Line("length(PublicKey.N)", "309"), Line("length(keys(@))", "17"),
    ])
    func `a request shows what it asks for`(line: Line) {
        #expect(Self.decode(Self.request, " | " + line.source) == line.wanted)
    }

    @Test func `what is no certificate with an RSA key is refused`() {
        for text in [
            "", "xyz", "-----BEGIN CERTIFICATE-----", Self.elliptic,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        ] {
            #expect(Self.decode(text, "") == "error invalid-value")
        }
    }

    @Test func `a certificate cut or changed anywhere is shown or refused, and nothing traps`() {
        let lines = Self.certificate.split(separator: "\n")
        let body = Array(lines.dropFirst().dropLast().joined().utf8)
        for place in stride(from: 0, to: body.count, by: 3) {
            var changed = body
            changed[place] = changed[place] == 0x41 ? 0x2F : 0x41
            for bytes in [changed, Array(body.prefix(place / 4 * 4))] {
                let text =
                    lines[0] + "\n" + String(decoding: bytes, as: UTF8.self) + "\n"
                    + (lines.last ?? "")
                let answer = Self.decode(text, ".Version")
                #expect(answer.hasPrefix("error") || Int(answer) != nil, "\(answer)")
            }
        }
    }

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDpzCCAxCgAwIBAgIKEjRWeJCrze8SNDANBgkqhkiG9w0BAQsFADBZMQswCQYD
        VQQGEwJERTEPMA0GA1UECAwGQmVybGluMRAwDgYDVQQKDAdFeGFtcGxlMQ8wDQYD
        VQQLDAZBZ2VudHMxFjAUBgNVBAMMDWFnZW50LmV4YW1wbGUwHhcNMjYxMTIxMTA1
        ODAzWhcNMzYxMTE4MTA1ODAzWjBZMQswCQYDVQQGEwJERTEPMA0GA1UECAwGQmVy
        bGluMRAwDgYDVQQKDAdFeGFtcGxlMQ8wDQYDVQQLDAZBZ2VudHMxFjAUBgNVBAMM
        DWFnZW50LmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBANvSLrLu
        sI0weK8+OczcbpxrndATsaC3hWiultw1A2QjEBJH87VHVpQcxUCojtepOuvUMX8X
        Wq9rxdYKHVAcNgW/aXdfjge5iVQTaE9cQaobLBGNkFUidEWBwyvFRNxrlhkWLPOH
        fdxWXwaOH2SQ0+bACFXukVkSw1n1OhISoD9LAgMBAAGjggF0MIIBcDASBgNVHRMB
        Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwIChDAiBgNVHSUEGzAZBggrBgEFBQcD
        AQYIKwYBBQUHAwIGAyoDBDBaBgNVHREEUzBRgglhLmV4YW1wbGWCCWIuZXhhbXBs
        ZYcECgAAAYcQ/QAAAAAAAAAAAAAAAAAAAYEJeEBleGFtcGxlhhZzcGlmZmU6Ly9l
        eGFtcGxlL2FnZW50MB0GA1UdDgQWBBR64bqNym6sm1NRwkkcInnqHJgbAzAfBgNV
        HSMEGDAWgBR64bqNym6sm1NRwkkcInnqHJgbAzAlBgNVHR8EHjAcMBqgGKAWhhRo
        dHRwOi8vY3JsLmV4YW1wbGUveDBQBggrBgEFBQcBAQREMEIwHwYIKwYBBQUHMAGG
        E2h0dHA6Ly9vY3NwLmV4YW1wbGUwHwYIKwYBBQUHMAKGE2h0dHA6Ly9jYS5leGFt
        cGxlL3gwEQYDVR0gBAowCDAGBgQqAwQFMA0GCSqGSIb3DQEBCwUAA4GBADk0bVHb
        wSFw3Gr4ThI+O5yUlZFNbqly+b8NyGiFRzXY0Xj2SiAqJkNT7hBLtkTPhNFJd6lr
        8/fjeqX29kG+aqX7g+OMxXcLepzYW0nVjJ7OzNu2EcVWeC+Oe9B8wnSSkOvx//6d
        rssASFXxNuwkgfWU2Kwy0Fbv+VVn6YJk1pj0
        -----END CERTIFICATE-----
        """
    static let request = """
        -----BEGIN CERTIFICATE REQUEST-----
        MIIBwDCCASkCAQAwWTELMAkGA1UEBhMCREUxDzANBgNVBAgMBkJlcmxpbjEQMA4G
        A1UECgwHRXhhbXBsZTEPMA0GA1UECwwGQWdlbnRzMRYwFAYDVQQDDA1hZ2VudC5l
        eGFtcGxlMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDb0i6y7rCNMHivPjnM
        3G6ca53QE7Ggt4VorpbcNQNkIxASR/O1R1aUHMVAqI7XqTrr1DF/F1qva8XWCh1Q
        HDYFv2l3X44HuYlUE2hPXEGqGywRjZBVInRFgcMrxUTca5YZFizzh33cVl8Gjh9k
        kNPmwAhV7pFZEsNZ9ToSEqA/SwIDAQABoCcwJQYJKoZIhvcNAQkOMRgwFjAUBgNV
        HREEDTALgglhLmV4YW1wbGUwDQYJKoZIhvcNAQELBQADgYEAiSAnhiBu2NsGFYtj
        s6FvS1EKBI3C+Q46HyNGDOSYCh5yN45GSD7pM0A46Lkf/v4F/+U6Q8+uXDXxeBw6
        sPQe3sohVNw8VxnhKkTPlF35aNx4lhi1tTfeIcQdJGJ61Xdrn1C7fIGtfD8Yg1PQ
        DpcjeJYLEvi2NifgUI5o071xDv4=
        -----END CERTIFICATE REQUEST-----
        """
    static let elliptic = """
        -----BEGIN CERTIFICATE-----
        MIIBbTCCAROgAwIBAgIUUBPI2z7zWMc4Ysje9Ex6XN07J+owCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBeDAeFw0yNjExMjExMDU4MDNaFw0zNjExMTgxMDU4MDNaMAwx
        CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATY4rWRqXTdnxCD
        SYr89NqSrRWRY+A9h2uQFhv6q/rDnzcqCEAsSEbhID3AzfC7kua1oMo3IqWEMJVr
        RI6AJunqo1MwUTAdBgNVHQ4EFgQUrWfUWx06srA6TmA0pDsHL9n2u3swHwYDVR0j
        BBgwFoAUrWfUWx06srA6TmA0pDsHL9n2u3swDwYDVR0TAQH/BAUwAwEB/zAKBggq
        hkjOPQQDAgNIADBFAiAmjFsOsUzj9uwAeRR/Hq+Dwvwmy9YCP6Zz+e9+XwxWKgIh
        AI6ec3dfh8MxAJKZc81prxgnctuD/yuXkx9w2UF33SRv
        -----END CERTIFICATE-----
        """
}
