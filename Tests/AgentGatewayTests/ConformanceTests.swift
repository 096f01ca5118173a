import KubernetesCore
import SwiftletAPI
import Testing

@testable import AgentGateway

/// What the protocol's own conformance checks look for, where no other test shows it. The page
/// docs/design/mcp-conformance.md says which check is shown where.
struct ConformanceTests {
    private static let id: JSONValue = "shop/t/uid-1"

    private func result(_ answer: GatewayScene.Answer) -> JSONValue {
        answer.json?["result"] ?? .null
    }

    private func submit(_ scene: GatewayScene) async throws -> JSONValue {
        result(
            try await scene.modern(
                "tools/call", ["name": "submit_task", "arguments": ["name": "t"]]))
    }

    @Test func `a task has the newer names only, in whole milliseconds`() async throws {
        try await GatewayScene.run { scene in
            var told = [try await submit(scene)]
            told.append(result(try await scene.modern("tasks/get", ["taskId": Self.id])))
            await scene.change("t") {
                $0.status.phase = .succeeded
                $0.status.completionTime = Timestamp(seconds: 2_000)
            }
            told.append(result(try await scene.modern("tasks/get", ["taskId": Self.id])))
            #expect(told.map { $0["resultType"]?.string } == ["task", "complete", "complete"])
            for task in told {
                #expect(task["taskId"] == Self.id)
                #expect(task["ttlMs"] == .null || (task["ttlMs"]?.integer ?? 0) > 0)
                #expect((task["pollIntervalMs"]?.integer ?? 0) > 0)
                #expect(task["ttl"] == nil)
                #expect(task["pollInterval"] == nil)
                #expect(task["task"] == nil)
                #expect(task["requestState"] == nil)
            }
            #expect(told[2]["result"]?["content"]?.array?.isEmpty == false)
            #expect(told[2]["result"]?["_meta"]?["io.modelcontextprotocol/related-task"] == nil)
        }
    }

    @Test func `every answer but a new task says that it is complete`() async throws {
        try await GatewayScene.run { scene in
            _ = try await submit(scene)
            let unknown: JSONValue = ["nobody-asked": ["action": "accept"]]
            for (method, params) in [
                ("server/discover", [:]), ("tools/list", [:]),
                ("tools/call", ["name": "list_tasks", "arguments": [:]]),
                ("tools/call", ["name": "get_task", "arguments": ["task": "NO"]]),
                ("tasks/get", ["taskId": Self.id]),
                ("tasks/update", ["taskId": Self.id, "inputResponses": unknown]),
                ("tasks/cancel", ["taskId": Self.id]), ("tasks/cancel", ["taskId": Self.id]),
            ] as [(String, JSONValue)] {
                let answer = result(try await scene.modern(method, params))
                #expect(answer["resultType"] == "complete", "\(method)")
                let server = answer["_meta"]?["io.modelcontextprotocol/serverInfo"]
                #expect(server?["name"]?.string?.isEmpty == false)
                guard method == "tasks/update" || method == "tasks/cancel" else { continue }
                #expect(Set(answer.object?.keys.map { $0 } ?? []) == ["resultType", "_meta"])
            }
            #expect(await scene.desk.annotated == 0)
        }
    }

