import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentGateway

struct CheckpointTests {
    private let task = ObjectRef(
        type: ResourceType(
            group: "swiftlet.dev", version: "v1alpha1", kind: "BackgroundTask",
            plural: "backgroundtasks"),
        namespace: "shop", name: "t", uid: UID("task-t"))

    private func put(
        _ scene: GatewayScene, _ bytes: [UInt8], path: String = "task-t/1/1", digest: String? = nil,
        token: String = FakeWorld.token
    ) async throws -> GatewayScene.Answer {
        try await scene.call(
            "PUT", "/v1/checkpoints/" + path, body: bytes, token: token,
            headers: [
                (
                    "swiftlet-checkpoint-digest",
                    digest ?? SecretCheckpointStore.digest(of: bytes)
                )
            ])
    }

    @Test func `a checkpoint comes back to the attempt and to the next one`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", to: "a")
            let none = try await scene.call("GET", "/v1/checkpoints/task-t/1/0")
            #expect(none.status == 404)
            #expect(try await put(scene, [1, 2, 3]).status == 200)
            await scene.world.lease("t", attempt: 2, to: "b")
            for asked in ["0", "1"] {
                let found = try await scene.call(
                    "GET", "/v1/checkpoints/task-t/2/" + asked, token: "header.agent-b.signature")
                #expect(found.status == 200)
                #expect(found.body == [1, 2, 3])
                #expect(found.headers["swiftlet-checkpoint-sequence"] == "1")
                #expect(
                    found.headers["swiftlet-checkpoint-digest"]
                        == SecretCheckpointStore.digest(of: [1, 2, 3]))
            }
            let later = try await scene.call(
                "GET", "/v1/checkpoints/task-t/2/2", token: "header.agent-b.signature")
            #expect(later.status == 404)
        }
    }

    @Test func `a zombie can neither write nor read checkpoints`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", attempt: 2, to: "b")
            let write = try await put(scene, [1])
            #expect(write.status == 409)
            #expect(write.reason == "LeaseLost")
            #expect(write.headers["swiftlet-checkpoint-sequence"] == nil)
            #expect(try await scene.call("GET", "/v1/checkpoints/task-t/1/0").status == 409)
            #expect(try await scene.call("GET", "/v1/checkpoints/task-t/2/0").status == 409)
            #expect(try await put(scene, [1], path: "unknown/1/1").status == 409)
            #expect(await scene.world.secrets.isEmpty)
        }
    }

    @Test func `bad checkpoints are refused with a reason`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", to: "a")
            #expect(try await put(scene, [1], digest: "sha256:00").status == 422)
            let huge = try await put(scene, [UInt8](repeating: 1, count: (512 << 10) + 1))
            #expect(huge.status == 413)
            #expect(huge.json?["message"]?.string?.contains("524288 bytes") == true)
            for path in ["task-t/1/0", "task-t/0/1", "task-t/x/1", "task-t/1/-1", "%2e%2e/1/1"] {
                #expect(try await put(scene, [1], path: path).status == 400, "\(path)")
            }
            let bare = try await scene.call("PUT", "/v1/checkpoints/task-t/1/1", body: [1])
            #expect(bare.status == 400)
            #expect(try await put(scene, [1], token: "a.b.c").status == 401)
            #expect(await scene.world.secrets.isEmpty)
            #expect(try await put(scene, [UInt8](repeating: 1, count: 512 << 10)).status == 200)
        }
    }

    @Test func `sequences only rise`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.lease("t", to: "a")
            #expect(try await put(scene, [1], path: "task-t/1/5").status == 200)
            for path in ["task-t/1/5", "task-t/1/4"] {
                let answer = try await put(scene, [2], path: path)
                #expect(answer.status == 409)
                #expect(answer.headers["swiftlet-checkpoint-sequence"] == "5")
            }
            #expect(try await put(scene, [2], path: "task-t/1/6").status == 200)
        }
    }

    @Test func `what is kept is owned by the task and by nobody of its name`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        let checkpoint = stored([7], sequence: 1, attempt: 1)
        try await store.put(checkpoint, of: task)
        let secret = try #require(await world.secrets.values.first)
        #expect(secret.metadata.controller?.uid == task.uid)
        #expect(secret.metadata.name.hasPrefix("bt-ckpt-"))
        #expect(secret.metadata.namespace == "shop")
        #expect(try await store.newest(of: task) == checkpoint)
        let successor = ObjectRef(
            type: task.type, namespace: "shop", name: "t", uid: UID("task-t2"))
        #expect(try await store.newest(of: successor) == nil)
    }

    @Test func `an earlier attempt is fenced off by a later one's checkpoint`() async throws {
        let store = SecretCheckpointStore(secrets: FakeWorld())
        try await store.put(stored([1], sequence: 3, attempt: 2), of: task)
        await #expect(throws: CheckpointFailure.fenced(by: 2)) {
            try await store.put(stored([2], sequence: 9, attempt: 1), of: task)
        }
        await #expect(throws: CheckpointFailure.overtaken(by: 3)) {
            try await store.put(stored([2], sequence: 3, attempt: 3), of: task)
        }
        try await store.put(stored([2], sequence: 4, attempt: 3), of: task)
    }

    @Test func `a Secret of somebody else is neither read nor written`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        let foreign = SecretView(
            metadata: ObjectMeta(
                name: SecretCheckpointStore.name(of: task), namespace: "shop", uid: UID("x")),
            data: ["checkpoint": [1]])
        await world.put(foreign)
        #expect(try await store.newest(of: task) == nil)
        await #expect(throws: CheckpointFailure.self) {
            try await store.put(stored([2], sequence: 1, attempt: 1), of: task)
        }
        #expect(await world.secrets.values.first == foreign)
    }

    @Test(arguments: ["digest", "sequence", "attempt", "content"])
    func `a damaged checkpoint is given to nobody, and gives way to the next`(part: String)
        async throws
    {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        try await store.put(stored([7, 8], sequence: 1, attempt: 1), of: task)
        var secret = try #require(await world.secrets.values.first)
        if part == "content" {
            secret.data["checkpoint"] = [7]
        } else {
            secret.metadata.annotations["swiftlet.dev/checkpoint-" + part] = "-1"
        }
        await world.put(secret)
        let failure = await #expect(throws: CheckpointFailure.self) {
            try await store.newest(of: task)
        }
        guard case .damaged = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        try await store.put(stored([9], sequence: 2, attempt: 1), of: task)
        #expect(try await store.newest(of: task)?.bytes == [9])
    }

    @Test func `of two writers at once the higher sequence stays`() async throws {
        let world = FakeWorld()
        let store = SecretCheckpointStore(secrets: world)
        try await store.put(stored([1], sequence: 1, attempt: 1), of: task)
        let task = task
        await world.beforeEachWrite {
            await world.beforeEachWrite(nil)
            try? await store.put(stored([3], sequence: 3, attempt: 1), of: task)
        }
        await #expect(throws: CheckpointFailure.overtaken(by: 3)) {
            try await store.put(stored([2], sequence: 2, attempt: 1), of: task)
        }
        #expect(try await store.newest(of: task)?.bytes == [3])
    }
}

private func stored(_ bytes: [UInt8], sequence: Int, attempt: Int) -> StoredCheckpoint {
    StoredCheckpoint(
        ref: CheckpointRef(
            sequence: sequence, bytes: bytes.count,
            digest: SecretCheckpointStore.digest(of: bytes)),
        attempt: attempt, bytes: bytes)
}
