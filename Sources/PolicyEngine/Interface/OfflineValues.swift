public import KubernetesCore

/// What stands in for a cluster where policies are judged without one: Kyverno's `values.yaml`.
///
/// Values are set in the context of rules by dotted names, as in
/// `request.object.spec.serviceAccountName`; namespaces have labels; subresources have parents.
public struct OfflineValues: Sendable, Equatable {
    /// A value and where it goes.
    struct Value: Sendable, Equatable {
        let path: [String]
        let value: JSONValue

        /// `root` with the value in it; objects on the way are kept, all else is replaced.
        func merged(into root: JSONObject) -> JSONObject {
            guard
                let nested = path.reversed().reduce(value, { [$1: $0] }).object
            else { return root }
            return Value.merge(nested, into: root)
        }

        private static func merge(_ new: JSONObject, into old: JSONObject) -> JSONObject {
            var result = old
            for (key, value) in new {
                if let members = value.object, let existing = old[key]?.object {
                    result[key] = .object(merge(members, into: existing))
                } else {
                    result[key] = value
                }
            }
            return result
        }
    }

    /// Values for the rules of a policy.
    private struct Policy: Sendable, Equatable {
        let name: String
        let resources: [(name: String, values: [Value])]
        let rules: [(name: String, values: [Value])]

        static func == (left: Policy, right: Policy) -> Bool {
            left.name == right.name
                && left.resources.elementsEqual(right.resources, by: ==)
                && left.rules.elementsEqual(right.rules, by: ==)
        }
    }

    /// A kind that is a subresource of another one.
    public struct Subresource: Sendable, Equatable {
        /// The subresource's own kind.
        public let type: ResourceType
        /// The kind of the object that it belongs to.
        public let parent: ResourceType
        /// Its name, as in `scale`.
        public let name: String
    }

    private var globals: [Value] = []
    private var policies: [Policy] = []
    /// Namespaces by name, as far as they are given.
    public private(set) var namespaces: [String: JSONValue] = [:]
    /// Kinds that are subresources.
    public private(set) var subresources: [Subresource] = []

    /// No values: whatever would have to be loaded stays undefined.
    public init() {}

