public import KubernetesCore

/// A tool as clients are told of it, and the schema that its arguments are held against.
public struct ToolDefinition: Sendable {
    /// What a tool does to the world, as a hint that nobody may rely on.
    public enum Effect: Hashable, Sendable {
        /// It only looks.
        case reads
        /// It makes or changes something; twice with the same arguments is as good as once.
        case repeatable
        /// It makes or changes something each time.
        case writes
    }

    /// The tool's name, as calls use it.
    public let name: String
    /// For people.
    let title: String
    /// For models.
    let text: String
    /// What arguments it takes. Members that are not in it are refused.
    let input: StructuralSchema
    /// What it answers with.
    let output: StructuralSchema
    /// What it does.
    let effect: Effect
    /// Whether it can be answered with a task.
    let makesTasks: Bool

    init(
        _ name: String, _ title: String, _ effect: Effect, makesTasks: Bool = false,
        input: StructuralSchema, output: StructuralSchema, _ text: String
    ) {
        self.name = name
        self.title = title
        self.text = text
        self.input = input
        self.output = output
        self.effect = effect
        self.makesTasks = makesTasks
    }

    /// What is wrong with these arguments, as a sentence that a model can act on; nil where nothing
    /// is.
    public func breach(_ arguments: JSONValue) -> String? {
        if let error = input.validate(arguments).first {
            let path = error.path.hasPrefix(".") ? String(error.path.dropFirst()) : error.path
            let place = path.isEmpty || path == "<nil>" ? "" : path + ": "
            return place + error.body
        }
        let known = Set(input.properties.keys)
        guard let other = arguments.object?.keys.first(where: { !known.contains($0) }) else {
            return nil
        }
        return "\(other.prefix(64)): there is no such argument; there are "
            + known.sorted().joined(separator: ", ")
    }

    /// The tool as a list of tools shows it.
    func json(for era: MCPEra) -> JSONValue {
        var schema = Self.plain(input.json)
        schema["additionalProperties"] = false
        var result: JSONValue = [
            "name": .string(name), "title": .string(title), "description": .string(text),
            "inputSchema": schema, "outputSchema": Self.plain(output.json),
            "annotations": [
                "readOnlyHint": .bool(effect == .reads), "destructiveHint": false,
                "idempotentHint": .bool(effect != .writes), "openWorldHint": false,
            ],
        ]
        if makesTasks, era == .legacy(version: "2025-11-25") {
            result["execution"] = ["taskSupport": "optional"]
        }
        return result
    }

    /// A schema without the words that only Kubernetes knows.
    private static func plain(_ schema: JSONValue) -> JSONValue {
        switch schema {
        case .object(let members):
            .object(
                JSONObject(
                    members.filter { !$0.0.hasPrefix("x-kubernetes-") }
                        .map { ($0.0, plain($0.1)) }))
        case .array(let elements): .array(elements.map(plain))
        default: schema
        }
    }
}
