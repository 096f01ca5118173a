import KubernetesCore

/// Which objects are the parameters of a policy: `paramRef`.
struct ParameterReference: Sendable {
    private enum Choice: Sendable {
        case name(String)
        case selector(LabelSelector)
    }

    /// What was found.
    enum Found {
        case parameters([JSONValue])
        case failed(String)
    }

    private let choice: Choice
    private let namespace: String?
    /// Whether a policy without parameters denies.
    private let deniesWithout: Bool

    /// Reads the reference `key`; `nil` where there is none.
    init?(_ key: String, of fields: Fields) throws(PolicyProblem) {
        let known: Set<String> = [
            "name", "namespace", "selector", "parameterNotFoundAction",
        ]
        guard let reference = try fields.fields(key, known: known) else { return nil }
        let name = try reference.string("name") ?? ""
        let selector = try reference.selector("selector")
        if reference.has("selector") {
            guard name.isEmpty else {
                throw fields.problem(key, "must have a name or a selector, not both")
            }
            choice = .selector(selector ?? .everything)
        } else {
            guard !name.isEmpty else {
                throw fields.problem(key, "must have a name or a selector")
            }
            choice = .name(name)
        }
        let namespace = try reference.string("namespace") ?? ""
        self.namespace = namespace.isEmpty ? nil : namespace
        let action = try reference.choice("parameterNotFoundAction", of: ["Allow", "Deny"])
        deniesWithout = action == "Deny"
    }

    /// The parameters of `kind` for a request. A kind in namespaces is looked up in that of the
    /// reference, else in that of the request.
    func parameters(
        of kind: ParameterKind, for view: RequestView, _ surroundings: PolicySurroundings
    ) -> Found {
        let namespace = namespace ?? view.namespace
        let answer: PolicySurroundings.Answer
        switch choice {
        case .name(let name):
            answer = surroundings.lookup(
                .object(
                    apiVersion: kind.apiVersion, kind: kind.kind, namespace: namespace, name: name))
        case .selector(let selector):
            answer = surroundings.lookup(
                .objects(
                    apiVersion: kind.apiVersion, kind: kind.kind, namespace: namespace,
                    selector: selector))
        }
        var found: [JSONValue]
        switch answer {
        case .found(let json): found = json["items"]?.array ?? json.array ?? [json]
        case .notFound: found = []
        case .unavailable(let reason):
            return .failed("the parameters cannot be looked up: \(reason)")
        }
        if found.isEmpty, deniesWithout {
            return .failed(
                "no params found for policy binding with `Deny` parameterNotFoundAction")
        }
        return .parameters(found)
    }
}

/// The kind of a policy's parameters: `paramKind`.
struct ParameterKind: Sendable {
    let apiVersion: String
    let kind: String

    /// Reads the kind `key`; `nil` where there is none.
    init?(_ key: String, of fields: Fields) throws(PolicyProblem) {
        guard let members = try fields.fields(key, known: ["apiVersion", "kind"]) else {
            return nil
        }
        apiVersion = try members.requiredString("apiVersion")
        kind = try members.requiredString("kind")
    }
}
