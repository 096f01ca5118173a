import CEL
import KubernetesCore

/// Kubernetes' `authorizer`: whether somebody may do something.
///
/// A check is built step by step; every step is a value that holds what has been said so far. Only
/// `check` asks, through `PolicySurroundings.Lookup.access`.
enum AuthorizerLibrary {
    static let authorizer = CELType.opaque(Name.authorizer)
    static let resourceCheck = CELType.opaque(Name.resource)

    private enum Name {
        static let authorizer = "kubernetes.authorization.Authorizer"
        static let path = "kubernetes.authorization.PathCheck"
        static let group = "kubernetes.authorization.GroupCheck"
        static let resource = "kubernetes.authorization.ResourceCheck"
        static let decision = "kubernetes.authorization.Decision"
    }

    /// What a check costs: two of them fit into what one expression may cost.
    private static let checkCost: UInt64 = 350_000

    /// The value of `authorizer` for the user of a request.
    static func value(for user: PolicyRequest.User) -> CELValue {
        .opaque(
            .named(
                Name.authorizer,
                ["user": .string(user.name), "groups": .strings(user.groups)]))
    }

    /// The value of `authorizer.requestResource`.
    static func requestResource(_ view: RequestView) -> CELValue {
        let type = view.request.type
        return .opaque(
            .named(
                Name.resource,
                [
                    "user": .string(view.request.user.name),
                    "groups": .strings(view.request.user.groups), "group": .string(type.group),
                    "resource": .string(type.plural),
                    "subresource": .string(view.request.subresource),
                    "namespace": .string(view.namespace), "name": .string(view.name),
                ]))
    }

    static let library: CELLibrary = {
        var library = CELLibrary(types: [
            "authorizer": authorizer, "pathcheck": .opaque(Name.path),
            "groupcheck": .opaque(Name.group), "resourcecheck": resourceCheck,
            "decision": .opaque(Name.decision),
        ])
        step(&library, "path", "authorizer.(string) -> pathcheck", Name.path, needsText: true)
        step(&library, "group", "authorizer.(string) -> groupcheck", Name.group)
        step(
            &library, "resource", "groupcheck.(string) -> resourcecheck", Name.resource,
            needsText: true)
        for key in ["subresource", "namespace", "name", "fieldSelector", "labelSelector"] {
            step(&library, key, "resourcecheck.(string) -> resourcecheck", Name.resource)
        }
        serviceAccount(&library)
        library.ask(
            "authorizer.check", as: ["check"],
            ["pathcheck.(string) -> decision", "resourcecheck.(string) -> decision"],
            cost: checkCost)
        decision(&library)
        return library
    }()

    /// A function that adds `key` to what has been said.
    private static func step(
        _ library: inout CELLibrary, _ key: String, _ signature: String, _ result: String,
        needsText: Bool = false
    ) {
        library.define([key], [signature]) { arguments throws(CELError) in
            var members = try members(arguments)
            guard case .string(let text)? = arguments.dropFirst().first else {
                throw CELError(.evaluation, "no such overload")
            }
            if needsText, text.isEmpty {
                throw CELError(.evaluation, "\(key) must not be empty")
            }
            members[key] = .string(text)
            return .opaque(.named(result, .object(members)))
        }
    }

    private static func serviceAccount(_ library: inout CELLibrary) {
        library.define(["serviceAccount"], ["authorizer.(string, string) -> authorizer"]) {
            arguments throws(CELError) in
            guard arguments.count == 3, case .string(let namespace) = arguments[1],
                case .string(let name) = arguments[2]
            else { throw CELError(.evaluation, "no such overload") }
            guard NameRules.dnsLabelErrors(namespace).isEmpty else {
                throw CELError(.evaluation, "Invalid service account namespace")
            }
            guard NameRules.dnsSubdomainErrors(name).isEmpty else {
                throw CELError(.evaluation, "Invalid service account name")
            }
            return .opaque(
                .named(
                    Name.authorizer,
                    [
                        "user": .string("system:serviceaccount:\(namespace):\(name)"),
                        "groups": [
                            "system:serviceaccounts",
                            .string("system:serviceaccounts:\(namespace)"),
                            "system:authenticated",
                        ],
                    ]))
        }
    }

    private static func decision(_ library: inout CELLibrary) {
        library.define(["allowed"], ["decision.() -> bool"]) { arguments throws(CELError) in
            .bool(try members(arguments)["allowed"]?.bool ?? false)
        }
        library.define(["reason"], ["decision.() -> string"]) { arguments throws(CELError) in
            .string(try members(arguments)["reason"]?.string ?? "")
        }
        library.define(["errored"], ["decision.() -> bool"]) { arguments throws(CELError) in
            .bool(try members(arguments)["error"] != nil)
        }
        library.define(["error"], ["decision.() -> string"]) { arguments throws(CELError) in
            .string(try members(arguments)["error"]?.string ?? "")
        }
    }

    private static func members(_ arguments: [CELValue]) throws(CELError) -> JSONObject {
        guard case .opaque(.named(_, let json))? = arguments.first, let members = json.object
        else { throw CELError(.evaluation, "no such overload") }
        return members
    }

    /// The question that a check asks.
    static func question(
        _ arguments: [CELValue]
    ) throws(CELError) -> PolicySurroundings.AccessQuestion {
        let members = try members(arguments)
        guard case .string(let verb)? = arguments.dropFirst().first else {
            throw CELError(.evaluation, "no such overload")
        }
        let text = { (key: String) in members[key]?.string ?? "" }
        var question = PolicySurroundings.AccessQuestion(
            user: text("user"), groups: (members["groups"]?.array ?? []).compactMap(\.string),
            verb: verb)
        question.path = text("path")
        question.group = text("group")
        question.resource = text("resource")
        question.subresource = text("subresource")
        question.namespace = text("namespace")
        question.name = text("name")
        question.fieldSelector = text("fieldSelector")
        question.labelSelector = text("labelSelector")
        return question
    }

    /// The decision that the answer stands for.
    static func decision(
        _ answer: PolicySurroundings.Answer
    ) throws(CELError) -> CELValue {
        switch answer {
        case .found(let json): .opaque(.named(Name.decision, json))
        case .notFound: .opaque(.named(Name.decision, ["allowed": false]))
        case .unavailable(let reason):
            throw CELError(.evaluation, "the authorizer cannot be asked: \(reason)")
        }
    }
}
