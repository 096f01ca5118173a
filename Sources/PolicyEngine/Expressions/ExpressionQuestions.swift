import CEL
import JMESPath
import KubernetesCore

/// Answers calls of functions that look at more than their arguments.
struct ExpressionQuestions {
    let scope: ExpressionScope

    func answer(_ question: String, _ arguments: [CELValue]) throws(CELError) -> CELValue {
        switch question {
        case "authorizer.check":
            return try AuthorizerLibrary.decision(
                scope.answer(.access(try AuthorizerLibrary.question(arguments))))
        case "resource.Get": return try get(arguments)
        case "resource.List": return try list(arguments)
        case "resource.ToGVR": return try resource(arguments)
        case "globalContext.Get": return try globalContext(arguments)
        case "image.GetMetadata": return try imageMetadata(arguments)
        case "time.now": return try now()
        case "random": return try random(arguments)
        case "yaml.parse": return try yaml(arguments)
        case "resource.Post":
            throw CELError(.evaluation, "resource.Post is refused: policies here write nothing")
        default:
            throw CELError(
                .evaluation, "\(question) is refused: policies here call nothing but the cluster")
        }
    }

    // MARK: The cluster

    /// A resource by the first one or two arguments, and the arguments behind it.
    private func target(
        _ arguments: [CELValue]
    ) throws(CELError) -> (apiVersion: String, resource: String, rest: [CELValue]) {
        if case .opaque(.named(_, let json))? = arguments.first {
            guard let apiVersion = json["apiVersion"]?.string,
                let resource = json["resource"]?.string
            else { throw Self.mismatch }
            return (apiVersion, resource, Array(arguments.dropFirst()))
        }
        guard arguments.count >= 2, case .string(let apiVersion) = arguments[0],
            case .string(let resource) = arguments[1]
        else { throw Self.mismatch }
        return (apiVersion, resource, Array(arguments.dropFirst(2)))
    }

    /// The namespace that is asked about: that of the policy, where it lives in one, else the next
    /// argument.
    private func namespace(_ rest: inout [CELValue]) throws(CELError) -> String {
        if case .kyverno(namespaced: true) = scope.set.dialect { return scope.view.namespace }
        guard case .string(let namespace)? = rest.first else { throw Self.mismatch }
        rest.removeFirst()
        return namespace
    }

    private func get(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        var (apiVersion, resource, rest) = try target(arguments)
        let namespace = try namespace(&rest)
        guard case .string(let name)? = rest.first else { throw Self.mismatch }
        var path = try collection(apiVersion, resource, namespace) + "/" + segment(name)
        if rest.count > 1 {
            for subresource in try rest[1].json().array ?? [] {
                path += "/" + (try segment(subresource.string ?? ""))
            }
        }
        switch scope.answer(.apiCall(path: path)) {
        case .found(let json): return CELValue(json)
        case .notFound: return .null
        case .unavailable(let reason):
            throw CELError(.evaluation, "failed to get resource: \(reason)")
        }
    }

    private func list(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        var (apiVersion, resource, rest) = try target(arguments)
        let namespace = try namespace(&rest)
        let path = try collection(apiVersion, resource, namespace)
        switch scope.answer(.apiCall(path: path)) {
        case .found(let json):
            guard let wanted = try rest.first?.json().object, !wanted.isEmpty else {
                return CELValue(json)
            }
            return CELValue(Self.filtered(json, wanted))
        case .notFound:
            throw CELError(.evaluation, "failed to list resource: there is no \(path)")
        case .unavailable(let reason):
            throw CELError(.evaluation, "failed to list resource: \(reason)")
        }
    }

    private static func filtered(_ list: JSONValue, _ wanted: JSONObject) -> JSONValue {
        var result = list
        result["items"] = .array(
            (list["items"]?.array ?? []).filter { item in
                let labels = item["metadata"]?["labels"]
                return wanted.allSatisfy { labels?[$0.0] == $0.1 }
            })
        return result
    }

