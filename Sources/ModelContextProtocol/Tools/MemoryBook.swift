public import KubernetesCore

/// What tasks of one type, tenant and pool have kept for later ones.
public struct MemoryBook: Hashable, Sendable {
    /// One thing that was kept.
    public struct Memory: Hashable, Sendable {
        /// Its name; nil where it has none.
        public var key: String?
        /// What was kept.
        public var text: String
        /// When.
        public var time: Timestamp
        /// By which task: its name.
        public var task: String

        /// A memory by all its fields.
        public init(key: String?, text: String, time: Timestamp, task: String) {
            self.key = key
            self.text = text
            self.time = time
            self.task = task
        }

        /// The memory in JSON.
        public var json: JSONValue {
            var result: JSONValue = [
                "text": .string(text), "time": .string(time.description), "task": .string(task),
            ]
            result["key"] = key.map(JSONValue.string)
            return result
        }
    }

    /// Most memories of one book.
    public static let countMax = 512
    /// Most bytes of a book as it is written.
    public static let bytesMax = 512 << 10

    /// The memories, oldest first.
    public private(set) var memories: [Memory] = []

    /// A book in which nothing stands.
    public init() {}

    /// Reads a book. One that is broken is not an empty one: written anew, it would lose what was
    /// kept.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var limits = JSONDocument.Limits()
        limits.bytesMax = Self.bytesMax
        limits.depthMax = 8
        let root = try JSONDocument(parsing: bytes, limits: limits).root
        let list = try root.required("memories")
        guard list.isArray else {
            throw JSONError(.mismatch, at: list.path, "expected an array")
        }
        for node in list.elements {
            memories.append(
                Memory(
                    key: try node["key"]?.string(), text: try node.required("text").string(),
                    time: try node.required("time").timestamp(),
                    task: try node["task"]?.string() ?? ""))
        }
    }

    /// The book as it is written.
    public var encoded: [UInt8] {
        JSONValue.object(["memories": .array(memories.map(\.json))]).encoded()
    }

    /// Takes a memory in, in place of one of the same name or of the same text. The oldest go where
    /// there is no more room.
    public mutating func take(_ memory: Memory) {
        memories.removeAll { old in
            old.text == memory.text || (memory.key != nil && old.key == memory.key)
        }
        memories.append(memory)
        if memories.count > Self.countMax {
            memories.removeFirst(memories.count - Self.countMax)
        }
        while memories.count > 1, encoded.count > Self.bytesMax {
            memories.removeFirst(max(1, memories.count / 8))
        }
    }

    /// The memories that share the most telling words with `query`, the most telling first; of
    /// those that tell as much, the newest. A word tells more the fewer memories it is in.
    public func recall(_ query: String, limit: Int) -> [Memory] {
        let wanted = Set(Self.words(of: query))
        guard !wanted.isEmpty, limit > 0 else { return [] }
        let texts = memories.map { Set(Self.words(of: $0.text + " " + ($0.key ?? ""))) }
        var spread: [String: Int] = [:]
        for words in texts {
            for word in words.intersection(wanted) { spread[word, default: 0] += 1 }
        }
        var found: [(score: Int, index: Int)] = []
        for (index, words) in texts.enumerated() {
            // Whole numbers, so that the order is the same on every machine.
            let score = wanted.reduce(0) { sum, word in
                words.contains(word) ? sum + 1_000_000 / max(1, spread[word] ?? 1) : sum
            }
            if score > 0 { found.append((score, index)) }
        }
        found.sort { ($0.score, $0.index) > ($1.score, $1.index) }
        return found.prefix(limit).map { memories[$0.index] }
    }

    /// The words of a text: letters and digits, in lower case, endings of plurals cut.
    static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { word in
            word.count > 3 && word.hasSuffix("s") ? String(word.dropLast()) : String(word)
        }
    }
}
