import KubernetesCore

extension APIServer {
    /// Answers a resource whose objects are questions.
    mutating func review(_ call: inout APICall) throws(Failure) -> ServerReply {
        let decoded = try decode(&call, WriteOptions())
        var value = decoded.value
        if call.definition.kind == "Binding" {
            try matchNamespace(&value, call)
            return try bind(&call, value)
        }
        value[path: ["metadata", "creationTimestamp"]] = nil
        let spec = value["spec"] ?? [:]
        switch call.definition.kind {
        case "TokenReview":
            value["status"] = tokenReview(spec, at: call.now)
        case "SelfSubjectReview":
            value["status"] = ["userInfo": APIServer.json(call.user)]
        case "SelfSubjectAccessReview":
            value["status"] = try accessReview(spec, call.user, kind: call.definition.kind)
        case "SelfSubjectRulesReview":
            guard !(spec["namespace"]?.string ?? "").isEmpty else {
                throw .badRequest("no namespace on request")
            }
            value["status"] = rulesReview(spec, call.user)
        default:
            let user = UserIdentity(
                name: spec["user"]?.string ?? "",
                groups: Authorization.texts(spec["groups"]))
            value["status"] = try accessReview(
                spec, user, kind: call.definition.kind,
                home: call.definition.isNamespaced ? call.path.namespace : nil, asksForOther: true)
        }
        return call.reply(unstored: value, status: 201)
    }

    private func tokenReview(_ spec: JSONValue, at now: Timestamp) -> JSONValue {
        let token = spec["token"]?.string ?? ""
        let wanted = Authorization.texts(spec["audiences"])
        let audiences = wanted.isEmpty ? [configuration.issuer] : wanted
        if !configuration.adminToken.isEmpty, token == configuration.adminToken {
            guard wanted.isEmpty || wanted.contains(configuration.issuer) else {
                return ["user": [:]]
            }
            return [
                "authenticated": true, "user": APIServer.json(.administrator),
                "audiences": [.string(configuration.issuer)],
            ]
        }
        guard let found = serviceAccount(of: token, audiences: audiences, at: now) else {
            return ["user": [:], "error": "[invalid bearer token, token lookup failed]"]
        }
        return [
            "authenticated": true, "user": APIServer.json(found.user),
            "audiences": .strings(found.audiences),
        ]
    }

    static func json(_ user: UserIdentity) -> JSONValue {
        var value: JSONValue = ["username": .string(user.name), "groups": .strings(user.groups)]
        if !user.uid.isEmpty { value["uid"] = .string(user.uid) }
        if !user.extra.isEmpty {
            value["extra"] = .object(
                JSONObject(user.extra.map { ($0.key, JSONValue.strings($0.value)) }))
        }
        return value
    }

    private func accessReview(
        _ spec: JSONValue, _ user: UserIdentity, kind: String, home: String? = nil,
        asksForOther: Bool = false
    ) throws(Failure) -> JSONValue {
        let resource = spec["resourceAttributes"]
        let other = spec["nonResourceAttributes"]
        var errors: [FieldError] = []
        if resource != nil, other != nil {
            errors.append(
                .invalid(
                    FieldPath("spec.nonResourceAttributes"), other,
                    "cannot be specified in combination with resourceAttributes"))
        }
        if resource == nil, other == nil {
            errors.append(
                .invalid(
                    FieldPath("spec.resourceAttributes"), .null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be "
                        + "specified"))
        }
        if asksForOther, user.name.isEmpty, user.groups.isEmpty {
            errors.append(
                .invalid(
                    FieldPath("spec.user"), "", "at least one of user or group must be specified"))
        }
        if let home {
            let given = resource?["namespace"]?.string ?? ""
            if resource != nil, given != home {
                errors.append(
                    .invalid(
                        FieldPath("spec.resourceAttributes.namespace"), .string(given),
                        "must match metadata.namespace"))
            }
            if other != nil {
                errors.append(
                    .invalid(
                        FieldPath("spec.nonResourceAttributes"), other,
                        "disallowed on this kind of request"))
            }
        }
        guard errors.isEmpty else {
            throw .invalid(kind: kind, group: "authorization.k8s.io", name: "", errors)
        }
        func text(_ key: String) -> String { (resource ?? other)?[key]?.string ?? "" }
        let access = AccessAttributes(
            verb: text("verb"), group: text("group"), version: text("version"),
            resource: text("resource"), subresource: text("subresource"),
            namespace: text("namespace"), name: text("name"), path: text("path"))
        guard isAllowed(user, access) else { return ["allowed": false] }
        // What the masters may is not a question of roles.
        guard !user.groups.contains("system:masters"), let reason = grant(user, access) else {
            return ["allowed": true]
        }
        return ["allowed": true, "reason": .string(reason)]
    }

