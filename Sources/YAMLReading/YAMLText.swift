public import KubernetesCore

/// YAML as Kubernetes uses it: a way to write JSON values.
public enum YAMLText {
    /// How much a text may ask of us.
    public struct Limits: Hashable, Sendable {
        /// Most bytes in a text.
        public var bytesMax = 16 << 20
        /// Most sequences and mappings inside each other.
        public var depthMax = 128
        /// Most values in all documents together, each alias counted as all that it stands for.
        /// Keeps a few lines of aliases of aliases from filling the memory.
        public var valuesMax = 2_000_000

        /// The defaults.
        public init() {}
    }

    /// Whose rules say what a plain scalar stands for.
    public enum Rules: Hashable, Sendable {
        /// YAML 1.2's core schema: `yes`, `off`, `y` are strings.
        case core
        /// YAML 1.1 as kubectl and Kyverno read manifests: `yes`, `off`, `y` are truth values, also
        /// as keys, and digits may be grouped as in `1_000`.
        case kubernetes
    }

    /// Reads every document of `text`. Documents without a value, such as the one behind a last
    /// `---`, are left out.
    ///
    /// Plain scalars are numbers, truth values and null where YAML 1.2's core schema says so, and
    /// strings otherwise: `yes`, `off`, `1:30` and dates are strings, unless `rules` say otherwise.
    /// Whole numbers with a leading zero are octal, as the file modes in Kubernetes manifests are
    /// meant. Repeated keys are refused.
    public static func read(
        _ text: String, limits: Limits = Limits(), rules: Rules = .core
    ) throws(YAMLError) -> [JSONValue] {
        guard text.utf8.count <= limits.bytesMax else {
            throw YAMLError(
                "the YAML text has \(text.utf8.count) bytes; \(limits.bytesMax) are allowed"
            )
        }
        var reader = YAMLReader(limits: limits, rules: rules)
        return try reader.read(text)
    }

    /// Writes values as YAML documents in block style, with keys in ascending order. The same
    /// values always give the same text, and reading it gives the values back.
    public static func write(_ documents: [JSONValue]) -> String {
        documents.map { document in
            var writer = YAMLWriter()
            writer.write(document)
            return writer.text
        }.joined(separator: "---\n")
    }
}
