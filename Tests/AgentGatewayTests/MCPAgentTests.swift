import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What an attempt is answered that speaks the Model Context Protocol itself.
struct MCPAgentTests {
    private let lease = "task-t/1"
    private let id = LeaseID(taskUID: UID("task-t"), attempt: 1)

    /// A gateway with the task `t` on the agent `a`, which has reported that it runs.
    private func run(_ body: (GatewayScene) async throws -> Void) async throws {
        try await GatewayScene.run { scene in
            let change = await scene.world.lease("t", to: "a") {
                $0.spec.poolRef = .init(name: "qa", namespace: nil)
            }
            if let task = change?.new { await scene.desk.store(task) }
            await scene.world.put(
                BackgroundAgentPool(
                    metadata: ObjectMeta(name: "qa", namespace: "shop", uid: UID("pool-uid")),
                    spec: BackgroundAgentPoolSpec(template: [:])))
            _ = try await scene.sync(scene.request(1, reports: [LeaseReport(id: id)]))
            try await body(scene)
        }
    }

    private func call(
        _ scene: GatewayScene, _ tool: String, _ arguments: JSONValue,
        token: String = FakeWorld.token
    ) async throws -> JSONValue {
        var arguments = arguments
        if arguments["lease"] == nil { arguments["lease"] = .string(lease) }
        return try await scene.tool(tool, arguments, token: token)
    }

    @Test func `only agents are told of agents' tools, and only they may use them`() async throws {
        try await run { scene in
            func names(_ token: String) async throws -> [String] {
                let answer = try await scene.legacy("tools/list", token: token)
                return answer.json?["result"]?["tools"]?.array?.compactMap { $0["name"]?.string }
                    ?? []
            }
            #expect(try await names(FakeWorld.token).contains("complete_task"))
            #expect(try await !names(FakeDesk.builder).contains("complete_task"))
            #expect(try await !names("header.agent-web.signature").contains("complete_task"))
            let no = try await call(
                scene, "complete_task", ["result": 1], token: FakeDesk.builder)
            #expect(no["code"] == -32_602)
        }
    }

    @Test(arguments: ["task-t/2", "task-t/0", "task-other/1", "task-t", "", "../t/1", "task-t/1/1"])
    func `whoever does not hold the lease does nothing`(lease: String) async throws {
        try await run { scene in
            let calls: [(String, JSONValue)] = [
                ("report_progress", ["percent": 1]), ("save_checkpoint", ["state": "x"]),
                ("complete_task", ["result": 1]), ("remember", ["text": "x"]),
                ("request_permission", ["action": "x"]), ("load_checkpoint", [:]),
            ]
            for (tool, given) in calls {
                var arguments = given
                arguments["lease"] = .string(lease)
                let answer = try await call(scene, tool, arguments)
                #expect(answer["isError"] == true, "\(tool)")
            }
            #expect(await scene.world.secrets.isEmpty)
            let said = await scene.world.sessions.flatMap(\.reports)
            #expect(said.allSatisfy { $0.state == .running && $0.progress == nil })
        }
    }

    @Test func `another agent with the lease's words does nothing`() async throws {
        try await run { scene in
            let answer = try await call(
                scene, "complete_task", ["result": 1], token: "header.agent-b.signature")
            #expect(answer["isError"] == true)
        }
    }

    @Test func `progress stands beside what the agent reports, also after its next call`()
        async throws
    {
        try await run { scene in
            _ = try await call(scene, "report_progress", ["percent": 40, "message": "half"])
            func progress() async -> TaskProgress? {
                await scene.world.sessions.last?.report(on: id)?.progress
            }
            #expect(await progress() == TaskProgress(percent: 40, message: "half"))
            _ = try await scene.sync(scene.request(2, reports: [LeaseReport(id: id)]))
            #expect(await progress() == TaskProgress(percent: 40, message: "half"))
        }
    }

    @Test func `an end is answered when it is stored, and said once`() async throws {
        try await run { scene in
            async let ending = call(scene, "complete_task", ["result": ["n": 1]])
            try await scene.untilPublished(2)
            let report = try #require(await scene.world.sessions.last?.report(on: id))
            #expect(report.state == .finished)
            #expect(report.outcome?.isSuccess == true)
            #expect(report.result == ["n": 1])
            let change = try #require(await scene.world.lease("t", to: nil))
            scene.server.tasksChanged([change])
            #expect(try await ending["structuredContent"]?["stored"] == true)
            // Its process ends badly afterwards: the end that was declared stays.
            let again = try await call(scene, "complete_task", ["failure": "no"])
            #expect(again["isError"] == true)
        }
    }

