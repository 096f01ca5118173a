public import KubernetesCore

/// TOML 1.0 as a way to write JSON values (toml.io/en/v1.0.0).
///
/// Reading is total: its time and memory grow with the text, its recursion with `depthMax`. Dates
/// and times become the texts that they were written as. `inf` and `nan`, which JSON has not, are
/// refused.
public enum TOMLText {
    /// How much a text may ask of us.
    public struct Limits: Hashable, Sendable {
        /// Most bytes in a text.
        public var bytesMax = 1 << 20
        /// Most tables and arrays inside each other.
        public var depthMax = 32
        /// Most values, tables and arrays.
        public var valuesMax = 10_000

        /// The defaults.
        public init() {}
    }

    /// Reads a document. Throws with the place of the first fault.
    public static func read(
        _ text: String, limits: Limits = Limits()
    ) throws(TOMLError) -> JSONObject {
        let bytes = Array(text.utf8)
        guard bytes.count <= limits.bytesMax else {
            throw TOMLError(
                "the TOML text has \(bytes.count) bytes; \(limits.bytesMax) are allowed")
        }
        var reader = TOMLReader(bytes, limits: limits)
        return try reader.document()
    }
}
