import KubernetesCore

extension APIServer {
    /// Who sends a request. A token that is nobody's is refused; no token at all is anonymous.
    func identify(_ request: ServerRequest, at now: Timestamp) throws(Failure) -> UserIdentity {
        if let identity = request.clientIdentity { return identity }
        guard let field = request.header("authorization"), !field.isEmpty else {
            return .anonymous
        }
        let space = UInt8(ascii: " ")
        let words = field.utf8.split(separator: space, maxSplits: 1)
        guard words.count == 2, Substring(words[0]).lowercased() == "bearer" else {
            return .anonymous
        }
        let token =
            words[1].contains(space)
            ? words[1].split(separator: space).map { String(Substring($0)) }.joined()
            : String(Substring(words[1]))
        guard let user = authenticate(bearer: token, at: now) else { throw .unauthorized }
        return user
    }

    /// Whom a request wants to be taken for, where it names somebody and its sender may do that.
    func impersonate(
        _ request: ServerRequest, _ user: UserIdentity
    ) throws(Failure) -> UserIdentity {
        guard let name = request.header("impersonate-user"), !name.isEmpty else { return user }
        var groups = request.headers.filter { $0.0 == "impersonate-group" }.map { $0.1 }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var wanted = [AccessAttributes(verb: "impersonate", resource: "users", name: name)]
        if parts.count == 4, name.hasPrefix("system:serviceaccount:") {
            wanted = [
                AccessAttributes(
                    verb: "impersonate", resource: "serviceaccounts", namespace: parts[2],
                    name: parts[3])
            ]
            if groups.isEmpty {
                groups = ["system:serviceaccounts", "system:serviceaccounts:" + parts[2]]
            }
        }
        wanted += request.headers.filter { $0.0 == "impersonate-group" }.map {
            AccessAttributes(verb: "impersonate", resource: "groups", name: $0.1)
        }
        for access in wanted where !isAllowed(user, access) { throw access.refusal(of: user) }
        if name == UserIdentity.anonymous.name { return .anonymous }
        if !groups.contains("system:authenticated") { groups.append("system:authenticated") }
        return UserIdentity(name: name, groups: groups)
    }

    /// The service account a token stands for and the audiences it was found good for. Nil where
    /// the token is not ours, out of time, for others, or bound to what no longer exists.
    func serviceAccount(
        of token: String, audiences: [String], at now: Timestamp
    ) -> (user: UserIdentity, audiences: [String])? {
        guard let claims = tokens.claims(of: token), claims.issued <= now, now < claims.expires
        else { return nil }
        let common = claims.audiences.filter { audiences.contains($0) }
        guard !common.isEmpty,
            let account = store.object(.serviceAccounts, claims.namespace, claims.account),
            account.uid == claims.accountUID
        else { return nil }
        var extra = ["authentication.kubernetes.io/credential-id": ["JTI=" + claims.identifier]]
        if let name = claims.pod {
            guard let pod = store.object(.pods, claims.namespace, name), pod.uid == claims.podUID
            else { return nil }
            extra["authentication.kubernetes.io/pod-name"] = [name]
            extra["authentication.kubernetes.io/pod-uid"] = [pod.uid]
            if let node = claims.node {
                extra["authentication.kubernetes.io/node-name"] = [node]
            }
        }
        let user = UserIdentity(
            name: "system:serviceaccount:\(claims.namespace):\(claims.account)",
            uid: account.uid,
            groups: [
                "system:serviceaccounts", "system:serviceaccounts:" + claims.namespace,
                "system:authenticated",
            ], extra: extra)
        return (user, common)
    }
}