    private func collection(
        _ apiVersion: String, _ resource: String, _ namespace: String
    ) throws(CELError) -> String {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else {
            throw CELError(.evaluation, "\"\(apiVersion.prefix(300))\" is no apiVersion")
        }
        var path = parts.count == 1 ? "/api" : "/apis"
        for part in parts { path += "/" + (try segment(String(part))) }
        if !namespace.isEmpty { path += "/namespaces/" + (try segment(namespace)) }
        return path + "/" + (try segment(resource))
    }

    /// A part of a path that names one thing and nothing else.
    private func segment(_ text: String) throws(CELError) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "-._:".utf8.contains(byte)
        }
        guard isPlain, !text.isEmpty, text != ".", text != "..", text.utf8.count <= 253 else {
            throw CELError(.evaluation, "\"\(text.prefix(300))\" is no name of an API object")
        }
        return text
    }

    private func resource(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        guard arguments.count == 2, case .string(let apiVersion) = arguments[0],
            case .string(let kind) = arguments[1]
        else { throw Self.mismatch }
        let plural = KindNames.plural(of: try segment(kind))
        return .opaque(
            .named(
                "kyverno.GroupVersionResource",
                ["apiVersion": .string(apiVersion), "resource": .string(plural)]))
    }

    private func globalContext(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        guard case .string(let name)? = arguments.first else { throw Self.mismatch }
        var entry = name
        if arguments.count > 1 {
            guard case .string(let projection) = arguments[1] else { throw Self.mismatch }
            if !projection.isEmpty { entry += "." + projection }
        }
        switch scope.answer(.globalContext(name: entry)) {
        case .found(let json): return CELValue(json)
        case .notFound:
            throw CELError(
                .evaluation, "failed to get global reference: there is no entry \"\(entry)\"")
        case .unavailable(let reason):
            throw CELError(.evaluation, "failed to get global reference: \(reason)")
        }
    }

    private func imageMetadata(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        guard case .string(let reference)? = arguments.first else { throw Self.mismatch }
        switch scope.answer(.image(reference: reference)) {
        case .found(var json):
            // Kyverno's CEL calls `config` what its JMESPath calls `configData`.
            if json["config"] == nil, let config = json["configData"] { json["config"] = config }
            return CELValue(json)
        case .notFound:
            throw CELError(
                .evaluation, "failed to get image metadata: there is no image \"\(reference)\"")
        case .unavailable(let reason):
            throw CELError(.evaluation, "failed to get image metadata: \(reason)")
        }
    }

    // MARK: Time and chance

    private func now() throws(CELError) -> CELValue {
        let now = scope.surroundings.now
        let rest = now.nanoseconds - now.seconds * 1_000_000_000
        guard let time = CELTimestamp(seconds: now.seconds, nanoseconds: Int32(rest)) else {
            throw CELError(.evaluation, "timestamp overflow")
        }
        return .timestamp(time)
    }

    /// A text that a pattern matches; without one, eight letters and digits.
    private func random(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        let pattern = arguments.isEmpty ? [.string("[0-9a-z]{8}")] : arguments
        let environment = JMESPathEnvironment(
            now: scope.surroundings.now, seed: scope.draw())
        return try KyvernoLibrary.search("random(@)", pattern, environment)
    }

    private func yaml(_ arguments: [CELValue]) throws(CELError) -> CELValue {
        guard case .string(let text)? = arguments.first else { throw Self.mismatch }
        guard let parse = scope.surroundings.parseYAML else {
            throw CELError(.evaluation, "yaml.parse: nothing here reads YAML")
        }
        guard let value = parse(text) else {
            throw CELError(.evaluation, "yaml.parse: the text is no YAML")
        }
        return CELValue(value)
    }

    private static let mismatch = CELError(.evaluation, "no such overload")
}
