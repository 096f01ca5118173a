public import KubernetesCore

/// A ConfigMap whose keys are persona files, as its label says. What is too large to be one is not
/// even kept.
public struct PersonaConfigMap: KubeObject {
    /// `v1` ConfigMap.
    public static let type = ResourceType.configMap
    /// The ConfigMap's metadata.
    public var metadata: ObjectMeta
    /// Its texts by their keys.
    public var files: [String: String]
    /// The keys that cannot be persona files, and why.
    public var refusals: [String: String]

    /// A ConfigMap of these texts. For tests and models.
    public init(metadata: ObjectMeta, data: [String: String]) {
        self.metadata = metadata
        files = [:]
        refusals = [:]
        for (key, text) in data { take(key, text) }
    }

    /// Reads a ConfigMap.
    public init(reading node: JSONNode) throws(JSONError) {
        self.init(
            metadata: try ObjectMeta(reading: try node.required("metadata")),
            data: try node["data"]?.stringMap() ?? [:])
        for (key, _) in node["binaryData"]?.members ?? [] { refusals[key] = "it is no text" }
    }

    private mutating func take(_ key: String, _ text: String) {
        let size = text.utf8.count
        if size > PersonaReader.bytesMax {
            refusals[key] = "it has \(size) bytes; \(PersonaReader.bytesMax) are allowed"
        } else if text.utf8.contains(0) {
            refusals[key] = "it holds a null byte"
        } else {
            files[key] = text
        }
    }
}