    @Test func `what may be kept is said, for how long and for whom`() async throws {
        try await GatewayScene.run { scene in
            for method in ["server/discover", "tools/list"] {
                let answer = result(try await scene.modern(method))
                #expect((answer["ttlMs"]?.integer ?? -1) >= 0)
                #expect(["public", "private"].contains(answer["cacheScope"]?.string))
            }
            let capabilities = result(try await scene.modern("server/discover"))["capabilities"]
            #expect(
                capabilities == [
                    "tools": [:], "extensions": ["io.modelcontextprotocol/tasks": [:]],
                ])
            for method in ["prompts/list", "resources/list", "completion/complete"] {
                let answer = try await scene.modern(method)
                #expect(answer.status == 404)
                #expect(answer.json?["error"]?["code"] == -32_601)
            }
        }
    }

    @Test func `headers that repeat the body change nothing, and others are refused`()
        async throws
    {
        try await GatewayScene.run { scene in
            _ = try await submit(scene)
            for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
                let params: JSONValue = ["taskId": Self.id, "inputResponses": [:]]
                let named = [("MCP-PROTOCOL-VERSION", "2026-07-28"), ("MCP-Method", method)]
                for (name, status) in [
                    ("shop/t/uid-1", 200), ("  shop/t/uid-1 ", 200),
                    ("=?base64?c2hvcC90L3VpZC0x?=", 200), ("shop/t/uid-2", 400),
                ] {
                    let answer = try await scene.modern(
                        method, params, headers: named + [("Mcp-Name", name)])
                    #expect(answer.status == status)
                    let code = answer.json?["error"]?["code"]
                    #expect(code == (status == 200 ? nil : -32_020))
                }
            }
        }
    }

    @Test func `a client that would hear of progress is answered, and hears of nothing else`()
        async throws
    {
        try await GatewayScene.run { scene in
            let params: JSONValue = [
                "name": "list_tasks", "arguments": [:],
                "_meta": ["progressToken": "p-1", "io.modelcontextprotocol/logLevel": "debug"],
            ]
            for answer in [
                try await scene.modern("tools/call", params),
                try await scene.legacy("tools/call", params),
            ] {
                #expect(answer.headers["content-type"] == "application/json")
                #expect(answer.json?["id"] == 7)
                #expect(result(answer)["isError"] == false)
            }
        }
    }

    @Test func `many calls at once are answered, each under its own id`() async throws {
        try await GatewayScene.run { scene in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let body: JSONValue = [
                            "jsonrpc": "2.0", "id": .string("call-\(number)"),
                            "method": "tools/list",
                        ]
                        let answer = try await scene.post(body.encoded())
                        return answer.json?["id"] == .string("call-\(number)")
                            && answer.json?["result"]?["tools"]?.array?.isEmpty == false
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `a call that goes wrong is a result, one that there is not is an error`()
        async throws
    {
        try await GatewayScene.run { scene in
            let wrong: JSONValue = ["name": "get_task", "arguments": ["task": "NO"]]
            let none: JSONValue = ["name": "no_such_tool", "arguments": [:]]
            for answer in [
                try await scene.modern("tools/call", wrong),
                try await scene.legacy("tools/call", wrong),
            ] {
                #expect(result(answer)["isError"] == true)
                #expect(result(answer)["content"]?[0]?["type"] == "text")
            }
            for answer in [
                try await scene.modern("tools/call", none),
                try await scene.legacy("tools/call", none),
            ] {
                #expect(answer.json?["error"]?["code"] == -32_602)
            }
        }
    }

    @Test func `only what failed through us has failed, and says why`() async throws {
        try await GatewayScene.run { scene in
            _ = try await submit(scene)
            await scene.change("t") {
                $0.status.phase = .failed
                $0.status.message = "three agents were lost"
                $0.status.failure = .init(class: .poison, reason: "Poison")
            }
            let lost = result(try await scene.modern("tasks/get", ["taskId": Self.id]))
            #expect(lost["status"] == "failed")
            #expect(lost["error"]?["code"] == -32_603)
            #expect(lost["statusMessage"]?.string?.isEmpty == false)
            #expect(lost["result"] == nil)
            await scene.change("t") {
                $0.status.failure = .init(class: .application, reason: "ExitCode", exitCode: 3)
            }
            let ended = result(try await scene.modern("tasks/get", ["taskId": Self.id]))
            #expect(ended["status"] == "completed")
            #expect(ended["result"]?["isError"] == true)
            #expect(ended["error"] == nil)
        }
    }

    @Test func `a gateway of this machine alone is called by no other name`() async throws {
        try await GatewayScene.run { scene in
            let caller = RawCaller(port: scene.port, authority: scene.server.caPEM)
            for (host, code) in [
                ("evil.test", 403), ("localhost:\(scene.port)", 200), ("127.0.0.1", 200),
                ("swiftlet-gateway:\(scene.port)", 200), ("swiftlet-gateway.evil.test", 403),
            ] {
                let body = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
                let lines = [
                    "POST /mcp HTTP/1.1", "Host: \(host)",
                    "Authorization: Bearer \(FakeDesk.builder)",
                    "Content-Type: application/json", "Accept: */*",
                    "Content-Length: \(body.utf8.count)", "Connection: close", "", body,
                ]
                let outcome = try await caller.send([
                    Array(lines.joined(separator: "\r\n").utf8)
                ])
                #expect(outcome.codes == [code], "\(host)")
            }
        }
    }
}
