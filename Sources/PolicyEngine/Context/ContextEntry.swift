import KubernetesCore

/// An entry of a rule's `context`: a name, and where its value comes from.
struct ContextEntry: Sendable {
    private struct Variable: Sendable {
        let value: Template?
        let query: QueryText?
        let standard: Template?
    }

    private struct ConfigMap: Sendable {
        let name: VariableText
        let namespace: VariableText?
    }

    private struct Call: Sendable {
        /// The path; `nil` for a call that only a stand-in can answer.
        let path: VariableText?
        let query: QueryText?
        let standard: Template?
    }

    /// Something that is looked up by one text: a GlobalContextEntry's name or an image.
    private struct Named: Sendable {
        let name: VariableText
        let query: QueryText?
    }

    private enum Source: Sendable {
        case variable(Variable)
        case configMap(ConfigMap)
        case call(Call)
        case global(Named)
        case image(Named)
    }

    let name: String
    private let source: Source

    private static let sources = [
        "variable", "configMap", "apiCall", "globalReference", "imageRegistry",
    ]
    private static let taken: Set<String> = [
        "request", "images", "element", "elementIndex", "serviceAccountName",
        "serviceAccountNamespace", "target", "@",
    ]

    /// Reads the entries of the list `context`. Offline, entries that would leave the cluster are
    /// taken; else they are refused.
    static func list(_ fields: Fields, isOffline: Bool) throws(PolicyProblem) -> [ContextEntry] {
        var entries: [ContextEntry] = []
        for (index, value) in try fields.list("context").enumerated() {
            entries.append(
                try ContextEntry(
                    try Fields(
                        value, at: "\(fields.child("context"))[\(index)]", in: fields.place,
                        known: Set(sources + ["name"])),
                    isOffline: isOffline))
        }
        return entries
    }

    private init(_ fields: Fields, isOffline: Bool) throws(PolicyProblem) {
        name = try fields.requiredString("name")
        guard !ContextEntry.taken.contains(name) else {
            throw fields.problem("name", "\"\(name)\" has a meaning of its own")
        }
        let given = ContextEntry.sources.filter(fields.has)
        guard given.count == 1, let key = given.first else {
            throw fields.place.problem(
                fields.path,
                "must have exactly one of: " + ContextEntry.sources.joined(separator: ", "))
        }
        switch key {
        case "variable": source = .variable(try ContextEntry.variable(fields))
        case "configMap": source = .configMap(try ContextEntry.configMap(fields))
        case "apiCall": source = .call(try ContextEntry.call(fields, isOffline: isOffline))
        case "globalReference":
            source = .global(try ContextEntry.named(fields, "globalReference", by: "name"))
        default:
            source = .image(try ContextEntry.named(fields, "imageRegistry", by: "reference"))
        }
    }

    private static func variable(_ fields: Fields) throws(PolicyProblem) -> Variable {
        guard
            let inner = try fields.fields("variable", known: ["value", "jmesPath", "default"])
        else { throw fields.problem("variable", "must be given") }
        return Variable(
            value: try template(inner, "value"), query: try QueryText(inner, "jmesPath"),
            standard: try template(inner, "default"))
    }

    private static func configMap(_ fields: Fields) throws(PolicyProblem) -> ConfigMap {
        guard let inner = try fields.fields("configMap", known: ["name", "namespace"]),
            let name = try VariableText(inner, "name")
        else { throw fields.problem("configMap.name", "must be given") }
        return ConfigMap(name: name, namespace: try VariableText(inner, "namespace"))
    }

    private static func call(_ fields: Fields, isOffline: Bool) throws(PolicyProblem) -> Call {
        guard
            let inner = try fields.fields(
                "apiCall",
                known: ["urlPath", "service", "method", "data", "jmesPath", "default"])
        else { throw fields.problem("apiCall", "must be given") }
        let method = try inner.string("method") ?? "GET"
        guard method == "GET" || method == "POST" else {
            throw inner.problem("method", "\"\(method)\" is none of: GET, POST")
        }
        let path = try VariableText(inner, "urlPath")
        if let service = inner.value("service") {
            guard path == nil else {
                throw inner.problem("service", "must not be given together with urlPath")
            }
            guard isOffline else {
                throw inner.problem(
                    "service", "is not supported: Swiftlet calls no services while it judges")
            }
            _ = try Fields(
                service, at: inner.child("service"), in: inner.place,
                known: ["url", "caBundle", "headers"])
        } else if path == nil {
            throw inner.problem("urlPath", "must be given")
        }
        guard method == "GET" || isOffline else {
            throw inner.problem(
                "method", "POST is not supported: judging an object changes nothing")
        }
        return Call(
            path: method == "GET" ? path : nil, query: try QueryText(inner, "jmesPath"),
            standard: try template(inner, "default"))
    }

