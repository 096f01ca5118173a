import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// Persona files on their way from a ConfigMap to the pool's status, to routing and to attempts.
@Suite struct PoolPersonaTests {
    private var now: Moment {
        Moment(instant: Instant(nanoseconds: 1_000_000_000), time: PoolModel.start)
    }

    private func map(_ data: [String: String], name: String = "personas") -> PersonaConfigMap {
        PersonaConfigMap(
            metadata: ObjectMeta(
                name: name, namespace: "team", labels: [SwiftletNames.Label.personas: "true"]),
            data: data)
    }

    private func model(_ source: BackgroundAgentPoolSpec.PersonaSource?) -> PoolModel {
        PoolModel { $0.persona = source }
    }

    /// What the machine tells of a pool in a world with `map`.
    private func told(_ model: PoolModel, _ map: PersonaConfigMap?) -> PoolPersonas? {
        var machine = PersonaMachine(text: PersonaReaderTests.text)
        let objects: [any ClusterObject] = [model.pool] + (map.map { [$0] } ?? [])
        let commands = machine.handle(
            .changed([AnyChange(Change.added(model.pool))], in: .of(objects)), at: now)
        for case .publish(let object) in commands { return object as? PoolPersonas }
        return nil
    }

    private func settle(_ model: inout PoolModel, _ map: PersonaConfigMap?) throws {
        model.personas = told(model, map)
        try model.apply(model.plan())
    }

    private func word(_ model: PoolModel) -> String? {
        model.pool.status.conditions["PersonasRead"].map { "\($0.status.rawValue)/\($0.reason)" }
    }

    @Test func `the status names the personas, their files, and what was refused`() throws {
        var model = model(.init(name: "personas"))
        try settle(&model, map(["qa.md": PersonaReaderTests.version4, "broken.yaml": "agent: ["]))
        #expect(word(model) == "False/PersonaRefused")
        let personas = model.pool.status.personas
        #expect(personas.map(\.file) == ["broken.yaml", "qa.md"])
        #expect(personas.map(\.name) == [nil, "Quinn"])
        #expect(personas[1].title == "Test Architect & Quality Advisor")
        #expect(personas[0].refusal?.contains("cannot be read") == true)
        let message = try #require(model.pool.status.conditions["PersonasRead"]?.message)
        #expect(message.hasPrefix("broken.yaml: "), "\(message)")
        #expect(model.notes.contains { $0.reason == "PersonaRefused" })

        try settle(&model, map(["qa.md": PersonaReaderTests.version4]))
        #expect(word(model) == "True/PersonasRead")
        #expect(model.pool.status.conditions["PersonasRead"]?.message == "Read: Quinn.")
        let writes = model.statusWrites
        try settle(&model, map(["qa.md": PersonaReaderTests.version4]))
        #expect(model.statusWrites == writes, "at rest nothing is written")
    }

    @Test func `a ConfigMap or a key that is not there is said, and agents are made as ever`()
        throws
    {
        var model = model(.init(name: "personas", key: "qa.md"))
        try settle(&model, nil)
        #expect(word(model) == "False/PersonaNotFound")
        let message = model.pool.status.conditions["PersonasRead"]?.message ?? ""
        #expect(message.contains("swiftlet.dev/personas"), "\(message)")
        #expect(model.live.count == 3)
        try settle(&model, map(["dev.md": "# Dev"]))
        #expect(word(model) == "False/PersonaNotFound")
        try settle(&model, map(["qa.md": "# QA", "dev.md": "# Dev"]))
        #expect(word(model) == "True/PersonasRead")
        #expect(model.pool.status.personas.map(\.file) == ["qa.md"], "one key is asked for")
    }

    @Test func `a pool that names no personas says nothing of them, also not any more`() throws {
        var plain = model(nil)
        try settle(&plain, map(["qa.md": "# QA"]))
        #expect(word(plain) == nil && plain.pool.status.personas.isEmpty)
        #expect(plain.pool.status.json["personas"] == nil)
        var model = model(.init(name: "personas"))
        try settle(&model, map(["qa.md": "# QA"]))
        #expect(word(model) == "True/PersonasRead")
        model.pool.spec.persona = nil
        try settle(&model, map(["qa.md": "# QA"]))
        #expect(word(model) == nil && model.pool.status.personas.isEmpty)
    }

    @Test func `until all ConfigMaps have been seen nothing is said to be missing`() throws {
        var model = model(.init(name: "personas"))
        var machine = PersonaMachine(text: PersonaReaderTests.text)
        var view = ClusterView()
        view.publish(model.pool)
        view.register(PersonaConfigMap.self)
        let commands = machine.handle(
            .changed([AnyChange(Change.added(model.pool))], in: view), at: now)
        guard case .wake(let at)? = commands.first, commands.count == 1 else {
            Issue.record("\(commands)")
            return
        }
        #expect(at > now.instant)
        // What an operator before this one has written stays meanwhile.
        try settle(&model, map(["qa.md": "# QA"]))
        model.personas = nil
        try model.apply(model.plan())
        #expect(word(model) == "True/PersonasRead")
    }

