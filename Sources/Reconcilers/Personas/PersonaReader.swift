import AgentProtocol
import KubernetesCore
import SwiftletAPI
import TOML

/// Reads persona files: those of BMAD 4 and 6, and texts of any other kind. `PersonaShelf` puts
/// together what is one persona in several files.
///
/// A persona is written for a language model. To the operator it is data: it takes an id, a name, a
/// title and the like from it, each short and without control characters, and follows nothing else.
struct PersonaReader {
    /// The most bytes of a file.
    static let bytesMax = ProtocolLimits.personaBytesMax

    private typealias Persona = BackgroundAgentPoolStatus.Persona

    /// Why a file is not used.
    private struct Refusal: Error {
        let reason: String
    }

    /// Reads YAML, inside its own bounds.
    let yaml: PolicyText

    /// The file `key` with what can be read of it.
    func read(_ key: String, _ text: String) -> PersonaFile {
        do throws(Refusal) {
            return PersonaFile(try persona(key, text), text: text)
        } catch {
            return PersonaFile(key, refusedBecause: error.reason)
        }
    }

    private func persona(_ key: String, _ text: String) throws(Refusal) -> Persona {
        guard text.utf8.count <= PersonaReader.bytesMax else {
            throw Refusal(reason: "it has more than \(PersonaReader.bytesMax) bytes")
        }
        if key.hasSuffix(".toml") {
            throw Refusal(reason: "it customises a persona and is none: name its SKILL.md instead")
        }
        if key.hasSuffix(".yaml") || key.hasSuffix(".yml") {
            return try ofDocument(key, try mapping(text))
        }
        let lines = PersonaReader.lines(of: text)
        if lines.first == "---" { return try ofSkill(key, lines) }
        let blocks = try PersonaReader.blocks(of: lines)
        guard let block = blocks.first else { return Persona(file: key, format: .text) }
        guard blocks.count == 1 else {
            throw Refusal(
                reason: "it has \(blocks.count) blocks of YAML; an agent file has exactly one")
        }
        return try ofVersion4(key, try mapping(block))
    }

    // MARK: - Formats

    /// `agent` with `id`, `name` and `title`, beside `persona`, `commands` and `dependencies`.
    private func ofVersion4(_ key: String, _ root: JSONValue) throws(Refusal) -> Persona {
        guard let agent = root["agent"], agent.object != nil else {
            throw Refusal(reason: "its block of YAML has no agent")
        }
        return try named(
            Persona(file: key, format: .version4), id: agent["id"], agent,
            role: root[path: ["persona", "role"]])
    }

    /// An agent file of 6.0, with `agent.metadata`; the manifest of 6.3; or the YAML of 4 alone.
    private func ofDocument(_ key: String, _ root: JSONValue) throws(Refusal) -> Persona {
        if let metadata = root[path: ["agent", "metadata"]] {
            return try named(
                Persona(file: key, format: .agent), id: metadata["id"], metadata,
                role: root[path: ["agent", "persona", "role"]])
        }
        if let type = root["type"] {
            guard type == "agent" else {
                throw Refusal(reason: "it is the manifest of something that is no agent")
            }
            var agent = root
            agent["name"] = root["displayName"]
            return try named(
                Persona(file: key, format: .manifest), id: root["name"], agent, role: root["role"])
        }
        return try ofVersion4(key, root)
    }

    /// `name` and `description` between the first two lines of three hyphens.
    private func ofSkill(_ key: String, _ lines: [String]) throws(Refusal) -> Persona {
        guard let end = lines.dropFirst().firstIndex(of: "---") else {
            throw Refusal(reason: "what begins it, behind ---, has no end")
        }
        var root = try mapping(lines[1..<end].joined(separator: "\n"))
        let id = root["name"]
        // The agent's own name is in its `customize.toml`.
        root["name"] = nil
        return try named(Persona(file: key, format: .skill), id: id, root, role: nil)
    }

    private func named(
        _ persona: Persona, id: JSONValue?, _ agent: JSONValue, role: JSONValue?
    ) throws(Refusal) -> Persona {
        var persona = persona
        // 6.0 gives the path of the file that is made of it.
        persona.id = id?.string.map { text in
            let last = String(text.split(separator: "/").last ?? "")
            return last.hasSuffix(".md") ? String(last.dropLast(3)) : last
        }.flatMap { PersonaReader.clean($0, atMost: 63) }
        var agent = agent
        agent["role"] = role
        persona = describe(persona, agent: agent)
        guard persona.id != nil || persona.name != nil else {
            throw Refusal(reason: "its agent has neither an id nor a name")
        }
        return persona
    }

    /// The persona with what `agent` says of it, where it does.
    func describe(
        _ persona: BackgroundAgentPoolStatus.Persona, agent: JSONValue
    ) -> BackgroundAgentPoolStatus.Persona {
        func text(_ key: String, atMost length: Int) -> String? {
            agent[key]?.string.flatMap { PersonaReader.clean($0, atMost: length) }
        }
        var persona = persona
        persona.name = text("name", atMost: 63) ?? persona.name
        persona.title = text("title", atMost: 128) ?? persona.title
        persona.icon = text("icon", atMost: 16) ?? persona.icon
        persona.role = text("role", atMost: 256) ?? persona.role
        return persona
    }

    // MARK: - Texts

    /// The TOML of `text`, the file `key`.
    func table(
        _ key: String, _ text: String
    ) throws(PersonaCustomization.Fault) -> JSONObject {
        do throws(TOMLError) {
            return try TOMLText.read(text)
        } catch {
            throw .init(reason: "\(key) cannot be read: \(error)")
        }
    }

    private func mapping(_ text: String) throws(Refusal) -> JSONValue {
        let documents: [JSONValue]
        do throws(PolicyText.Fault) {
            documents = try yaml.documents(text)
        } catch {
            throw Refusal(reason: "its YAML cannot be read: \(error.reason)")
        }
        guard documents.count == 1, let root = documents.first, root.object != nil else {
            throw Refusal(reason: "its YAML is not one mapping")
        }
        return root
    }

    /// The lines without what ends them.
    static func lines(of text: String) -> [String] {
        // By bytes: to Swift a carriage return and a line feed are one character.
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            let line = $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// What stands between the fences of Markdown that name YAML.
    private static func blocks(of lines: [String]) throws(Refusal) -> [String] {
        var blocks: [String] = []
        var open: (isYAML: Bool, lines: [String])?
        for line in lines {
            let isFence = line.hasPrefix("```")
            if let block = open {
                guard isFence else {
                    open?.lines.append(line)
                    continue
                }
                if block.isYAML { blocks.append(block.lines.joined(separator: "\n")) }
                open = nil
            } else if isFence {
                let language = line.dropFirst(3).filter { $0 != " " }.lowercased()
                open = (language == "yaml" || language == "yml", [])
            }
        }
        guard open?.isYAML != true else { throw Refusal(reason: "its block of YAML has no end") }
        return blocks
    }

    /// A text for people: cut, and without control characters, which could forge lines of logs; nil
    /// where nothing is left.
    static func clean(_ text: String, atMost length: Int) -> String? {
        let scalars = text.unicodeScalars.prefix(4 * length).filter {
            switch $0.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
                .unassigned:
                false
            default: true
            }
        }
        // Counted as a schema counts: by scalars.
        let shown = String(String.UnicodeScalarView(scalars.prefix(length)))
        let isBlank = shown.allSatisfy(\.isWhitespace)
        return isBlank ? nil : shown
    }
}