    /// All rules that bind a user, for `kubectl auth can-i --list`.
    private func rulesReview(_ spec: JSONValue, _ user: UserIdentity) -> JSONValue {
        var resources: [JSONValue] = []
        var others: [JSONValue] = []
        _ = firstRule(for: user, in: spec["namespace"]?.string ?? "") { rule in
            if rule["nonResourceURLs"]?.array?.isEmpty == false {
                others.append(rule)
            } else {
                resources.append(rule)
            }
            return false
        }
        return [
            "resourceRules": .array(resources), "nonResourceRules": .array(others),
            "incomplete": false,
        ]
    }

    /// Issues a token for a service account.
    mutating func requestToken(_ call: inout APICall) throws(Failure) -> ServerReply {
        var request = try readBody(&call, as: "TokenRequest", kind: "TokenRequest")
        let account = try existing(call)
        var audiences = Authorization.texts(request[path: ["spec", "audiences"]])
        if audiences.isEmpty { audiences = [configuration.issuer] }
        let seconds = request[path: ["spec", "expirationSeconds"]]?.integer ?? 3_600
        if seconds < 600 || seconds > 1 << 32 {
            throw .invalid(
                kind: "TokenRequest", group: "authentication.k8s.io", name: account.name,
                [
                    .invalid(
                        FieldPath("spec.expirationSeconds"), .integer(seconds),
                        seconds < 600
                            ? "may not specify a duration less than 10 minutes"
                            : "may not specify a duration larger than 2^32 seconds")
                ])
        }
        let bound = request[path: ["spec", "boundObjectRef"]] ?? [:]
        let pod = try boundPod(bound, account, call)
        let expires = call.now + .seconds(seconds)
        let claims = TokenIssuer.Claims(
            namespace: account.namespace, account: account.name, accountUID: account.uid,
            pod: pod?.name, podUID: pod?.uid,
            node: pod?.value[path: ["spec", "nodeName"]]?.string, audiences: audiences,
            issued: call.now, expires: expires, identifier: random.uid())
        request["apiVersion"] = "authentication.k8s.io/v1"
        request["kind"] = "TokenRequest"
        request["metadata"] = [
            "name": .string(account.name), "namespace": .string(account.namespace),
            "creationTimestamp": .string(call.now.description),
        ]
        request[path: ["spec", "audiences"]] = .strings(audiences)
        if pod == nil { request[path: ["spec", "boundObjectRef"]] = .null }
        request["status"] = [
            "token": .string(tokens.token(claims)),
            "expirationTimestamp": .string(expires.description),
        ]
        return call.reply(request, status: 201)
    }

    /// The pod a token is to be bound to; nil where it is bound to none.
    private func boundPod(
        _ reference: JSONValue, _ account: StoredObject, _ call: APICall
    ) throws(Failure) -> StoredObject? {
        let kind = reference["kind"]?.string ?? ""
        guard !kind.isEmpty else { return nil }
        guard kind == "Pod" else {
            throw .badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to object of type "
                    + "\(reference["apiVersion"]?.string ?? ""), Kind=\(kind)")
        }
        let name = reference["name"]?.string ?? ""
        guard let pod = store.object(.pods, call.namespace, name) else {
            throw .notFound(.pods, name)
        }
        let uid = reference["uid"]?.string ?? ""
        guard uid.isEmpty || uid == pod.uid else {
            throw .conflict(
                .pods, name,
                "the UID in the bound object reference (\(uid)) does not match the UID in "
                    + "record. The object might have been deleted and then recreated")
        }
        let user = pod.value[path: ["spec", "serviceAccountName"]]?.string ?? ""
        guard user == account.name else {
            throw .badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to pod running with "
                    + "different serviceaccount name.")
        }
        return pod
    }
}
