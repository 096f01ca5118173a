import KubernetesCore

/// Issues and checks service-account tokens: JSON web tokens (RFC 7519) signed with a key that only
/// this server has.
struct TokenIssuer: Sendable {
    /// What a token says.
    struct Claims: Sendable {
        var namespace: String
        var account: String
        var accountUID: String
        var pod: String?
        var podUID: String?
        var node: String?
        var audiences: [String]
        var issued: Timestamp
        var expires: Timestamp
        var identifier: String
    }

    let issuer: String
    private let key: [UInt8]
    private static let header = Base64.encodeURL(
        Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    /// An issuer with a key of its own, or with one made from the seed where that is empty.
    init(issuer: String, seed: UInt64, key: [UInt8] = []) {
        self.issuer = issuer
        self.key =
            key.isEmpty
            ? SHA256Digest.hash(Array("service account tokens of seed \(seed)".utf8)) : key
    }

    func token(_ claims: Claims) -> String {
        var inner: JSONValue = [
            "namespace": .string(claims.namespace),
            "serviceaccount": ["name": .string(claims.account), "uid": .string(claims.accountUID)],
        ]
        if let pod = claims.pod {
            inner["pod"] = ["name": .string(pod), "uid": .string(claims.podUID ?? "")]
        }
        if let node = claims.node { inner["node"] = ["name": .string(node)] }
        let payload: JSONValue = [
            "aud": .strings(claims.audiences), "exp": .integer(claims.expires.seconds),
            "iat": .integer(claims.issued.seconds), "nbf": .integer(claims.issued.seconds),
            "iss": .string(issuer), "jti": .string(claims.identifier), "kubernetes.io": inner,
            "sub": .string(
                "system:serviceaccount:\(claims.namespace):\(claims.account)"),
        ]
        let signed = TokenIssuer.header + "." + Base64.encodeURL(payload.encoded())
        return signed + "." + signature(of: signed)
    }

    /// What a token says, where it is ours and unchanged; its time is not checked here.
    func claims(of token: String) -> Claims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == TokenIssuer.header,
            signature(of: parts[0] + "." + parts[1]) == parts[2],
            let bytes = Base64.decodeURL(parts[1]), let payload = try? JSONValue(parsing: bytes),
            let inner = payload["kubernetes.io"], let issued = payload["iat"]?.integer,
            let expires = payload["exp"]?.integer
        else { return nil }
        return Claims(
            namespace: inner["namespace"]?.string ?? "",
            account: inner[path: ["serviceaccount", "name"]]?.string ?? "",
            accountUID: inner[path: ["serviceaccount", "uid"]]?.string ?? "",
            pod: inner[path: ["pod", "name"]]?.string, podUID: inner[path: ["pod", "uid"]]?.string,
            node: inner[path: ["node", "name"]]?.string,
            audiences: (payload["aud"]?.array ?? []).compactMap(\.string),
            issued: Timestamp(seconds: issued), expires: Timestamp(seconds: expires),
            identifier: payload["jti"]?.string ?? "")
    }

    private func signature(of text: String) -> String {
        Base64.encodeURL(SHA256Digest.authenticate(Array(text.utf8), key: key))
    }
}
