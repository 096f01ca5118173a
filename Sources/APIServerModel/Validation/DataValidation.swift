import KubernetesCore

/// The rules of ConfigMaps and Secrets: keys, size, types, and what may not change.
enum DataValidation {
    private static let bytesMax = 1 << 20
    private static let frozen = "field is immutable when `immutable` is set"

    static func configMapErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors = old.map { immutabilityErrors(value, old: $0, ["data", "binaryData"]) } ?? []
        var bytes = 0
        for (field, other) in [("data", "binaryData"), ("binaryData", "data")] {
            for (key, item) in value[field]?.object ?? [:] {
                let path = FieldPath(field).key(key)
                errors += NameRules.configKeyErrors(key).map { .invalid(path, .string(key), $0) }
                if value[path: [other, key]] != nil {
                    errors.append(
                        .invalid(path, .string(key), "duplicate of key present in \(other)"))
                }
                bytes += item.string?.utf8.count ?? 0
            }
        }
        if bytes > bytesMax { errors.append(.tooLong(FieldPath(""), limit: bytesMax)) }
        return errors
    }

    static func secretErrors(_ value: JSONValue, old: JSONValue?) -> [FieldError] {
        var errors: [FieldError] = []
        if let old {
            if old["type"] != value["type"] {
                errors.append(
                    .invalid(FieldPath("type"), value["type"] ?? .null, "field is immutable"))
            }
            errors += immutabilityErrors(value, old: old, ["data"])
        }
        let data = FieldPath("data")
        var bytes = 0
        for (key, item) in value["data"]?.object ?? [:] {
            errors += NameRules.configKeyErrors(key).map {
                .invalid(data.key(key), .string(key), $0)
            }
            bytes += (item.string?.utf8.count ?? 0) / 4 * 3
        }
        if bytes > bytesMax { errors.append(.tooLong(data, limit: bytesMax)) }
        return errors + typeErrors(value)
    }

    private static func immutabilityErrors(
        _ value: JSONValue, old: JSONValue, _ fields: [String]
    ) -> [FieldError] {
        guard old["immutable"]?.bool == true else { return [] }
        var errors: [FieldError] = []
        if value["immutable"]?.bool != true {
            errors.append(.forbidden(FieldPath("immutable"), frozen))
        }
        for field in fields where old[field] != value[field] {
            errors.append(.forbidden(FieldPath(field), frozen))
        }
        return errors
    }

    /// What a secret of a type that Kubernetes knows must have.
    private static func typeErrors(_ value: JSONValue) -> [FieldError] {
        func missing(_ key: String) -> FieldError { .required(FieldPath("data").key(key)) }
        func has(_ key: String) -> Bool { value[path: ["data", key]] != nil }
        switch value["type"]?.string {
        case "kubernetes.io/service-account-token":
            let key = "kubernetes.io/service-account.name"
            let name = value[path: ["metadata", "annotations", key]]?.string ?? ""
            return name.isEmpty
                ? [.required(FieldPath("metadata.annotations").key(key))] : []
        case "kubernetes.io/dockercfg": return documentErrors(value, ".dockercfg")
        case "kubernetes.io/dockerconfigjson": return documentErrors(value, ".dockerconfigjson")
        case "kubernetes.io/basic-auth":
            guard !has("username"), !has("password") else { return [] }
            return [missing("username"), missing("password")]
        case "kubernetes.io/ssh-auth":
            let key = value[path: ["data", "ssh-privatekey"]]?.string ?? ""
            return key.isEmpty ? [missing("ssh-privatekey")] : []
        case "kubernetes.io/tls": return ["tls.crt", "tls.key"].filter { !has($0) }.map(missing)
        default: return []
        }
    }

    private static func documentErrors(_ value: JSONValue, _ key: String) -> [FieldError] {
        let path = FieldPath("data").key(key)
        guard let text = value[path: ["data", key]]?.string else { return [.required(path)] }
        let bytes = Base64.decode(text) ?? []
        if (try? JSONValue(parsing: bytes))?.object != nil { return [] }
        return [
            .invalid(path, "<secret contents redacted>", GoJSONFault.describe(bytes))
        ]
    }
}
