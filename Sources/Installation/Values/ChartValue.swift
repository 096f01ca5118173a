public import KubernetesCore

/// One thing that whoever installs Swiftlet may decide.
public struct ChartValue: Hashable, Sendable {
    /// Where it stands in `values.yaml`, as in `operator.replicas`.
    public let path: String
    /// What it is where nobody decides; also what the plain manifests have.
    public let fallback: JSONValue
    /// What it is for, in a sentence or two.
    public let purpose: String
    /// What it may be, as a JSON schema.
    public let schema: JSONValue

    /// A value with the schema that follows from its fallback, narrowed down by `bounds`.
    init(_ path: String, _ fallback: JSONValue, _ purpose: String, _ bounds: JSONObject = [:]) {
        self.path = path
        self.fallback = fallback
        self.purpose = purpose
        var schema: JSONObject
        switch fallback {
        case .bool: schema = ["type": "boolean"]
        case .integer: schema = ["type": "integer"]
        case .array: schema = ["type": "array"]
        case .object: schema = ["type": "object"]
        default: schema = ["type": "string"]
        }
        for (key, value) in bounds { schema[key] = value }
        schema["description"] = .string(purpose)
        self.schema = .object(schema)
    }

    /// The names on the way to it.
    var names: [String] { path.split(separator: ".").map(String.init) }
}
