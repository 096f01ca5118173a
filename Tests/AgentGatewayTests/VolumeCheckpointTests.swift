import AgentProtocol
import Glibc
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@testable import AgentGateway
@testable import AgentRunner

/// Checkpoints that lie on the workspace volume of a pool: what is kept of them, and what the next
/// attempt gets.
struct VolumeCheckpointTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    private func pool(_ bytesMax: Int = 1 << 30) -> BackgroundAgentPool {
        var spec = BackgroundAgentPoolSpec(
            template: ["spec": ["containers": [["name": "agent", "image": "qa:1"]]]])
        spec.workspace = .init(claimName: "work")
        spec.workspace?.checkpointBytesMax = bytesMax
        return BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "shop", uid: UID("pool-uid")), spec: spec)
    }

    private func lease(_ scene: GatewayScene, attempt: Int = 1, to agent: String = "a") async {
        await scene.world.lease("t", attempt: attempt, to: agent) {
            $0.spec.poolRef = .init(name: "qa")
        }
    }

    private func put(
        _ scene: GatewayScene, path: String = "task-t/1/1", claim: String = "shop/work",
        bytes: String = "600000", digest: String = VolumeCheckpointTests.digest,
        body: [UInt8] = [], token: String = FakeWorld.token
    ) async throws -> GatewayScene.Answer {
        try await scene.call(
            "PUT", "/v1/checkpoints/" + path, body: body, token: token,
            headers: [
                ("swiftlet-checkpoint-digest", digest), ("swiftlet-checkpoint-claim", claim),
                ("swiftlet-checkpoint-bytes", bytes),
            ])
    }

    @Test func `of a checkpoint on the volume the record alone is kept, and the one before it`()
        async throws
    {
        try await GatewayScene.run { scene in
            await scene.world.put(pool())
            await lease(scene)
            #expect(try await put(scene).status == 200)
            let kept = try await put(scene, path: "task-t/1/2", bytes: "700000")
            #expect(kept.status == 200)
            let secret = try #require(await scene.world.secrets.values.first)
            #expect(secret.data.keys.sorted() == ["volume"])
            #expect(secret.data.values.allSatisfy { $0.count < 1_024 })
            await lease(scene, attempt: 2, to: "b")
            let found = try await scene.call(
                "GET", "/v1/checkpoints/task-t/2/1", token: "header.agent-b.signature")
            #expect(found.headers["swiftlet-checkpoint-claim"] == "shop/work")
            #expect(found.json == kept.json)
            #expect(found.json?["newest"]?["sequence"] == 2)
            #expect(found.json?["newest"]?["attempt"] == 1)
            #expect(found.json?["previous"]?["bytes"] == 600_000)
        }
    }

    @Test func `small and large checkpoints follow each other, and only the newest is kept`()
        async throws
    {
        try await GatewayScene.run { scene in
            await scene.world.put(pool())
            await lease(scene)
            let first = try await small(scene, 1)
            #expect(first == 200)
            #expect(try await put(scene, path: "task-t/1/2").status == 200)
            #expect(await scene.world.secrets.values.first?.data.keys.sorted() == ["volume"])
            #expect(try await small(scene, 2) == 409)
            #expect(try await small(scene, 3) == 200)
            #expect(await scene.world.secrets.values.first?.data == ["checkpoint": [7]])
            #expect(try await put(scene, path: "task-t/1/3").status == 409)
        }
    }

    @Test func `records are refused with a reason, and those of zombies too`() async throws {
        try await GatewayScene.run { scene in
            await lease(scene)
            let none = try await put(scene)
            #expect(none.status == 422)
            #expect(none.json?["message"]?.string?.contains("spec.workspace") == true)
            await scene.world.put(pool(1 << 20))
            #expect(try await put(scene, claim: "shop/other").status == 422)
            #expect(try await put(scene, claim: "far/work").status == 422)
            #expect(try await put(scene, bytes: "1048577").status == 422)
            #expect(try await put(scene, bytes: "-1").status == 400)
            #expect(try await put(scene, bytes: "many").status == 400)
            #expect(try await put(scene, digest: "sha256:00").status == 400)
            #expect(try await put(scene, body: [1]).status == 413)
            #expect(try await put(scene, token: "header.agent-b.signature").status == 409)
            #expect(await scene.world.secrets.isEmpty)
            await lease(scene, attempt: 2, to: "b")
            #expect(try await put(scene).reason == "LeaseLost")
            #expect(await scene.world.secrets.isEmpty)
        }
    }

    @Test(arguments: ["digest", "sequence", "attempt", "volume", "foreign", "not JSON"])
    func `a record that was changed by somebody is none`(part: String) async throws {
        try await GatewayScene.run { scene in
            await scene.world.put(pool())
            await lease(scene)
            #expect(try await put(scene).status == 200)
            var secret = try #require(await scene.world.secrets.values.first)
            switch part {
            case "volume": secret.data = [:]
            case "not JSON": secret.data["volume"] = [1]
            case "foreign":
                let text = String(decoding: secret.data["volume"] ?? [], as: UTF8.self)
                secret.data["volume"] = Array(text.replacing("600000", with: "1").utf8)
                secret.metadata.annotations["swiftlet.dev/checkpoint-digest"] = "sha256:1"
            default: secret.metadata.annotations["swiftlet.dev/checkpoint-" + part] = "9"
            }
            await scene.world.put(secret)
            let answer = try await scene.call("GET", "/v1/checkpoints/task-t/1/0")
            #expect(answer.status == 404)
            #expect(answer.reason == "Damaged")
        }
    }

    @Test(arguments: [
        (#"{"sequence":2,"bytes":1,"digest":"DIGEST","attempt":1}"#, "named as the one before"),
        (#"{"sequence":1,"bytes":1,"digest":"sha256:0","attempt":1}"#, "cannot be read"),
        ("[]", "cannot be read"),
    ])
    func `a record whose one before is no good says so, and the newest holds`(
        previous: String, flaw: String
    ) throws {
        let text = """
            {"claim":"shop/work",
             "newest":{"sequence":2,"bytes":600000,"digest":"DIGEST","attempt":1},
             "previous":\(previous)}
            """
        let document = try JSONDocument(parsing: text.replacing("DIGEST", with: Self.digest))
        let record = try VolumeCheckpoint.Record(reading: document.root)
        #expect(record.previous == nil && record.newest.ref.sequence == 2)
        #expect(record.flaw?.contains(flaw) == true)
    }

    private func small(_ scene: GatewayScene, _ sequence: Int) async throws -> Int {
        try await scene.call(
            "PUT", "/v1/checkpoints/task-t/1/\(sequence)", body: [7],
            headers: [("swiftlet-checkpoint-digest", SecretCheckpointStore.digest(of: [7]))]
        ).status
    }

    // MARK: - With the runner

    /// How an attempt that goes on from the first one's large checkpoint ends, after `harm` was
    /// done to the volume.
    private func secondAttempt(
        after first: String, _ harm: (String) throws -> Void, claim: String = "shop/work"
    ) async throws -> LeaseReport {
        var found: LeaseReport?
        try await GatewayScene.run { scene in
            await scene.world.put(pool())
            let root = "/tmp/swiftlet-volume-\(getpid())-\(scene.port)"
            defer { Files.remove(root) }
            for folder in ["", "/work", "/volume"] { mkdir(root + folder, 0o700) }
            try Files.create(root + "/token", Array(FakeWorld.token.utf8))
            try Files.create(root + "/ca.crt", Array(scene.server.caPEM.utf8))
            let environment = [
                "PATH": "/usr/bin:/bin", "SWIFTLET_GATEWAY_SERVER_NAME": "gateway.test",
                "SWIFTLET_GATEWAY_URL": "https://127.0.0.1:\(scene.port)",
                "SWIFTLET_GATEWAY_CA_FILE": root + "/ca.crt",
                "SWIFTLET_TOKEN_FILE": root + "/token", "SWIFTLET_WORK_DIR": root + "/work",
                "SWIFTLET_POD_NAME": "a", "SWIFTLET_POD_NAMESPACE": "shop",
                "SWIFTLET_WORKSPACE_DIR": root + "/volume", "VOLUME": root + "/volume",
            ]
            let read = "cat $SWIFTLET_CHECKPOINT_DIR/what > $SWIFTLET_RESULT 2>/dev/null || true"
            for (attempt, script, claim) in [(1, first, "shop/work"), (2, read, claim)] {
                let runner = try Runner(
                    environment: environment.merging(["SWIFTLET_WORKSPACE_CLAIM": claim]) { $1 })
                let (reports, tell) = AsyncStream.makeStream(of: LeaseReport.self)
                await scene.world.whenPublished { session in
                    for report in session.reports where report.state == .finished {
                        tell.yield(report)
                    }
                }
                await give(attempt, script, scene)
                async let running: Void = runner.run()
                for await report in reports where report.id.attempt == attempt {
                    found = report
                    break
                }
                let change = await scene.world.lease("t", to: nil) {
                    $0.status.attempts[0].outcome = attempt == 1 ? .failed : .succeeded
                }
                if let change { scene.server.tasksChanged([change]) }
                runner.shutdown()
                try await running
                if attempt == 1 { try harm(root + "/volume/checkpoints/task-t/") }
            }
            // What is done needs no checkpoint: nothing is left of it on the volume.
            let left = (try? Files.names(in: root + "/volume/checkpoints")) ?? []
            #expect(left.isEmpty == (found?.outcome?.isSuccess == true), "\(left)")
        }
        return try #require(found)
    }

    private func give(_ attempt: Int, _ script: String, _ scene: GatewayScene) async {
        let change = await scene.world.lease("t", attempt: attempt, to: "a") { task in
            task.spec.poolRef = .init(name: "qa")
            task.spec.command = ["bash", "-c"]
            task.spec.args = [script]
            task.status.attempts = []
        }
        if let change { scene.server.tasksChanged([change]) }
    }

    /// Commits 1 and then 2, each with 600 kB beside it.
    private let twice = """
        cd $SWIFTLET_CHECKPOINT_DIR
        head -c 600000 /dev/urandom > large; echo 1 > what.tmp; mv what.tmp what
        until [ -e $VOLUME/checkpoints/$SWIFTLET_TASK_UID/1.1 ]; do sleep 0.05; done
        echo 2 > what.tmp; mv what.tmp what; exit 7
        """

    @Test func `a large checkpoint is on the volume when the next attempt begins`() async throws {
        let report = try await secondAttempt(after: twice) { folder in
            let names = try Files.names(in: folder)
            #expect(names == ["1.1", "2.1"])
        }
        #expect(report.outcome == AttemptOutcome(.exited(0)), "\(report)")
        #expect(report.result == 2)
        #expect(!report.message.contains("damaged"))
    }

    @Test(arguments: ["cut", "changed", "gone", "older", "link"])
    func `of a checkpoint that is damaged the one before it is restored, and that is said`(
        harm: String
    ) async throws {
        let report = try await secondAttempt(after: twice) { folder in
            let good = try #require(try Files.read(folder + "2.1", bytesMax: 1 << 20))
            switch harm {
            case "cut": try Files.replace(folder + "2.1", Array(good.dropLast()))
            case "changed":
                var bad = good
                bad[500_000] ^= 1
                try Files.replace(folder + "2.1", bad)
            case "gone": unlink(folder + "2.1")
            case "older":
                let older = try #require(try Files.read(folder + "1.1", bytesMax: 1 << 20))
                try Files.replace(folder + "2.1", older)
            default:
                unlink(folder + "2.1")
                #expect(symlink("1.1", folder + "2.1") == 0)
            }
        }
        #expect(report.result == 1, "\(report)")
        #expect(report.message.contains("checkpoint 2 is damaged"), "\(report.message)")
        #expect(report.message.contains("checkpoint 1 is restored instead"))
    }

    @Test func `without a good checkpoint on the volume the attempt starts clean`() async throws {
        let report = try await secondAttempt(after: twice) { folder in
            for name in ["1.1", "2.1"] { try Files.replace(folder + name, [1]) }
        }
        #expect(report.outcome == AttemptOutcome(.exited(0)), "\(report)")
        #expect(report.result == nil)
        #expect(report.message.contains("starts clean"), "\(report.message)")
    }

    @Test func `an agent without the volume says so and starts clean`() async throws {
        let report = try await secondAttempt(after: twice, { _ in }, claim: "shop/other")
        #expect(report.result == nil, "\(report)")
        #expect(report.message.contains("shop/work, which this agent does not have"))
    }
}
