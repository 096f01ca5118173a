import AgentProtocol
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// BMAD 6.11 agents: which files of a ConfigMap belong together, what their merge says, and what
/// an attempt is given of it.
@Suite struct PersonaShelfTests {
    static let skill = """
        ---
        name: bmad-agent-dev
        description: Use it when code is to be written
        ---

        # Amelia

        Resolve the agent block first.
        """

    static let base = """
        # Comes with the agent.
        [agent]
        name = "Amelia"
        title = "Senior Software Engineer"
        icon = "💻"
        role = "Writes the code of stories that were approved."
        persistent_facts = ["file:{project-root}/**/project-context.md"]
        principles = [
          "No task is done without tests.", # the first
        ]

        [[agent.menu]]
        code = "DS"
        description = "Write a story's code"
        skill = "bmad-dev-story"

        [[agent.menu]]
        code = "CR"
        description = "Review"
        skill = "bmad-code-review"
        """

    static let team = """
        [agent]
        role = "Writes Swift."
        persistent_facts = ["We run on Kubernetes only."]

        [[agent.menu]]
        code = "CR"
        description = "Review with the house's rules"
        prompt = '''
        Look for ```fences``` and
        force unwraps.
        '''
        """

    static let user = """
        agent.icon = "🦊"
        agent.menu = [{ code = "XX", description = "Mine", prompt = "x" }]
        """

    private func shelf(_ data: [String: String], only: String? = nil) -> PersonaShelf {
        let map = PersonaConfigMap(
            metadata: ObjectMeta(name: "personas", namespace: "team"), data: data)
        return PersonaShelf(
            map, only: only, reading: PersonaReader(yaml: PersonaReaderTests.text))
    }

    /// What the block behind the skill's text says.
    private func block(_ text: String?) throws -> JSONValue {
        let text = try #require(text)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "```json"))
        let end = try #require(lines[start...].firstIndex(of: "```"))
        #expect(lines[(end + 1)...].joined().isEmpty, "the block is the last thing")
        return try JSONValue(parsing: lines[(start + 1)..<end].joined(separator: "\n"))
    }

    @Test(arguments: [
        ("SKILL.md", "customize.toml", "bmad-agent-dev.toml", "bmad-agent-dev.user.toml"),
        ("dev.SKILL.md", "dev.customize.toml", "dev.toml", "dev.user.toml"),
        ("dev.md", "dev.customize.toml", "bmad-agent-dev.toml", "bmad-agent-dev.user.toml"),
        (
            "bmad-agent-dev.SKILL.md", "bmad-agent-dev.customize.toml", "bmad-agent-dev.toml",
            "bmad-agent-dev.user.toml"
        ),
    ])
    func `an agent's files belong together by their keys or by the skill's name`(
        skill: String, base: String, team: String, user: String
    ) throws {
        let data = [skill: Self.skill, base: Self.base, team: Self.team, user: Self.user]
        for only in [nil, skill] {
            let shelf = shelf(data, only: only)
            #expect(shelf.files.count == 1 && shelf.omitted == 0)
            let file = try #require(shelf.files.first)
            #expect(file.persona.file == skill && file.persona.format == .skill)
            #expect(file.persona.id == "bmad-agent-dev" && file.persona.name == "Amelia")
            #expect(file.persona.title == "Senior Software Engineer")
            #expect(file.persona.icon == "🦊" && file.persona.role == "Writes Swift.")
            #expect(file.persona.customizations == [base, team, user])
            #expect(file.persona.names.suffix(2) == ["bmad-agent-dev", "Amelia"])
        }
    }

