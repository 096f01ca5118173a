import KubernetesCore

/// A value of a policy in whose texts, keys included, there may be variables; compiled once.
struct Template: Sendable {
    private indirect enum Node: Sendable {
        case constant(JSONValue)
        case text(VariableText)
        case list([Node])
        case members([(VariableText, Node)])
    }

    private let root: Node

    /// Compiles `value`. `path` says where it stands in the document, for errors; `place` is the
    /// JMESPath of the object's value that the whole of `value` is a pattern for.
    init(
        _ value: JSONValue, at path: String, in policyPlace: PolicyPlace, place: String = ""
    ) throws(PolicyProblem) {
        root = try Template.node(value, path, policyPlace, place)
    }

    /// The value, where it has no variables.
    var constant: JSONValue? {
        if case .constant(let value) = root { value } else { nil }
    }

    /// The value with its variables replaced.
    func value(in context: inout EvaluationContext) throws(EvaluationError) -> JSONValue {
        try Template.value(root, in: &context)
    }

    private static func value(
        _ node: Node, in context: inout EvaluationContext
    ) throws(EvaluationError) -> JSONValue {
        switch node {
        case .constant(let value): return value
        case .text(let text): return try text.value(in: &context)
        case .list(let nodes):
            var elements: [JSONValue] = []
            elements.reserveCapacity(nodes.count)
            for node in nodes { elements.append(try value(node, in: &context)) }
            return .array(elements)
        case .members(let nodes):
            var members: [(String, JSONValue)] = []
            members.reserveCapacity(nodes.count)
            for (key, node) in nodes {
                guard let name = try key.value(in: &context).string else {
                    throw EvaluationError(
                        .failed, "the key \"\(key.source)\" does not give a string")
                }
                members.append((name, try value(node, in: &context)))
            }
            return .object(JSONObject(members))
        }
    }

    private static func node(
        _ value: JSONValue, _ path: String, _ policyPlace: PolicyPlace, _ place: String
    ) throws(PolicyProblem) -> Node {
        switch value {
        case .string(let text):
            let compiled = try self.text(text, path, policyPlace, place)
            return compiled.isPlain ? .constant(value) : .text(compiled)
        case .array(let elements):
            var nodes: [Node] = []
            for (index, element) in elements.enumerated() {
                nodes.append(
                    try node(
                        element, "\(path)[\(index)]", policyPlace,
                        place.isEmpty ? "" : "\(place)[\(index)]"))
            }
            return nodes.allSatisfy(isConstant) ? .constant(value) : .list(nodes)
        case .object(let members):
            var nodes: [(VariableText, Node)] = []
            for (key, member) in members {
                let inner = place.isEmpty ? "" : "\(place).\(JMESPathKey.quoted(key))"
                nodes.append(
                    (
                        try text(key, path, policyPlace, ""),
                        try node(member, "\(path).\(key)", policyPlace, inner)
                    ))
            }
            return nodes.allSatisfy { $0.0.isPlain && isConstant($0.1) }
                ? .constant(value) : .members(nodes)
        default: return .constant(value)
        }
    }

    private static func isConstant(_ node: Node) -> Bool {
        if case .constant = node { true } else { false }
    }

    private static func text(
        _ text: String, _ path: String, _ policyPlace: PolicyPlace, _ place: String
    ) throws(PolicyProblem) -> VariableText {
        do {
            return try VariableText(text, place: place)
        } catch {
            throw policyPlace.problem(path, error.description)
        }
    }
}

/// Keys as JMESPath writes them.
enum JMESPathKey {
    /// `key` without its anchor, in quotes.
    static func quoted(_ key: String) -> String {
        JSONValue.string(PatternAnchor.parse(key)?.key ?? key).text
    }
}