    private static func named(
        _ fields: Fields, _ key: String, by word: String
    ) throws(PolicyProblem) -> Named {
        var known: Set<String> = [word, "jmesPath"]
        if key == "imageRegistry" { known.insert("imageRegistryCredentials") }
        guard let inner = try fields.fields(key, known: known),
            let name = try VariableText(inner, word)
        else { throw fields.problem("\(key).\(word)", "must be given") }
        return Named(name: name, query: try QueryText(inner, "jmesPath"))
    }

    private static func template(_ fields: Fields, _ key: String) throws(PolicyProblem) -> Template?
    {
        guard let value = fields.value(key) else { return nil }
        return try Template(value, at: fields.child(key), in: fields.place)
    }
}

extension ContextEntry {
    private typealias Lookup = PolicySurroundings.Lookup

    /// The entry's value; `nil` where it stays undefined, which happens offline only.
    func load(in context: inout EvaluationContext) throws(EvaluationError) -> JSONValue? {
        switch source {
        case .variable(let variable): try value(of: variable, &context)
        case .configMap(let map): try value(of: map, &context)
        case .call(let call): try value(of: call, &context)
        case .global(let named): try value(of: named, &context, Lookup.globalContext)
        case .image(let named): try value(of: named, &context, Lookup.image)
        }
    }

    private func value(
        of variable: Variable, _ context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue {
        let standard = try variable.standard?.value(in: &context)
        var result = standard ?? .null
        do {
            let query = try variable.query?.query(in: &context)
            if let value = try variable.value?.value(in: &context) {
                result = if let query { try context.search(query, in: value) } else { value }
            } else if let query {
                let found = try context.search(query)
                if !found.isNull { result = found }
            }
        } catch {
            guard standard != nil, error.kind != .limit else { throw error }
        }
        guard !result.isNull else {
            throw EvaluationError(.failed, "the context entry \"\(name)\" evaluates to nothing")
        }
        return result
    }

    private func value(
        of map: ConfigMap, _ context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue? {
        let mapName = try map.name.text(in: &context)
        let own = context.policyNamespace
        let namespace = try map.namespace?.text(in: &context) ?? (own.isEmpty ? "default" : own)
        guard own.isEmpty || namespace == own else {
            throw EvaluationError(
                .failed,
                "the context entry \"\(name)\" of a policy in \(own) must not read \(namespace)")
        }
        let lookup = Lookup.configMap(namespace: namespace, name: mapName)
        guard let found = try answer(lookup, context, "ConfigMap \(namespace)/\(mapName)") else {
            return nil
        }
        return [
            "data": found["data"] ?? .object(JSONObject()),
            "metadata": found["metadata"] ?? .object(JSONObject()),
        ]
    }

    private func value(
        of call: Call, _ context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue? {
        guard let template = call.path else { return nil }
        let path = try template.text(in: &context)
        let own = context.policyNamespace
        guard
            own.isEmpty || path.contains("/namespaces/\(own)/")
                || path.hasSuffix("/namespaces/\(own)")
        else {
            throw EvaluationError(
                .failed,
                "the context entry \"\(name)\" of a policy in \(own) must not read \(path)")
        }
        do {
            guard let found = try answer(.apiCall(path: path), context, path) else { return nil }
            guard let query = try call.query?.query(in: &context) else { return found }
            return try context.search(query, in: found)
        } catch {
            guard let standard = call.standard, error.kind != .limit else { throw error }
            return try standard.value(in: &context)
        }
    }

    private func value(
        of named: Named, _ context: inout EvaluationContext, _ lookup: (String) -> Lookup
    ) throws(EvaluationError) -> JSONValue? {
        let name = try named.name.text(in: &context)
        guard let found = try answer(lookup(name), context, "\"\(name)\"") else { return nil }
        guard let query = try named.query?.query(in: &context) else { return found }
        return try context.search(query, in: found)
    }

    private func answer(
        _ lookup: Lookup, _ context: EvaluationContext, _ what: String
    ) throws(EvaluationError) -> JSONValue? {
        let answer = context.surroundings.lookup(lookup)
        if case .found(let value) = answer { return value }
        if context.isOffline { return nil }
        switch answer {
        case .found(let value): return value
        case .notFound: throw EvaluationError(.failed, "\(what) does not exist")
        case .unavailable(let reason):
            throw EvaluationError(.failed, "\(what) cannot be read: \(reason)")
        }
    }
}