    @Test func `too many files, and files that are no text, are refused one by one`() throws {
        var data: [String: String] = [:]
        for index in 0..<40 { data["p\(100 + index).md"] = "# P" }
        var model = model(.init(name: "personas"))
        try settle(&model, map(data))
        #expect(word(model) == "False/PersonaRefused")
        #expect(model.pool.status.personas.count == Bounds.listedPersonas)
        let hostile = try PersonaConfigMap(
            reading: JSONDocument(
                parsing: Array(
                    """
                    {"metadata":{"name":"personas","namespace":"team","uid":"u"},
                     "data":{"nul.md":"a\\u0000b","good.md":"# G"},"binaryData":{"b.md":"AAAA"}}
                    """.utf8)
            ).root)
        try settle(&model, hostile)
        #expect(
            model.pool.status.personas.map(\.refusal) == [
                "it is no text", nil, "it holds a null byte",
            ])
    }

    // MARK: - Attempts

    private func order(_ personas: PoolPersonas?, asking persona: String? = nil) -> LeaseSpec? {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "team", uid: UID("task")))
        task.spec.persona = persona
        task.status.phase = .running
        task.status.attempt = 1
        task.status.agent = .init(name: "a", uid: UID("agent"))
        task.status.pool = .init(name: "qa")
        let request = SyncRequest(
            namespace: "team", pod: "a", instance: "i", sequence: 1, slots: 1)
        let objects: [any ClusterObject] = [task] + (personas.map { [$0] } ?? [])
        return LeaseProjection.reply(
            to: request, from: UID("agent"), in: .of(objects), at: PoolModel.start
        ).leases.first?.spec
    }

    @Test func `an attempt is given the pool's persona, or the one that its task asks for`() {
        let one = told(
            model(.init(name: "personas", key: "qa.md")), map(["qa.md": "# QA", "b.md": "# B"]))
        #expect(order(one)?.persona == "# QA")
        let both = told(
            model(.init(name: "personas")),
            map(["qa.md": PersonaReaderTests.version4, "b.md": "# B"]))
        #expect(order(both)?.persona == nil, "nobody has said which")
        #expect(order(both, asking: "Quinn")?.persona == PersonaReaderTests.version4)
        #expect(order(both, asking: "b")?.persona == "# B")
        #expect(order(both, asking: "c")?.persona == nil)
        #expect(order(nil)?.persona == nil)
        let refused = told(model(.init(name: "personas", key: "x.yaml")), map(["x.yaml": "["]))
        #expect(order(refused)?.persona == nil, "what was refused is handed to nobody")
    }

    @Test func `a task finds the pool of its persona by file, id and name, once the status has it`()
        throws
    {
        var model = model(.init(name: "personas"))
        var task = BackgroundTask(metadata: ObjectMeta(name: "t", namespace: "team", uid: UID("t")))
        func place(_ persona: String) -> String? {
            task.spec.persona = persona
            return TaskPlacement.of(task, in: .of([model.pool])).key?.name
        }
        #expect(place("qa") == nil, "nobody has read the files yet")
        try settle(
            &model,
            map(["quality.md": PersonaReaderTests.version4, "x.yaml": "agent: {id: x, name: "]))
        for name in ["quality", "quality.md", "qa", "Quinn"] { #expect(place(name) == "qa") }
        #expect(place("x") == nil, "what was refused is not offered")
        // Where the pool names one key, its file's name is enough, and others do not count.
        model.pool.spec.persona = .init(name: "personas", key: "dev.md")
        #expect(place("dev") == "qa" && place("Quinn") == nil)
    }

    @Test func `a task that waits is looked at again when personas are read`() throws {
        let before = model(.init(name: "personas")).pool
        var after = before
        after.status.personas = [.init(file: "qa.md", format: .text)]
        var task = BackgroundTask(metadata: ObjectMeta(name: "t", namespace: "team", uid: UID("t")))
        task.spec.persona = "qa"
        task.status.phase = .blocked
        let view = ClusterView.of([after, task])
        let change = AnyChange(try #require(Change(old: before, new: after)))
        let keys = TaskReconciler().triggers.flatMap {
            $0.roots(of: change, in: view)
        }
        #expect(keys.contains(task.key))
    }

    @Test func `agents have one file under a fixed name, or all under their own`() {
        func spec(_ source: BackgroundAgentPoolSpec.PersonaSource) -> String {
            AgentPodTemplate(pool: model(source).pool, tenant: "t", settings: PoolModel.settings)
                .pod(index: 0).text
        }
        let one = spec(.init(name: "personas", key: "qa.md"))
        #expect(one.contains(#""items":[{"key":"qa.md","path":"persona.md"}]"#))
        #expect(one.contains("SWIFTLET_PERSONA"))
        let all = spec(.init(name: "personas"))
        #expect(all.contains(#""configMap":{"name":"personas"}"#))
        #expect(!all.contains("SWIFTLET_PERSONA"))
    }
}
