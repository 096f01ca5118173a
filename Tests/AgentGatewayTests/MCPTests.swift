import KubernetesCore
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What clients of the Model Context Protocol are answered over the wire.
struct MCPTests {
    @Test func `only somebody with a good token is answered`() async throws {
        try await GatewayScene.run { scene in
            for token in [nil, "nothing", "a.b", "header.unknown.signature"] {
                let answer = try await scene.legacy("tools/list", token: token)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer")
            }
            #expect(try await scene.legacy("tools/list").status == 200)
            #expect(try await scene.legacy("tools/list", token: FakeDesk.person).status == 200)
            #expect(try await scene.legacy("tools/list", token: FakeWorld.token).status == 200)
        }
    }

    @Test func `only the leader answers`() async throws {
        try await GatewayScene.run { scene in
            await scene.world.setLeading(false)
            let answer = try await scene.modern("server/discover")
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
        }
    }

    @Test func `while rights cannot be reviewed nothing is done`() async throws {
        try await GatewayScene.run { scene in
            await scene.desk.goDown(true)
            let answer = try await scene.legacy(
                "tools/call", ["name": "submit_task", "arguments": [:]])
            #expect(answer.status == 503)
            #expect(await scene.desk.creates == 0)
        }
    }

    @Test func `what is no call is refused before anything is done`() async throws {
        try await GatewayScene.run { scene in
            for method in ["GET", "DELETE", "PUT"] {
                #expect(try await scene.call(method, "/mcp").status == 405)
            }
            let big = [UInt8](repeating: 0x20, count: (1 << 20) + 1)
            #expect(try await scene.post(big).status == 413)
            #expect(try await scene.post(Array("[]".utf8)).status == 400)
            let origin = try await scene.post(
                Array("{}".utf8), headers: [("origin", "http://evil.test")])
            #expect(origin.status == 403)
            let mismatch = try await scene.modern(
                "tools/call", ["name": "get_task"],
                headers: [
                    ("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"),
                    ("mcp-name", "list_tasks"),
                ])
            #expect(mismatch.status == 400)
            #expect(mismatch.json?["error"]?["code"] == -32_020)
            #expect(await scene.desk.questions.isEmpty)
        }
    }

    @Test func `both generations are greeted`() async throws {
        try await GatewayScene.run { scene in
            let modern = try await scene.modern("server/discover")
            #expect(modern.json?["result"]?["supportedVersions"] == ["2026-07-28"])
            #expect(modern.json?["result"]?["resultType"] == "complete")
            let old = try await scene.legacy("initialize", ["protocolVersion": "2025-06-18"])
            #expect(old.json?["result"]?["protocolVersion"] == "2025-06-18")
            #expect(old.headers["mcp-session-id"] == nil)
            let done = try await scene.post(
                Array(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8))
            #expect(done.status == 202)
            #expect(done.body.isEmpty)
        }
    }

    // MARK: - Submitting

    @Test func `a task that was submitted is found at once, however late the cache is`()
        async throws
    {
        try await GatewayScene.run { scene in
            await scene.desk.holdCacheBack(true)
            let made = try await scene.modern(
                "tools/call", ["name": "submit_task", "arguments": ["command": ["true"]]])
            #expect(made.json?["result"]?["resultType"] == "task")
            #expect(made.json?["result"]?["status"] == "working")
            let id = try #require(made.json?["result"]?["taskId"]?.string)
            #expect(id.hasPrefix("shop/task-"))
            let got = try await scene.modern("tasks/get", ["taskId": .string(id)])
            #expect(got.json?["result"]?["taskId"]?.string == id)
            #expect(got.json?["result"]?["resultType"] == "complete")
        }
    }

    @Test func `a client that knows no tasks gets the handle at once`() async throws {
        try await GatewayScene.run { scene in
            let params: JSONValue = ["name": "submit_task", "arguments": ["name": "t"]]
            let answer = try await scene.modern("tools/call", params, knowsTasks: false)
            let content = answer.json?["result"]?["structuredContent"]
            #expect(content?["taskId"] == "shop/t/uid-1")
            #expect(content?["done"] == false)
            let old = try await scene.tool("get_task", ["task": "t"])
            #expect(old["structuredContent"]?["taskId"] == "shop/t/uid-1")
        }
    }

    @Test func `the same key starts the work once, whoever answered the first time`()
        async throws
    {
        try await GatewayScene.run { scene in
            let arguments: JSONValue = ["idempotencyKey": "run/7", "command": ["make"]]
            let first = try await scene.tool("submit_task", arguments)
            await scene.desk.holdCacheBack(true)
            let again = try await scene.tool("submit_task", arguments)
            #expect(first == again)
            #expect(await scene.desk.creates == 1)
            let differs = try await scene.tool(
                "submit_task", ["idempotencyKey": "run/7", "command": ["rm"]])
            #expect(differs["isError"] == true)
            #expect(differs["content"]?[0]?["text"]?.string?.hasPrefix("idempotencyKey") == true)
            // Another caller's key is another key.
            _ = try await scene.tool("submit_task", arguments, token: FakeDesk.other)
            #expect(await scene.desk.creates == 2)
        }
    }

