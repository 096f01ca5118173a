import FoundationEssentials
public import KubernetesCore

/// What the gateway reads of a Secret.
public struct SecretView: KubeObject {
    /// `v1` Secret.
    public static let type = ResourceType.secret
    /// The Secret's metadata.
    public var metadata: ObjectMeta
    /// The Secret's type, as in `Opaque`.
    public var kind: String
    /// The content by key.
    public var data: [String: [UInt8]]

    /// A Secret by all its fields. For tests and models.
    public init(metadata: ObjectMeta, kind: String = "Opaque", data: [String: [UInt8]]) {
        self.metadata = metadata
        self.kind = kind
        self.data = data
    }

    /// Reads a Secret.
    public init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        kind = try node["type"]?.string() ?? "Opaque"
        data = [:]
        for (key, value) in node["data"]?.members ?? [] where !value.isNull {
            guard let bytes = Data(base64Encoded: try value.string()) else {
                throw value.mismatch("a base64 text")
            }
            data[key] = Array(bytes)
        }
    }

    /// `bytes` as they stand in a Secret's `data`.
    static func encoded(_ bytes: [UInt8]) -> JSONValue {
        .string(Data(bytes).base64EncodedString())
    }
}