    @Test func `a person decides what no policy does, and is asked once`() async throws {
        try await run { scene in
            let arguments: JSONValue = [
                "action": "deploy/production", "reason": "the tests are green",
                "timeoutSeconds": 0,
            ]
            let pending = try await call(scene, "request_permission", arguments)
            #expect(pending["structuredContent"]?["decision"] == "pending")
            _ = try await call(scene, "request_permission", arguments)
            #expect(await scene.desk.annotated == 1)
            let asked = try await scene.modern("tasks/get", ["taskId": "shop/t/task-t"])
            #expect(asked.json?["result"]?["status"] == "input_required")
            let requests = try #require(asked.json?["result"]?["inputRequests"]?.object)
            let key = try #require(requests.keys.first)
            #expect(requests[key]?["method"] == "elicitation/create")
            // Somebody who may only look may not answer.
            await scene.desk.grant("system:serviceaccount:far:stranger get shop")
            let accepted: JSONValue = ["action": "accept", "content": ["allow": true]]
            let update: JSONValue = [
                "taskId": "shop/t/task-t", "inputResponses": .object([key: accepted]),
            ]
            let no = try await scene.modern("tasks/update", update, token: FakeDesk.stranger)
            #expect(no.json?["error"]?["code"] == -32_602)
            let yes = try await scene.modern("tasks/update", update)
            #expect(yes.json?["result"]?["resultType"] == "complete")
            let decided = try await call(scene, "request_permission", arguments)
            #expect(decided["structuredContent"]?["decision"] == "allow")
            let after = try await scene.modern("tasks/get", ["taskId": "shop/t/task-t"])
            #expect(after.json?["result"]?["status"] == "working")
        }
    }

    @Test func `who waits for a permission is answered when a person decides`() async throws {
        try await run { scene in
            async let waiting = call(
                scene, "request_permission", ["action": "x", "timeoutSeconds": 50])
            let end = ContinuousClock.now + GatewayScene.patience
            while await scene.desk.annotated == 0 {
                try #require(ContinuousClock.now < end)
                try await Task.sleep(for: .milliseconds(5))
            }
            let change = await scene.desk.change("t") { task in
                for name in task.metadata.annotations.keys
                where name.hasPrefix("swiftlet.dev/permission.") {
                    let key = name.dropFirst("swiftlet.dev/permission.".count)
                    task.metadata.annotations["swiftlet.dev/permission-answer." + key] = "deny"
                }
            }
            scene.server.tasksChanged([try #require(change)])
            #expect(try await waiting["structuredContent"]?["decision"] == "deny")
        }
    }

    @Test func `what one tenant's tasks remember another's do not recall`() async throws {
        try await run { scene in
            _ = try await call(
                scene, "remember", ["text": "The build needs libcurl.", "key": "build"])
            _ = try await call(scene, "remember", ["text": "Tests run for ten minutes."])
            let found = try await call(scene, "recall", ["query": "what does the build need?"])
            let texts = found["structuredContent"]?["memories"]?.array?.compactMap {
                $0["text"]?.string
            }
            #expect(texts?.first == "The build needs libcurl.")
            _ = try await call(
                scene, "remember", ["text": "The build needs nothing.", "key": "build"])
            let newer = try await call(scene, "recall", ["query": "build", "limit": 9])
            #expect(newer["structuredContent"]?["memories"]?.array?.count == 1)
            await scene.world.lease("t", to: "a") { $0.spec.type = "other" }
            let other = try await call(scene, "recall", ["query": "build"])
            #expect(other["structuredContent"]?["memories"] == [])
        }
    }

    @Test func `a memory's Secret of somebody else is left alone`() async throws {
        try await run { scene in
            let place = MemoryPlace(
                pool: ObjectRef(
                    type: .backgroundAgentPool, namespace: "shop", name: "qa",
                    uid: UID("pool-uid")), tenant: "namespace/shop", type: "general")
            let name = SecretMemoryStore.name(of: place)
            await scene.world.put(
                SecretView(
                    metadata: ObjectMeta(name: name, namespace: "shop", uid: UID("theirs")),
                    data: ["memories": [1]]))
            let answer = try await scene.legacy(
                "tools/call",
                [
                    "name": "remember",
                    "arguments": ["lease": .string(lease), "text": "x"],
                ], token: FakeWorld.token)
            #expect(answer.status == 503)
            let secret = await scene.world.secrets[Key(namespace: "shop", name: name)]
            #expect(secret?.data == ["memories": [1]])
        }
    }
}
