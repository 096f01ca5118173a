import AgentProtocol
import KubernetesCore
import Locking
import Reconcilers
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What attempts keep themselves with `save_checkpoint`, beside what their runner commits of the
/// folder.
struct StateTests {
    private let task = ObjectRef(
        type: ResourceType(
            group: "swiftlet.dev", version: "v1alpha1", kind: "BackgroundTask",
            plural: "backgroundtasks"),
        namespace: "shop", name: "t", uid: UID("task-t"))
    private static let other = "header.agent-b.signature"

    private func run(_ body: (GatewayScene) async throws -> Void) async throws {
        try await GatewayScene.run { scene in
            var spec = BackgroundAgentPoolSpec(template: [:])
            spec.workspace = .init(claimName: "work")
            await scene.world.put(
                BackgroundAgentPool(
                    metadata: ObjectMeta(name: "qa", namespace: "shop", uid: UID("pool-uid")),
                    spec: spec))
            await lease(1, to: "a", scene)
            _ = try await scene.sync(
                scene.request(
                    1, reports: [LeaseReport(id: LeaseID(taskUID: UID("task-t"), attempt: 1))]))
            try await body(scene)
        }
    }

    private func lease(_ attempt: Int, to agent: String, _ scene: GatewayScene) async {
        await scene.world.lease("t", attempt: attempt, to: agent) {
            $0.spec.poolRef = .init(name: "qa", namespace: nil)
        }
    }

    private func save(
        _ state: String, attempt: Int = 1, token: String = FakeWorld.token, _ scene: GatewayScene
    ) async throws -> JSONValue {
        try await scene.tool(
            "save_checkpoint", ["lease": .string("task-t/\(attempt)"), "state": .string(state)],
            token: token)
    }

    private func load(
        attempt: Int = 1, token: String = FakeWorld.token, _ scene: GatewayScene
    ) async throws -> JSONValue {
        try await scene.tool(
            "load_checkpoint", ["lease": .string("task-t/\(attempt)")], token: token)
    }

    /// What the runner does when the folder has changed: its whole content, small or on the volume.
    private func commit(
        _ sequence: Int, onVolume: Bool, _ scene: GatewayScene
    ) async throws -> Int {
        let archive = try CheckpointArchive([
            .init("own", content: [UInt8(truncatingIfNeeded: sequence)])
        ]).encoded
        var headers = [("swiftlet-checkpoint-digest", SecretCheckpointStore.digest(of: archive))]
        if onVolume {
            headers += [
                ("swiftlet-checkpoint-claim", "shop/work"), ("swiftlet-checkpoint-bytes", "600000"),
            ]
        }
        return try await scene.call(
            "PUT", "/v1/checkpoints/task-t/1/\(sequence)", body: onVolume ? [] : archive,
            headers: headers
        ).status
    }

    // MARK: - Beside the folder

    @Test(arguments: [false, true])
    func `a state outlives what the runner commits, before it and after it`(
        onVolume: Bool
    ) async throws {
        try await run { scene in
            #expect(try await load(scene)["structuredContent"]?["found"] == false)
            #expect(try await save("page 6", scene)["structuredContent"]?["sequence"] == 1)
            #expect(try await commit(1, onVolume: onVolume, scene) == 200)
            #expect(try await load(scene)["structuredContent"]?["state"] == "page 6")
            let saved = try await save("page 7", scene)
            #expect(saved["structuredContent"]?["sequence"] == 2)
            #expect(try await commit(2, onVolume: onVolume, scene) == 200)
            #expect(try await commit(3, onVolume: !onVolume, scene) == 200)
            await lease(2, to: "b", scene)
            let found = try await load(attempt: 2, token: Self.other, scene)
            #expect(found["structuredContent"]?["state"] == "page 7")
            let folder = try await scene.call(
                "GET", "/v1/checkpoints/task-t/2/3", token: Self.other)
            #expect(folder.status == 200)
            #expect((folder.headers["swiftlet-checkpoint-claim"] != nil) == !onVolume)
            if onVolume {
                #expect(try CheckpointArchive(reading: folder.body).entries.map(\.name) == ["own"])
            }
        }
    }