    /// Reads a `values.yaml`, found at `source`. Unknown fields are refused.
    public init(reading value: JSONValue, source: String) throws(PolicyProblem) {
        let place = PolicyPlace(source: source, policy: value["metadata"]?["name"]?.string ?? "")
        let fields = try Fields(
            value, at: "", in: place,
            known: [
                "apiVersion", "kind", "metadata", "globalValues", "policies", "namespaces",
                "namespaceSelector", "subresources",
            ])
        globals = try OfflineValues.values(fields, "globalValues")
        for (index, value) in try fields.list("policies").enumerated() {
            policies.append(
                try OfflineValues.policy(
                    try Fields(
                        value, at: "policies[\(index)]", in: place,
                        known: ["name", "resources", "rules"])))
        }
        for (index, value) in try fields.list("namespaceSelector").enumerated() {
            let selector = try Fields(
                value, at: "namespaceSelector[\(index)]", in: place, known: ["name", "labels"])
            let name = try selector.requiredString("name")
            let labels = JSONObject(try selector.stringMap("labels").map { ($0.0, .string($0.1)) })
            namespaces[name] = [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(name), "labels": .object(labels)],
            ]
        }
        for (index, value) in try fields.list("namespaces").enumerated() {
            guard let name = value["metadata"]?["name"]?.string else {
                throw place.problem("namespaces[\(index)].metadata.name", "must be given")
            }
            namespaces[name] = value
        }
        for (index, value) in try fields.list("subresources").enumerated() {
            subresources.append(
                try OfflineValues.subresource(
                    try Fields(
                        value, at: "subresources[\(index)]", in: place,
                        known: ["subresource", "parentResource"])))
        }
    }

    /// The values for a policy and an object by their names.
    func values(policy: String, resource: String) -> [Value] {
        globals
            + policies.filter { $0.name == policy }.flatMap(\.resources)
            .filter { $0.name == resource }.flatMap(\.values)
    }

    /// The values for a rule; rules made for pod controllers share those of the rule they were
    /// made from.
    func values(policy: String, rule: String) -> [Value] {
        let rules = policies.filter { $0.name == policy }.flatMap(\.rules)
        return rules.filter {
            rule == $0.name || rule == "autogen-" + $0.name
                || rule == "autogen-cronjob-" + $0.name
        }.flatMap(\.values)
    }

    /// `request` with what the values for a policy and the object say: another operation, another
    /// object.
    func adapted(_ request: PolicyRequest, to policy: String) -> PolicyRequest {
        let object = request.object.isNull ? request.oldObject : request.object
        let values = values(policy: policy, resource: object["metadata"]?["name"]?.string ?? "")
        guard !values.isEmpty else { return request }
        var result = request
        if let operation = OfflineValues.operation(in: values), operation != request.operation {
            result.operation = operation
            result.object = operation == .delete ? .null : object
            result.oldObject = operation == .create ? .null : object
        }
        for value in values where value.path.count > 2 && value.path[0] == "request" {
            let inner = Value(path: Array(value.path.dropFirst(2)), value: value.value)
            switch value.path[1] {
            case "object":
                result.object = .object(inner.merged(into: result.object.object ?? JSONObject()))
            case "oldObject":
                result.oldObject = .object(
                    inner.merged(into: result.oldObject.object ?? JSONObject()))
            default: continue
            }
        }
        return result
    }

    /// The operation that `values` name, where they name one.
    static func operation(in values: [Value]) -> PolicyRequest.Operation? {
        values.last { $0.path == ["request", "operation"] }?.value.string
            .flatMap(PolicyRequest.Operation.init)
    }

    /// The operation that is asked for of every object, where one is given.
    public var operation: PolicyRequest.Operation? { OfflineValues.operation(in: globals) }

    private static func policy(_ fields: Fields) throws(PolicyProblem) -> Policy {
        var resources: [(name: String, values: [Value])] = []
        for (index, value) in try fields.list("resources").enumerated() {
            let resource = try Fields(
                value, at: "\(fields.child("resources"))[\(index)]", in: fields.place,
                known: ["name", "values"])
            resources.append(
                (try resource.requiredString("name"), try values(resource, "values")))
        }
        var rules: [(name: String, values: [Value])] = []
        for (index, value) in try fields.list("rules").enumerated() {
            let rule = try Fields(
                value, at: "\(fields.child("rules"))[\(index)]", in: fields.place,
                known: ["name", "values", "foreachValues"])
            rules.append(
                (
                    try rule.requiredString("name"),
                    try values(rule, "values") + (try firstValues(rule, "foreachValues"))
                ))
        }
        return Policy(name: try fields.requiredString("name"), resources: resources, rules: rules)
    }

    private static func values(_ fields: Fields, _ key: String) throws(PolicyProblem) -> [Value] {
        guard let value = fields.value(key) else { return [] }
        guard let members = value.object else {
            throw fields.problem(key, "must be an object, not \(value.typeName)")
        }
        return members.map { Value(path: path($0), value: $1) }
    }

    /// Of values for each element of a list, those for the first one: Kyverno's command line uses
    /// no others.
    private static func firstValues(
        _ fields: Fields, _ key: String
    ) throws(PolicyProblem) -> [Value] {
        guard let value = fields.value(key) else { return [] }
        guard let members = value.object else {
            throw fields.problem(key, "must be an object, not \(value.typeName)")
        }
        return members.compactMap { name, list in
            list.array?.first.map { Value(path: path(name), value: $0) }
        }
    }

    /// The parts of a dotted name; a part in quotes may hold dots.
    private static func path(_ name: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in name {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == ".", !isQuoted {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return parts + [part]
    }

    private static func subresource(_ fields: Fields) throws(PolicyProblem) -> Subresource {
        let known: Set<String> = [
            "name", "namespaced", "kind", "group", "version", "singularName", "verbs",
            "storageVersionHash", "shortNames", "categories",
        ]
        guard let own = try fields.fields("subresource", known: known),
            let parent = try fields.fields("parentResource", known: known)
        else {
            throw fields.place.problem(fields.path, "must name subresource and parentResource")
        }
        let name = try own.requiredString("name")
        return Subresource(
            type: try type(own), parent: try type(parent),
            name: name.split(separator: "/").last.map(String.init) ?? name)
    }

    private static func type(_ fields: Fields) throws(PolicyProblem) -> ResourceType {
        ResourceType(
            group: try fields.string("group") ?? "",
            version: try fields.string("version") ?? "",
            kind: try fields.requiredString("kind"),
            plural: try fields.requiredString("name").split(separator: "/").first.map(String.init)
                ?? "")
    }
}
