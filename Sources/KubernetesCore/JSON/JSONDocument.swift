/// One parsed JSON text: its bytes and a flat tape of tokens over them.
///
/// Parsing makes no strings and no tree: two allocations at any size. Readers walk it with
/// `JSONNode` and make strings only of what they use.
public struct JSONDocument: Sendable {
    /// How much a text may ask of us. The defaults are those of the Kubernetes API server.
    public struct Limits: Hashable, Sendable {
        /// Most bytes in a text.
        public var bytesMax = 3 << 20
        /// Most arrays and objects inside each other.
        public var depthMax = 128
        /// Whether a repeated key is an error; where not, the last one counts.
        public var refusesDuplicateKeys = false
        /// Whether `metadata.managedFields` is left out, wherever it stands: it is checked like all
        /// the text, but readers do not see it. Often it is the larger half of an object.
        public var omitsManagedFields = false

        /// The defaults.
        public init() {}
    }

    let storage: Storage

    /// Parses `bytes`, which must hold exactly one JSON value.
    public init(
        parsing bytes: [UInt8], limits: Limits = Limits()
    ) throws(JSONError) {
        guard bytes.count <= limits.bytesMax else {
            throw JSONError(
                .overLimit, at: "",
                "the JSON text has \(bytes.count) bytes, more than the \(limits.bytesMax) allowed")
        }
        var parser = JSONParser(limits: limits)
        try parser.parse(bytes.span)
        storage = Storage(bytes, parser)
        if limits.refusesDuplicateKeys { try root.checkUniqueKeys() }
    }

    /// Parses the UTF-8 of `text`.
    public init(parsing text: String, limits: Limits = Limits()) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The value the text holds.
    public var root: JSONNode { JSONNode(storage: storage, index: 0) }

    /// The bytes and their tokens; shared by every node of a document.
    final class Storage: Sendable {
        let bytes: [UInt8]
        let tape: [JSONToken]
        /// How many arrays and objects stand inside each other at most.
        let depth: Int
        /// Whether it is certain that no object has a key twice.
        let hasUniqueKeys: Bool

        init(_ bytes: [UInt8], _ parser: JSONParser) {
            self.bytes = bytes
            tape = parser.tape
            depth = parser.depth
            hasUniqueKeys = parser.hasUniqueKeys
        }
    }
}

/// One token of the tape.
struct JSONToken: Sendable {
    enum Kind: UInt8, Sendable {
        case null, falseValue, trueValue, integer, double, string, escapedString, array, object
    }

    var kind: Kind
    /// Offset of the first byte (of a string: behind the opening quote).
    var start: UInt32
    /// Number of bytes (of a string: without quotes); of arrays and objects the number of elements.
    var length: UInt32
    /// The token that follows this value and everything inside it.
    var next: UInt32
}
