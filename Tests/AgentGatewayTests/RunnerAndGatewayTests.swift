import AgentProtocol
import Glibc
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@testable import AgentGateway
@testable import AgentRunner

/// The runner and the gateway, over TLS, with a stand-in for the reconcilers between them.
struct RunnerAndGatewayTests {
    @Test func `a task fails, goes on from its checkpoint on the next attempt, and is done`()
        async throws
    {
        try await GatewayScene.run { scene in
            let root = "/tmp/swiftlet-gateway-\(getpid())-\(scene.port)"
            defer { Files.remove(root) }
            let runner = try runner(scene, root)
            let (reports, tell) = AsyncStream.makeStream(of: LeaseReport.self)
            await scene.world.whenPublished { session in
                for report in session.reports where report.state == .finished { tell.yield(report) }
            }
            await give(1, scene)
            async let running: Void = runner.run()
            var seen: Set<LeaseID> = []
            for await report in reports where seen.insert(report.id).inserted {
                if report.id.attempt == 1 {
                    #expect(report.outcome == AttemptOutcome(.exited(7)), "\(report)")
                    #expect(report.checkpoint?.sequence == 1)
                    await give(2, scene)
                    continue
                }
                #expect(report.outcome == AttemptOutcome(.exited(0)), "\(report)")
                #expect(report.result == ["count": 1])
                let change = try #require(await scene.world.lease("t", to: nil))
                scene.server.tasksChanged([change])
                break
            }
            runner.shutdown()
            try await running
            #expect(await scene.world.secrets.count == 1)
        }
    }

    @Test func `a state survives the runner's own commits, and the next attempt has both`()
        async throws
    {
        try await GatewayScene.run { scene in
            let root = "/tmp/swiftlet-state-\(getpid())-\(scene.port)"
            defer { Files.remove(root) }
            let runner = try runner(scene, root)
            let (reports, tell) = AsyncStream.makeStream(of: LeaseReport.self)
            await scene.world.whenPublished { session in
                for report in session.reports { tell.yield(report) }
            }
            // The program waits until the state is kept; its folder is committed after that.
            let script = """
                read count < $SWIFTLET_CHECKPOINT_DIR/count || count=0
                until [ -e \(root)/go.$SWIFTLET_ATTEMPT ]; do sleep 0.02; done
                echo $((count + 1)) > $SWIFTLET_CHECKPOINT_DIR/count
                echo $count > $SWIFTLET_RESULT; [ $SWIFTLET_ATTEMPT = 2 ] || exit 7
                """
            await give(1, scene, script)
            async let running: Void = runner.run()
            var begun: Set<Int> = []
            for await report in reports {
                let attempt = report.id.attempt
                let lease = JSONValue.string("task-t/\(attempt)")
                if report.state == .running, begun.insert(attempt).inserted {
                    let found = try await scene.tool(
                        "load_checkpoint", ["lease": lease], token: FakeWorld.token)
                    let kept = found["structuredContent"]?["state"]
                    #expect(kept == (attempt == 1 ? nil : "page 1"), "\(found)")
                    let saved = try await scene.tool(
                        "save_checkpoint",
                        ["lease": lease, "state": .string("page \(attempt)")],
                        token: FakeWorld.token)
                    #expect(saved["structuredContent"]?["sequence"] == .int(attempt))
                    try write("", to: root + "/go.\(attempt)")
                }
                guard report.state == .finished else { continue }
                #expect(!report.message.contains("checkpoint"), "\(report)")
                if attempt == 1 {
                    #expect(report.checkpoint?.sequence == 1)
                    await give(2, scene, script)
                    continue
                }
                #expect(report.result == 1, "\(report)")
                let change = try #require(await scene.world.lease("t", to: nil))
                scene.server.tasksChanged([change])
                break
            }
            runner.shutdown()
            try await running
            let data = try #require(await scene.world.secrets.values.first?.data)
            #expect(data["state"] == Array("page 2".utf8))
            #expect(data["checkpoint"] != nil)
        }
    }

    @Test func `a checkpoint that is damaged in its Secret is said by the attempt that misses it`()
        async throws
    {
        try await GatewayScene.run { scene in
            let root = "/tmp/swiftlet-damage-\(getpid())-\(scene.port)"
            defer { Files.remove(root) }
            let runner = try runner(scene, root)
            let (reports, tell) = AsyncStream.makeStream(of: LeaseReport.self)
            await scene.world.whenPublished { session in
                for report in session.reports where report.state == .finished { tell.yield(report) }
            }
            await give(1, scene)
            async let running: Void = runner.run()
            var seen: Set<LeaseID> = []
            for await report in reports where seen.insert(report.id).inserted {
                // Both find nothing in their folder, and say so with this code.
                #expect(report.outcome == AttemptOutcome(.exited(7)), "\(report)")
                #expect(report.message.contains("damaged") == (report.id.attempt == 2))
                if report.id.attempt == 1 {
                    var secret = try #require(await scene.world.secrets.values.first)
                    secret.data["checkpoint"]?[0] ^= 1
                    await scene.world.put(secret)
                    await give(2, scene)
                    continue
                }
                #expect(report.message.contains("the attempt starts clean"), "\(report.message)")
                #expect(report.checkpoint?.sequence == 2, "it gives way to the next")
                let change = try #require(await scene.world.lease("t", to: nil))
                scene.server.tasksChanged([change])
                break
            }
            runner.shutdown()
            try await running
        }
    }

    /// A runner that calls the gateway of `scene`, with its files below `root`.
    private func runner(_ scene: GatewayScene, _ root: String) throws -> Runner {
        for folder in ["", "/work"] { mkdir(root + folder, 0o700) }
        try write(FakeWorld.token, to: root + "/token")
        try write(scene.server.caPEM, to: root + "/ca.crt")
        return try Runner(environment: [
            "PATH": "/usr/bin:/bin",
            "SWIFTLET_GATEWAY_URL": "https://127.0.0.1:\(scene.port)",
            "SWIFTLET_GATEWAY_SERVER_NAME": "gateway.test",
            "SWIFTLET_GATEWAY_CA_FILE": root + "/ca.crt",
            "SWIFTLET_TOKEN_FILE": root + "/token", "SWIFTLET_WORK_DIR": root + "/work",
            "SWIFTLET_POD_NAME": "a", "SWIFTLET_POD_NAMESPACE": "shop",
        ])
    }

    private func give(_ attempt: Int, _ scene: GatewayScene) async {
        let script = """
            count=$(cat $SWIFTLET_CHECKPOINT_DIR/count 2>/dev/null) || {
                echo 1 > $SWIFTLET_CHECKPOINT_DIR/count; exit 7; }
            echo "{\\"count\\": $count}" > $SWIFTLET_RESULT
            """
        await give(attempt, scene, script)
    }

    private func give(_ attempt: Int, _ scene: GatewayScene, _ script: String) async {
        let change = await scene.world.lease("t", attempt: attempt, to: "a") { task in
            task.spec.command = ["bash", "-c"]
            task.spec.args = [script]
        }
        if let change { scene.server.tasksChanged([change]) }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
}
