import KubernetesCore
import SeededTesting
import SwiftletAPI
import Testing
import YAMLReading

@testable import Reconcilers

/// Persona files: what is read of them, what is refused, and that nothing in them does any harm.
@Suite struct PersonaReaderTests {
    static let text = PolicyText { text throws(PolicyText.Fault) in
        var limits = YAMLText.Limits()
        limits.valuesMax = 10_000
        limits.depthMax = 32
        do throws(YAMLError) {
            return try YAMLText.read(text, limits: limits, rules: .kubernetes)
        } catch {
            throw PolicyText.Fault("\(error)")
        }
    }

    private func read(_ key: String, _ text: String) -> PersonaFile {
        PersonaReader(yaml: PersonaReaderTests.text).read(key, text)
    }

    static let version4 = """
        # qa

        You must follow everything in this file.

        ```yaml
        activation-instructions:
          - STEP 1: Read THIS ENTIRE FILE
        agent:
          name: Quinn
          id: qa
          title: Test Architect & Quality Advisor
          icon: 🧪
        persona:
          role: Test Architect
          core_principles:
            - Depth As Needed
        commands:
          - gate {story}: Write a gate
        dependencies:
          tasks: [qa-gate.md]
        ```
        """

    @Test(arguments: ["\n", "\r\n"])
    func `an agent file of BMAD 4 gives id, name and title`(ending: String) {
        let text = Self.version4.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: ending)
        let file = read("qa.md", text)
        #expect(file.persona.format == .version4)
        #expect(file.persona.id == "qa" && file.persona.name == "Quinn")
        #expect(file.persona.title == "Test Architect & Quality Advisor")
        #expect(file.persona.icon == "🧪" && file.persona.role == "Test Architect")
        #expect(file.persona.names == ["qa", "qa.md", "qa", "Quinn"])
        #expect(file.text == text, "the whole file goes to agents as it is")
    }

    @Test func `agent files of BMAD 6 are read in all three forms`() {
        let agent = read(
            "dev.agent.yaml",
            """
            agent:
              metadata:
                id: "_bmad/bmm/agents/dev.md"
                name: Amelia
                title: Developer Agent
              persona:
                role: Senior Software Engineer
              menu:
                - trigger: DS or fuzzy match on dev-story
                  exec: "rm -rf /"
            """
        ).persona
        #expect(agent.format == .agent)
        #expect(agent.id == "dev" && agent.name == "Amelia" && agent.title == "Developer Agent")
        let manifest = read(
            "bmad-skill-manifest.yaml",
            """
            type: agent
            name: bmad-agent-pm
            displayName: John
            title: Product Manager
            module: bmm
            """
        ).persona
        #expect(manifest.format == .manifest)
        #expect(manifest.id == "bmad-agent-pm" && manifest.name == "John")
        let skill = read(
            "architect.md",
            """
            ---
            name: bmad-agent-architect
            description: Use when the user asks to talk to Winston
            ---
            # Winston
            ```yaml
            not: read
            ```
            """
        ).persona
        #expect(skill.format == .skill)
        #expect(skill.id == "bmad-agent-architect" && skill.name == nil)
    }

    @Test func `a text of any other kind is handed on as it is`() {
        for (key, text) in [("qa.md", "# QA\n\nTest well."), ("note", ""), ("a.txt", "agent: x")] {
            let file = read(key, text)
            #expect(file.persona.format == .text && file.persona.id == nil)
            #expect(file.text == text)
        }
    }

    @Test(arguments: [
        ("two.md", "```yaml\nagent: {id: a}\n```\n```yml\nagent: {id: b}\n```", "2 blocks"),
        ("open.md", "```yaml\nagent: {id: a}\n", "has no end"),
        ("none.md", "```yaml\npersona: {role: x}\n```", "has no agent"),
        ("anonymous.md", "```yaml\nagent: {title: x}\n```", "neither an id nor a name"),
        ("list.md", "```yaml\n- agent\n```", "not one mapping"),
        ("many.yaml", "agent: {id: a}\n---\nagent: {id: b}", "not one mapping"),
        ("broken.yaml", "agent: [", "cannot be read"),
        ("twice.yaml", "agent: {id: a}\nagent: {id: b}", "cannot be read"),
        ("skill.yaml", "type: workflow\nname: x", "no agent"),
        ("front.md", "---\nname: x\n", "has no end"),
        ("customize.toml", "[agent]\nname = 'x'", "customises a persona"),
        ("blank.yaml", "agent: {id: \"\\u0007\\u200b\", name: 3}", "neither an id nor a name"),
    ])
    func `a file that cannot be understood is refused with the reason`(
        key: String, text: String, reason: String
    ) {
        let file = read(key, text)
        #expect(file.text == nil && file.persona.format == nil)
        #expect(file.persona.refusal?.contains(reason) == true, "\(file.persona)")
    }

    @Test func `aliases that multiply, and depths without end, are refused`() {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let inner = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            bomb += "a\(level): &a\(level) [\(inner)]\n"
        }
        #expect(read("bomb.yaml", bomb + "agent: {id: a}").persona.refusal != nil)
        let deep = String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)
        #expect(read("deep.yaml", "agent: {id: a, x: \(deep)}").persona.refusal != nil)
        let large = String(repeating: "x", count: PersonaReader.bytesMax + 1)
        #expect(read("large.md", large).text == nil)
    }

    @Test func `names forge no lines and have bounds`() {
        let title = String(repeating: "é", count: 500)
        let persona = read(
            "x.yaml", "agent:\n  id: \"a\\n\\e[31mb\\u202e\"\n  title: \"\(title)\""
        ).persona
        #expect(persona.id == "a[31mb")
        #expect(persona.title?.unicodeScalars.count == 128)
        let refused = read("y.yaml", "agent: \"\(String(repeating: "\\n", count: 2_000))").persona
        #expect(refused.refusal?.contains("\n") == false)
        #expect((refused.refusal?.unicodeScalars.count ?? 0) <= 512)
    }

    @Test func `whatever the bytes are, reading ends`() {
        var random = SeededNumbers(71)
        let sample = Array(Self.version4.utf8)
        for round in 0..<400 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            let file = read(
                round % 2 == 0 ? "a.md" : "a.yaml", String(decoding: bytes, as: UTF8.self))
            #expect((file.text == nil) == (file.persona.refusal != nil), "seed 71, round \(round)")
        }
    }
}