    @Test func `a task that has a state alone has no checkpoint, and none is missed`() async throws
    {
        try await run { scene in
            _ = try await save("page 7", scene)
            let said = await scene.world.sessions.last?.reports.first
            #expect(said != nil && said?.checkpoint == nil, "so none comes into the status")
            let none = try await scene.call("GET", "/v1/checkpoints/task-t/1/0")
            #expect(none.status == 404)
            #expect(none.reason == "NotFound")
        }
    }

    @Test func `of two writers at once neither overwrites what the other keeps`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        let task = task
        // The first write meets a Secret that another has just made, the second one that changed.
        for (sequence, text) in [(1, "one"), (2, "two")] {
            await world.beforeEachWrite {
                await world.beforeEachWrite(nil)
                _ = try? await store.keep(text, attempt: 1, of: task)
            }
            try await store.put(stored([UInt8(sequence)], sequence: sequence), of: task)
            #expect(try await store.state(of: task)?.text == text)
            #expect(try await store.newest(of: task)?.bytes == [UInt8(sequence)])
        }
        await world.beforeEachWrite {
            await world.beforeEachWrite(nil)
            try? await store.put(stored([3], sequence: 3), of: task)
        }
        #expect(try await store.keep("three", attempt: 1, of: task).sequence == 3)
        #expect(try await store.newest(of: task)?.bytes == [3])
        // Two calls of the program itself: the later one stays, with a number of its own.
        await world.beforeEachWrite {
            await world.beforeEachWrite(nil)
            _ = try? await store.keep("four", attempt: 1, of: task)
        }
        #expect(try await store.keep("five", attempt: 1, of: task).sequence == 5)
        #expect(try await store.state(of: task)?.text == "five")
    }

    @Test func `a state that is said again is kept once`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        let first = try await store.keep("x", attempt: 1, of: task)
        let version = await world.secrets.values.first?.metadata.resourceVersion
        #expect(try await store.keep("x", attempt: 1, of: task) == first)
        #expect(await world.secrets.values.first?.metadata.resourceVersion == version)
        #expect(try await store.keep("x", attempt: 2, of: task).attempt == 2)
    }

    // MARK: - Who may

    @Test func `a zombie neither writes nor reads a state`() async throws {
        try await run { scene in
            _ = try await save("mine", scene)
            await lease(2, to: "b", scene)
            for answer in [try await save("old", scene), try await load(scene)] {
                #expect(answer["isError"] == true)
                #expect(answer.text.contains("stop working on it"))
            }
            let found = try await load(attempt: 2, token: Self.other, scene)
            #expect(found["structuredContent"]?["state"] == "mine")
        }
    }

    @Test func `a lease that is lost while the state is read opens nothing`() async throws {
        try await run { scene in
            _ = try await save("mine", scene)
            let world = scene.world
            await world.beforeEachRead {
                await world.lease("t", attempt: 2, to: "b") {
                    $0.spec.poolRef = .init(name: "qa", namespace: nil)
                }
            }
            #expect(try await load(scene)["isError"] == true)
        }
    }

    @Test func `an earlier attempt is fenced off by whatever a later one has kept`() async throws {
        let store = SecretCheckpointStore(secrets: FakeWorld())
        _ = try await store.keep("second", attempt: 2, of: task)
        await #expect(throws: CheckpointFailure.fenced(by: 2)) {
            try await store.keep("first", attempt: 1, of: task)
        }
        await #expect(throws: CheckpointFailure.fenced(by: 2)) {
            try await store.put(stored([1], sequence: 9), of: task)
        }
        try await store.put(stored([1], sequence: 1, attempt: 3), of: task)
        await #expect(throws: CheckpointFailure.fenced(by: 3)) {
            try await store.keep("again", attempt: 2, of: task)
        }
        #expect(try await store.state(of: task)?.text == "second")
    }

    @Test func `a Secret of somebody else gives no state and takes none`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        let foreign = SecretView(
            metadata: ObjectMeta(
                name: SecretCheckpointStore.name(of: task), namespace: "shop", uid: UID("x")),
            data: ["state": [1]])
        await world.put(foreign)
        await #expect(throws: CheckpointFailure.self) { try await store.state(of: task) }
        await #expect(throws: CheckpointFailure.self) {
            try await store.keep("x", attempt: 1, of: task)
        }
        #expect(await world.secrets.values.first == foreign)
    }

    // MARK: - Bad content

    @Test(arguments: ["digest", "sequence", "attempt", "content", "gone", "bytes"])
    func `a damaged state is said, and gives way to the next`(part: String) async throws {
        try await run { scene in
            _ = try await save("page 7", scene)
            var secret = try #require(await scene.world.secrets.values.first)
            switch part {
            case "content": secret.data["state"] = Array("page 8".utf8)
            case "gone": secret.data["state"] = nil
            case "bytes":
                secret.data["state"] = [0xFF]
                secret.metadata.annotations["swiftlet.dev/state-digest"] =
                    SecretCheckpointStore.digest(of: [0xFF])
            default: secret.metadata.annotations["swiftlet.dev/state-" + part] = "-1"
            }
            await scene.world.put(secret)
            let answer = try await load(scene)
            #expect(answer["isError"] == true)
            #expect(answer.text.contains("damaged"), "\(answer.text)")
            #expect(try await save("page 1", scene)["structuredContent"]?["stored"] == true)
            #expect(try await load(scene)["structuredContent"]?["state"] == "page 1")
        }
    }

    @Test func `what is damaged is told to whoever looks after the operator`() async throws {
        let world = FakeWorld()
        let said = Mutex<[String]>([])
        let store = SecretCheckpointStore(secrets: world) { text in
            said.withLock { $0.append(text) }
        }
        _ = try await store.keep("x", attempt: 1, of: task)
        try await store.put(stored([1], sequence: 1), of: task)
        #expect(said.withLock(\.self) == [])
        var secret = try #require(await world.secrets.values.first)
        secret.data["state"] = [1]
        secret.data["checkpoint"] = [2]
        await world.put(secret)
        // However often somebody asks, it is said once a minute.
        for _ in 0..<5 {
            await #expect(throws: CheckpointFailure.self) { try await store.state(of: task) }
            await #expect(throws: CheckpointFailure.self) { try await store.newest(of: task) }
        }
        _ = try await store.keep("y", attempt: 1, of: task)
        try await store.put(stored([3], sequence: 2), of: task)
        let texts = said.withLock(\.self)
        #expect(texts.count == 4)
        #expect(texts.allSatisfy { $0.contains("the Secret shop/bt-ckpt-") })
        #expect(texts.suffix(2).allSatisfy { $0.hasSuffix("it is replaced") })
    }

    @Test func `a state has at most 256 KiB, in bytes, and both fit into one Secret`() async throws
    {
        try await run { scene in
            let most = String(repeating: "x", count: 256 << 10)
            let over = try await save(most + "x", scene)
            #expect(over["isError"] == true)
            let wide = String(repeating: "ü", count: 128 << 10)
            #expect(try await save(wide + "x", scene)["isError"] == true)
            #expect(await scene.world.secrets.isEmpty)
            #expect(try await save(wide, scene)["structuredContent"]?["stored"] == true)
            #expect(try await save(most, scene)["structuredContent"]?["stored"] == true)
        }
        let store = SecretCheckpointStore(secrets: FakeWorld())
        await #expect(throws: CheckpointFailure.self) {
            try await store.keep(
                String(repeating: "x", count: (256 << 10) + 1), attempt: 1, of: task)
        }
        #expect(store.bytesMax + store.stateBytesMax < 1 << 20, "what a Secret takes")
    }
}

private func stored(_ bytes: [UInt8], sequence: Int, attempt: Int = 1) -> StoredCheckpoint {
    StoredCheckpoint(
        ref: CheckpointRef(
            sequence: sequence, bytes: bytes.count,
            digest: SecretCheckpointStore.digest(of: bytes)),
        attempt: attempt, bytes: bytes)
}