    @Test func `a name that is taken is not given away`() async throws {
        try await GatewayScene.run { scene in
            let mine = try await scene.tool("submit_task", ["name": "t", "type": "qa"])
            #expect(mine["isError"] == false)
            let theirs = try await scene.tool(
                "submit_task", ["name": "t", "type": "qa"], token: FakeDesk.other)
            #expect(theirs["isError"] == true)
            #expect(await scene.desk.creates == 1)
        }
    }

    @Test func `what the server refuses is told to the model, what it cannot do is tried again`()
        async throws
    {
        try await GatewayScene.run { scene in
            await scene.desk.answerNext(.refused("spec.type: Invalid value"))
            let refused = try await scene.tool("submit_task", [:])
            #expect(refused["isError"] == true)
            #expect(refused["content"]?[0]?["text"] == "spec.type: Invalid value")
            await scene.desk.answerNext(.unavailable("it is busy"))
            let busy = try await scene.legacy(
                "tools/call", ["name": "submit_task", "arguments": [:]])
            #expect(busy.status == 503)
        }
    }

    // MARK: - Following

    @Test func `whoever waits is answered when the task ends, not before`() async throws {
        try await GatewayScene.run { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            let early = try await scene.tool("wait_task", ["task": "t", "timeoutSeconds": 0])
            #expect(early["structuredContent"]?["done"] == false)
            async let waiting = scene.tool("wait_task", ["task": "t", "timeoutSeconds": 50])
            let running = await scene.desk.change("t") { $0.status.phase = .running }
            scene.server.tasksChanged([try #require(running)])
            let done = await scene.desk.change("t") {
                $0.status.phase = .succeeded
                $0.status.result = ["answer": 42]
            }
            scene.server.tasksChanged([try #require(done)])
            let answer = try await waiting
            #expect(answer["structuredContent"]?["done"] == true)
            #expect(answer["structuredContent"]?["result"] == ["answer": 42])
        }
    }

    @Test func `where too many wait the rest are answered at once`() async throws {
        var limits = GatewayLimits()
        limits.taskWaitsMax = 0
        try await GatewayScene.run(limits: limits) { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            let answer = try await scene.tool("wait_task", ["task": "t", "timeoutSeconds": 50])
            #expect(answer["structuredContent"]?["done"] == false)
        }
    }

    @Test func `a task's end is told of in the words of each generation`() async throws {
        try await GatewayScene.run { scene in
            let call: JSONValue = ["name": "submit_task", "arguments": [:], "task": [:]]
            let made = try await scene.legacy("tools/call", call)
            let id = try #require(made.json?["result"]?["task"]?["taskId"])
            let name = try #require(await scene.desk.names().first)
            await scene.desk.change(name) {
                $0.status.phase = .failed
                $0.status.failure = .init(class: .application, reason: "ExitCode", exitCode: 3)
            }
            let old = try await scene.legacy("tasks/get", ["taskId": id])
            #expect(old.json?["result"]?["status"] == "failed")
            let result = try await scene.legacy("tasks/result", ["taskId": id])
            #expect(result.json?["result"]?["isError"] == true)
            let new = try await scene.modern("tasks/get", ["taskId": id])
            #expect(new.json?["result"]?["status"] == "completed")
            #expect(new.json?["result"]?["result"]?["isError"] == true)
            let late = try await scene.legacy("tasks/cancel", ["taskId": id])
            #expect(late.json?["error"]?["code"] == -32_602)
            let acknowledged = try await scene.modern("tasks/cancel", ["taskId": id])
            #expect(acknowledged.json?["result"]?["resultType"] == "complete")
            #expect(await scene.desk.cancels.isEmpty)
        }
    }

    @Test func `a task is called off once, by who may`() async throws {
        try await GatewayScene.run { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            let no = try await scene.tool(
                "cancel_task", ["task": "shop/t"], token: FakeDesk.person)
            #expect(no["isError"] == true)
            #expect(await scene.desk.cancels.isEmpty)
            let yes = try await scene.tool("cancel_task", ["task": "t"])
            #expect(yes["isError"] == false)
            _ = try await scene.tool("cancel_task", ["task": "t"])
            #expect(await scene.desk.cancels == ["t"])
        }
    }

    // MARK: - Whose tasks they are

    @Test func `unknown, not yours and no such namespace look the same`() async throws {
        try await GatewayScene.run { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            var answers: Set<JSONValue> = []
            for (handle, token) in [
                ("shop/t/uid-1", FakeDesk.stranger), ("shop/none/uid-1", FakeDesk.stranger),
                ("nowhere/t/uid-1", FakeDesk.stranger), ("shop/none/uid-1", FakeDesk.builder),
                ("shop/t/uid-2", FakeDesk.builder), ("far/t/uid-1", FakeDesk.builder),
                ("shop/t/uid-1", FakeWorld.token),
            ] {
                for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
                    let answer = try await scene.modern(
                        method, ["taskId": .string(handle), "inputResponses": [:]], token: token)
                    #expect(answer.status == 200)
                    answers.insert(answer.json?["error"] ?? .null)
                }
            }
            #expect(answers.count == 1)
            #expect(answers.first?["code"] == -32_602)
            var told: Set<JSONValue> = []
            for (task, token) in [
                ("shop/t", FakeDesk.stranger), ("shop/none", FakeDesk.stranger),
                ("shop/none", FakeDesk.builder), ("shop/t/uid-2", FakeDesk.builder),
            ] {
                for tool in ["get_task", "wait_task", "cancel_task", "get_task_logs"] {
                    told.insert(
                        try await scene.tool(tool, ["task": .string(task)], token: token))
                }
            }
            #expect(told.count == 1)
            #expect(told.first?["isError"] == true)
        }
    }

    @Test func `lists show one namespace, page by page`() async throws {
        try await GatewayScene.run { scene in
            for name in ["a", "b", "c"] {
                _ = try await scene.tool("submit_task", ["name": .string(name)])
            }
            await scene.desk.change("b") { $0.status.phase = .succeeded }
            let first = try await scene.tool("list_tasks", ["limit": 2])
            let page = first["structuredContent"]
            #expect(page?["tasks"]?.array?.compactMap { $0["name"]?.string } == ["a", "b"])
            let cursor = try #require(page?["nextCursor"])
            let last = try await scene.tool("list_tasks", ["limit": 2, "cursor": cursor])
            #expect(last["structuredContent"]?["tasks"]?[0]?["name"] == "c")
            #expect(last["structuredContent"]?["nextCursor"] == nil)
            let done = try await scene.tool("list_tasks", ["phase": "Succeeded"])
            #expect(done["structuredContent"]?["tasks"]?.array?.count == 1)
            let stranger = try await scene.tool(
                "list_tasks", ["namespace": "shop"], token: FakeDesk.stranger)
            #expect(stranger["isError"] == true)
            // The older protocol's own list has what the caller itself has submitted.
            let own = try await scene.legacy("tasks/list", token: FakeDesk.other)
            #expect(own.json?["result"]?["tasks"] == [])
            let mine = try await scene.legacy("tasks/list")
            #expect(mine.json?["result"]?["tasks"]?.array?.count == 3)
        }
    }

    @Test func `pools that are closed to a namespace are not shown to it`() async throws {
        try await GatewayScene.run { scene in
            for (name, place, access) in [
                ("own", "shop", BackgroundAgentPoolSpec.AllowedNamespaces.Source.same),
                ("shared", "far", .all), ("closed", "far", .same),
            ] {
                var spec = BackgroundAgentPoolSpec(template: [:])
                spec.allowedNamespaces.from = access
                await scene.world.put(
                    BackgroundAgentPool(
                        metadata: ObjectMeta(name: name, namespace: place, uid: UID(name)),
                        spec: spec))
            }
            let answer = try await scene.tool("list_pools", [:])
            let names = answer["structuredContent"]?["pools"]?.array?.compactMap {
                $0["name"]?.string
            }
            #expect(names == ["shared", "own"])
            let no = try await scene.tool(
                "list_pools", ["namespace": "shop"], token: FakeDesk.stranger)
            #expect(no["isError"] == true)
        }
    }

    @Test func `a task's output is its own, out of what its agent wrote`() async throws {
        try await GatewayScene.run { scene in
            _ = try await scene.tool("submit_task", ["name": "t"])
            await scene.desk.change("t") {
                $0.status.phase = .running
                $0.status.attempt = 2
                $0.status.agent = .init(name: "a", uid: UID("uid-a"))
                $0.status.failure = .init(class: .application, reason: "R", logTail: "kept")
            }
            let kept = try await scene.tool("get_task_logs", ["task": "t"])
            #expect(kept["structuredContent"]?["lines"] == ["kept"])
            await scene.desk.write(
                """
                {"taskUID":"uid-1","attempt":1,"line":"old"}
                {"taskUID":"uid-9","attempt":2,"line":"another's"}
                {"taskUID":"uid-1","attempt":2,"line":"mine"}
                """, by: UID("uid-a"))
            let read = try await scene.tool("get_task_logs", ["task": "t"])
            #expect(read["structuredContent"]?["lines"] == ["mine"])
        }
    }
}
