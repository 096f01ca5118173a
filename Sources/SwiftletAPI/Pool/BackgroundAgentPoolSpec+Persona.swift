import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// Where the agents' persona files are: in a ConfigMap of the pool's namespace.
    public struct PersonaSource: Hashable, Sendable {
        /// The ConfigMap's name.
        public var name: String
        /// The one key that counts; nil where every key is a persona file, and a task says which.
        public var key: String?

        /// A source by both names.
        public init(name: String, key: String? = nil) {
            self.name = name
            self.key = key
        }

        init(reading node: JSONNode) throws(JSONError) {
            name = try node.required("name").string()
            key = try node["key"]?.string()
        }

        /// The names by which tasks ask for the persona that its key holds, whatever is in it: the
        /// key without what follows its first dot, as `qa` of `qa.md`, and the whole key.
        public var personaNames: [String] { key.map(PersonaSource.names) ?? [] }

        /// The names that a file of this name has by its name alone.
        static func names(ofFile key: String) -> [String] {
            let stem = String(key.prefix { $0 != "." })
            return stem.isEmpty || stem == key ? [key] : [stem, key]
        }
    }
}

extension BackgroundAgentPool {
    /// The names by which tasks ask for the pool's personas: those of the files' names, and those
    /// that the files themselves give, as the status shows them.
    public var personaNames: [String] {
        guard let source = spec.persona else { return [] }
        let read = status.personas.filter {
            $0.refusal == nil && (source.key == nil || source.key == $0.file)
        }
        return Array(Set(source.personaNames + read.flatMap(\.names))).sorted()
    }
}