    @Test func `an attempt is given the skill as it is, and the merge behind it`() throws {
        let file = shelf([
            "SKILL.md": Self.skill, "customize.toml": Self.base,
            "bmad-agent-dev.toml": Self.team, "bmad-agent-dev.user.toml": Self.user,
        ]).files.first
        #expect(file?.text?.hasPrefix(Self.skill + "\n\n## Resolved customization\n") == true)
        #expect(
            file?.text?.contains(
                "`customize.toml`, `bmad-agent-dev.toml`, `bmad-agent-dev.user.toml`") == true)
        let agent = try #require(try block(file?.text)["agent"])
        #expect(agent["name"] == "Amelia" && agent["role"] == "Writes Swift.")
        #expect(
            agent["persistent_facts"] == [
                "file:{project-root}/**/project-context.md", "We run on Kubernetes only.",
            ])
        #expect(agent["principles"] == ["No task is done without tests."])
        let menu = try #require(agent["menu"]?.array)
        #expect(menu.map { $0["code"]?.string } == ["DS", "CR", "XX"])
        #expect(menu[1]["prompt"] == "Look for ```fences``` and\nforce unwraps.\n")
        #expect(menu[1]["skill"] == nil, "an item is replaced as a whole")
    }

    @Test func `files are merged by the shape of what they hold`() throws {
        func merge(_ layers: String...) throws -> JSONValue {
            var result = PersonaCustomization()
            for layer in layers {
                let layer = try JSONValue(parsing: layer).object
                try result.merge(try #require(layer))
            }
            return .object(result.merged)
        }
        let cases = [
            (#"{"a":1}"#, #"{"a":2,"b":3}"#, #"{"a":2,"b":3}"#),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"c":3}}"#, #"{"a":{"b":1,"c":3}}"#),
            (#"{"a":[1]}"#, #"{"a":[1,2]}"#, #"{"a":[1,1,2]}"#),
            (#"{"a":[1]}"#, #"{"a":"x"}"#, #"{"a":"x"}"#),
            (#"{"a":{}}"#, #"{"a":[]}"#, #"{"a":[]}"#),
            (
                #"{"a":[{"id":"x","n":1}]}"#, #"{"a":[{"id":"x","n":2}]}"#,
                #"{"a":[{"id":"x","n":2}]}"#
            ),
            (
                #"{"a":[{"id":"x"},{"n":1}]}"#, #"{"a":[{"id":"x"}]}"#,
                #"{"a":[{"id":"x"},{"n":1},{"id":"x"}]}"#
            ),
            (
                #"{"a":[{"code":"x","id":"1"}]}"#, #"{"a":[{"code":"y","id":"1"}]}"#,
                #"{"a":[{"code":"x","id":"1"},{"code":"y","id":"1"}]}"#
            ),
            (#"{"a":[]}"#, #"{"a":[]}"#, #"{"a":[]}"#),
        ]
        for (base, over, expected) in cases {
            let expected = try JSONValue(parsing: expected)
            #expect(try merge(base, over) == expected, "\(base) \(over)")
        }
        #expect(throws: PersonaCustomization.Fault.self) {
            _ = try merge(#"{"a":[{"code":1}]}"#, #"{"a":[{"code":1}]}"#)
        }
    }

    @Test(arguments: [
        ("customize.toml", "SKILL.md, which is not there"), ("pm.toml", "pm, which is not there"),
        ("pm.user.toml", "pm, which is not there"), ("pm.customize.toml", "pm, which is not there"),
        ("qa.toml", "qa.md, which is no SKILL.md"), ("two.toml", "two.SKILL.md and two.md"),
    ])
    func `a TOML file that fits nowhere is refused, and the personas are used`(
        key: String, reason: String
    ) {
        let shelf = shelf([
            "qa.md": PersonaReaderTests.version4, "two.md": Self.skill, "two.SKILL.md": Self.skill,
            key: Self.team,
        ])
        #expect(shelf.files.count == 4)
        for file in shelf.files {
            #expect((file.text == nil) == (file.persona.file == key), "\(file.persona)")
        }
        let refusal = shelf.files.first { $0.persona.file == key }?.persona.refusal
        #expect(refusal?.contains(reason) == true, "\(refusal ?? "none")")
    }

    @Test(arguments: [
        ("dev.toml", "[agent", "dev.toml cannot be read: line 1, column 7"),
        ("dev.user.toml", "agent = 1", "no table agent"),
        ("dev.customize.toml", "[workflow]", "no table agent"),
        ("dev.toml", "agent.x = \"\(String(repeating: "x", count: 65_400))\"", "65536 are allowed"),
        ("dev.user.toml", "a\u{0}", "null byte"),
        ("dev.user.toml", "[[agent.menu]]\ncode = 1", "a code is not a text"),
        (
            "bmad-agent-dev.user.toml", "agent.x = 1",
            "both bmad-agent-dev.user.toml and dev.user.toml"
        ),
    ])
    func `a persona whose customisation cannot be used is refused, not used without it`(
        key: String, text: String, reason: String
    ) {
        var data = [
            "dev.md": Self.skill, "dev.customize.toml": Self.base, "dev.user.toml": "x = 1",
        ]
        data[key] = text
        let file = shelf(data).files.first { $0.persona.file == "dev.md" }
        #expect(file?.text == nil)
        #expect(file?.persona.refusal?.contains(reason) == true, "\(file?.persona.refusal ?? "")")
    }

    @Test func `two agents in one ConfigMap keep their files apart`() {
        let other = Self.skill.replacing("bmad-agent-dev", with: "bmad-agent-pm")
        let shelf = shelf([
            "SKILL.md": Self.skill, "customize.toml": Self.base, "bmad-agent-pm.SKILL.md": other,
            "bmad-agent-pm.customize.toml": "[agent]\nname = \"John\"",
            "bmad-agent-dev.toml": "agent.title = \"Developer\"",
        ])
        #expect(shelf.files.map(\.persona.name) == ["Amelia", "John"])
        #expect(shelf.files.map(\.persona.title) == ["Developer", nil])
    }

    @Test func `a key of a pool names a persona, not what customises it`() {
        let data = ["SKILL.md": Self.skill, "customize.toml": Self.base, "pm.toml": Self.team]
        let refused = shelf(data, only: "customize.toml").files
        #expect(refused.map(\.persona.file) == ["customize.toml"])
        #expect(refused.first?.persona.refusal?.contains("name its SKILL.md") == true)
        #expect(shelf(data, only: "SKILL.md").files.map(\.persona.name) == ["Amelia"])
    }

    @Test func `files beyond the bound are counted, and the customised ones are not files`() {
        var data: [String: String] = [:]
        for index in 100..<140 {
            data["a\(index).md"] = Self.skill
            data["a\(index).toml"] = "agent.name = \"A\(index)\""
        }
        data["z.toml"] = ""
        let shelf = shelf(data)
        #expect(shelf.files.count == Bounds.listedPersonas)
        #expect(shelf.files.first?.persona.name == "A100")
        #expect(shelf.omitted > 0)
    }
}
