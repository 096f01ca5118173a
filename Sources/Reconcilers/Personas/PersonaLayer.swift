/// The key of a TOML file, as a part of a BMAD 6.11 agent. A ConfigMap has no folders, so that the
/// key says what the folders would say.
struct PersonaLayer: Hashable, Comparable {
    /// Which of an agent's files it is; of two the later one is merged over the earlier one.
    enum Rank: Int {
        /// `customize.toml`, which comes with the agent.
        case base
        /// `AGENT.toml`, the team's.
        case team
        /// `AGENT.user.toml`, somebody's own.
        case user
    }

    /// The key of the ConfigMap.
    let key: String
    /// Whose it is; nil where the key does not say: `customize.toml` belongs to `SKILL.md`.
    let agent: String?
    /// Which of the agent's files it is.
    let rank: Rank

    /// Nil where the key is not that of a TOML file.
    init?(_ key: String) {
        func agent(before suffix: String) -> String? {
            key.hasSuffix(suffix) && key.count > suffix.count
                ? String(key.dropLast(suffix.count)) : nil
        }
        self.key = key
        if key == "customize.toml" {
            self.agent = nil
            rank = .base
        } else if let name = agent(before: ".customize.toml") {
            self.agent = name
            rank = .base
        } else if let name = agent(before: ".user.toml") {
            self.agent = name
            rank = .user
        } else if let name = agent(before: ".toml") {
            self.agent = name
            rank = .team
        } else {
            return nil
        }
    }

    /// In the order in which they are merged.
    static func < (a: PersonaLayer, b: PersonaLayer) -> Bool {
        a.rank == b.rank ? a.key < b.key : a.rank.rawValue < b.rank.rawValue
    }

    /// The agent whose file `key` is, by the key alone: `dev` of `dev.SKILL.md` and of `dev.md`;
    /// nil for `SKILL.md`, and for what is no Markdown.
    static func agent(ofFile key: String) -> String? {
        guard key != "SKILL.md" else { return nil }
        for suffix in [".SKILL.md", ".md"] where key.hasSuffix(suffix) {
            return String(key.dropLast(suffix.count))
        }
        return nil
    }
}
