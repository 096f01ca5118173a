public import KubernetesCore

/// One variable of an attempt's environment.
public struct TaskVariable: Hashable, Sendable {
    /// Where the variable's text comes from.
    public enum Source: Hashable, Sendable {
        /// The text itself.
        case value(String)
        /// The key of a Secret in the task's namespace. The gateway puts the value in its place
        /// before an agent sees the lease; where it cannot, the attempt does not start.
        case secret(name: String, key: String)
    }

    /// The variable's name.
    public var name: String
    /// Where its text comes from.
    public var source: Source

    /// The variable `name`.
    public init(_ name: String, _ source: Source) {
        self.name = name
        self.source = source
    }

    /// The variable `name` with the text `value`.
    public init(_ name: String, value: String) {
        self.init(name, .value(value))
    }

    /// Reads `{name, value}` or `{name, secret: {name, key}}`.
    public init(reading node: JSONNode) throws(JSONError) {
        let key = try node.required("name")
        name = try key.string(atMost: 253)
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")), !name.utf8.contains(0) else {
            throw key.mismatch("the name of an environment variable")
        }
        if let secret = node["secret"] {
            source = .secret(
                name: try secret.required("name").string(atMost: 253),
                key: try secret.required("key").string(atMost: 253))
        } else {
            source = .value(
                try node["value"]?.string(atMost: ProtocolLimits.argumentBytesMax) ?? "")
        }
    }

    /// This variable in JSON.
    public var json: JSONValue {
        switch source {
        case .value(let text): ["name": .string(name), "value": .string(text)]
        case .secret(let secret, let key):
            [
                "name": .string(name),
                "secret": ["name": .string(secret), "key": .string(key)],
            ]
        }
    }
}
