import KubernetesCore

extension BackgroundAgentPoolStatus {
    /// One of the pool's persona files, as far as it was understood.
    public struct Persona: Hashable, Sendable {
        /// How a file is written.
        public enum Format: String, Hashable, Sendable, CaseIterable {
            /// BMAD 4: Markdown around one block of YAML.
            case version4 = "BMADv4"
            /// BMAD 6.0 to 6.2: a file `<id>.agent.yaml`.
            case agent = "BMADv6Agent"
            /// BMAD 6.3 and later: the manifest of a skill that is an agent.
            case manifest = "BMADv6Manifest"
            /// BMAD 6.11: a `SKILL.md`, with what begins it.
            case skill = "BMADv6Skill"
            /// A text that is none of them: it is handed on as it is.
            case text = "Text"
        }

        /// The key of the ConfigMap.
        public var file: String
        /// How it is written; nil where it was refused.
        public var format: Format?
        /// The agent's id, as in `qa`.
        public var id: String?
        /// The agent's name, as in `Quinn`.
        public var name: String?
        /// The agent's title, as in `Test Architect`.
        public var title: String?
        /// The sign that stands for the agent, as in `🧪`.
        public var icon: String?
        /// What the agent does, in a sentence.
        public var role: String?
        /// The keys of the files that customise it, in the order in which they are merged.
        public var customizations: [String] = []
        /// Why the file is not used; nil where it is.
        public var refusal: String?

        /// A file of which nothing else is known.
        public init(file: String, format: Format? = nil) {
            self.file = file
            self.format = format
        }

        init(reading node: JSONNode) throws(JSONError) {
            let optional = Optional(node)
            file = try node.required("file").string()
            format = try optional.statusWord("format")
            id = try optional.text("id")
            name = try optional.text("name")
            title = try optional.text("title")
            icon = try optional.text("icon")
            role = try optional.text("role")
            customizations = try optional.texts("customizations")
            refusal = try optional.text("refusal")
        }

        var json: JSONValue {
            var result: JSONObject = ["file": .string(file)]
            result.put("format", format?.rawValue)
            result.put("id", id)
            result.put("name", name)
            result.put("title", title)
            result.put("icon", icon)
            result.put("role", role)
            result.put("customizations", customizations.map(JSONValue.string))
            result.put("refusal", refusal)
            return .object(result)
        }

        /// The names by which a task may ask for it.
        public var names: [String] {
            BackgroundAgentPoolSpec.PersonaSource.names(ofFile: file)
                + [id, name].compactMap { $0 }
        }
    }
}
