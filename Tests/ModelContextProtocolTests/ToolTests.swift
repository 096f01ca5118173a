import KubernetesCore
import SwiftletAPI
import Testing

@testable import ModelContextProtocol

struct ToolTests {
    private let caller = MCPCaller(user: "system:serviceaccount:shop:builder")

    private func read(_ name: String, _ arguments: JSONValue) -> ToolRequest? {
        try? (try? ToolRequest.read(name, arguments, from: caller))?.get()
    }

    private func refusal(_ name: String, _ arguments: JSONValue) -> String? {
        guard case .failure(let refusal)? = try? ToolRequest.read(name, arguments, from: caller)
        else { return nil }
        return refusal.message
    }

    @Test func `the list of tools is the same each time and has whole schemas`() {
        for era in [MCPEra.modern, .legacy(version: "2025-11-25"), .legacy(version: "2025-03-26")] {
            let request = MCPRequest(id: 1, era: era, call: .listTools)
            let reply = MCPServer.reply(to: request, tools: TaskTools.all)
            #expect(reply == MCPServer.reply(to: request, tools: TaskTools.all))
            let tools = reply?.body?["result"]?["tools"]?.array ?? []
            #expect(
                tools.compactMap { $0["name"]?.string } == [
                    "submit_task", "get_task", "wait_task", "cancel_task", "list_tasks",
                    "list_pools", "get_task_logs",
                ])
            for tool in tools {
                #expect(tool["inputSchema"]?["type"] == "object")
                #expect(tool["inputSchema"]?["additionalProperties"] == false)
                #expect(tool["outputSchema"]?["type"] == "object")
                #expect(!tool.text.contains("x-kubernetes"))
            }
            let execution = tools.first?["execution"]?["taskSupport"]
            #expect((execution == "optional") == (era == .legacy(version: "2025-11-25")))
            #expect((reply?.body?["result"]?["ttlMs"] != nil) == era.isModern)
        }
    }

    @Test func `there is no tool of another name`() {
        #expect(throws: MCPFault(.invalidParams, "there is no such tool")) {
            try ToolRequest.read("delete_cluster", [:], from: caller)
        }
    }

    @Test(
        arguments: [
            ("get_task", [:], "task"), ("get_task", ["task": 7], "task"),
            ("get_task", ["task": "UPPER"], "task"), ("get_task", ["task": "a/b/c/d"], "task"),
            ("get_task", ["task": "../x"], "task"), ("get_task", ["task": "a/b/%00"], "task"),
            ("get_task", ["task": "x", "taks": 1], "taks"),
            ("get_task", ["task": "x", "namespace": "a.b"], "task"),
            ("wait_task", ["task": "x", "timeoutSeconds": 51], "timeoutSeconds"),
            ("wait_task", ["task": "x", "timeoutSeconds": -1], "timeoutSeconds"),
            ("wait_task", ["task": "x", "timeoutSeconds": 0.5], "timeoutSeconds"),
            ("list_tasks", ["limit": 0], "limit"), ("list_tasks", ["limit": 101], "limit"),
            ("list_tasks", ["phase": "Done"], "phase"), ("list_tasks", ["pool": "a/b/c"], "pool"),
            ("submit_task", ["command": "ls -l"], "command"),
            ("submit_task", ["priority": 1_001], "priority"),
            ("submit_task", ["name": "No Name"], "name"),
            ("submit_task", ["pool": "../../kube-system"], "pool"),
            ("submit_task", ["env": ["A": 1]], "env"),
            ("submit_task", ["namespace": "kube/../x"], "namespace"),
            ("submit_task", ["idempotencyKey": ""], "idempotencyKey"),
            ("get_task_logs", ["task": "x", "lines": 1_001], "lines"),
        ] as [(String, JSONValue, String)])
    func `wrong arguments are told to the model by their name`(
        tool: String, arguments: JSONValue, named: String
    ) {
        let message = refusal(tool, arguments)
        #expect(message?.contains(named) == true, "\(message ?? "none")")
    }

    @Test func `arguments mean what they say`() {
        let key = Key<BackgroundTask>(namespace: "shop", name: "x")
        #expect(read("get_task", ["task": "x"]) == .get(TaskHandle(key: key)))
        #expect(read("get_task", ["task": "shop/x"]) == .get(TaskHandle(key: key)))
        #expect(
            read("get_task", ["task": "x", "namespace": "other"])
                == .get(TaskHandle(key: Key(namespace: "other", name: "x"))))
        #expect(read("wait_task", ["task": "x"]) == .wait(TaskHandle(key: key), seconds: 30))
        #expect(read("cancel_task", ["task": "x"]) == .cancel(TaskHandle(key: key)))
        #expect(read("list_pools", [:]) == .pools(namespace: "shop"))
        #expect(
            read("get_task_logs", ["task": "x"]) == .logs(TaskHandle(key: key), lines: 100))
        #expect(
            read("list_tasks", ["pool": "p", "phase": "Queued", "limit": 5, "cursor": "m"])
                == .list(
                    .init(
                        namespace: "shop", phase: .queued,
                        pool: Key(namespace: "shop", name: "p"), after: "m", limit: 5)))
    }

    @Test func `a person has no namespace of its own and has to say which`() throws {
        let person = MCPCaller(user: "jane")
        guard
            case .failure(let refusal) = try ToolRequest.read("list_tasks", [:], from: person)
        else {
            Issue.record("it was taken")
            return
        }
        #expect(refusal.message.hasPrefix("namespace: "))
    }

    @Test(arguments: [
        ("shop/t/786512e2-0001", true), ("shop/t", false), ("t", false), ("", false),
        ("shop/t/", false), ("shop/t/../x", false), ("shop/t/UID", false), ("a.b/t/u", false),
        ("shop//u", false), ("/t/u", false), ("shop/t/u\n", false),
        (String(repeating: "a", count: 600) + "/t/u", false),
    ])
    func `a handle is namespace, name and UID`(text: String, isWhole: Bool) {
        #expect((TaskHandle(text) != nil) == isWhole)
        if isWhole { #expect(TaskHandle(text)?.description == text) }
    }

    @Test func `a handle never means a successor of the same name`() {
        let task = Messages.task(.running)
        var successor = task
        successor.metadata.uid = UID("other")
        #expect(TaskHandle(of: task).means(task))
        #expect(!TaskHandle(of: task).means(successor))
        #expect(TaskHandle(key: task.key).means(successor))
    }

    // MARK: - Submissions

    private func submission(_ arguments: JSONValue, from caller: MCPCaller? = nil)
        -> TaskSubmission?
    {
        guard
            case .submit(let submission)? = try?
                (try? ToolRequest.read(
                    "submit_task", arguments, from: caller ?? self.caller))?.get()
        else { return nil }
        return submission
    }

    private func made(_ submission: TaskSubmission?, nonce: String = "n") -> JSONValue? {
        submission?.object(nonce: nonce, digest: Messages.digest)
    }

    @Test func `a submission becomes the task that was asked for`() throws {
        let object = try #require(
            made(
                submission([
                    "name": "nightly", "type": "qa", "pool": "team-b/crew", "priority": 5,
                    "command": ["make", "test"], "env": ["A": "1", "B": "2"],
                    "input": ["n": [1, 2]], "dependsOn": ["before"], "timeoutSeconds": 60,
                    "maxRetries": 0, "requests": ["cpu": 1, "memory": "1Gi"],
                ])))
        #expect(object[path: ["metadata", "name"]] == "nightly")
        #expect(object[path: ["metadata", "namespace"]] == "shop")
        #expect(
            object[path: ["metadata", "annotations", "swiftlet.dev/submitted-by"]]
                == "system:serviceaccount:shop:builder")
        #expect(
            object["spec"] == [
                "type": "qa", "poolRef": ["name": "crew", "namespace": "team-b"], "priority": 5,
                "command": ["make", "test"],
                "env": [["name": "A", "value": "1"], ["name": "B", "value": "2"]],
                "input": ["n": [1, 2]], "dependsOn": [["name": "before"]], "timeoutSeconds": 60,
                "retry": ["maxRetries": 0],
                "resources": ["requests": ["cpu": 1, "memory": "1Gi"]],
            ])
    }

    @Test func `the same key makes the same name, another caller's or namespace's another`()
        throws
    {
        func name(_ arguments: JSONValue, _ user: String, _ nonce: String) -> String? {
            made(submission(arguments, from: MCPCaller(user: user)), nonce: nonce)?[
                path: ["metadata", "name"]]?.string
        }
        let key: JSONValue = ["idempotencyKey": "k", "namespace": "shop"]
        let first = try #require(name(key, "a", "1"))
        #expect(NameRules.dnsSubdomainErrors(first).isEmpty)
        #expect(name(key, "a", "2") == first)
        #expect(name(key, "b", "1") != first)
        #expect(name(["idempotencyKey": "k", "namespace": "other"], "a", "1") != first)
        #expect(name(["idempotencyKey": "j", "namespace": "shop"], "a", "1") != first)
        let without: JSONValue = ["namespace": "shop"]
        #expect(name(without, "a", "1") != name(without, "a", "2"))
    }

    @Test func `an existing task is the same one only if the same was asked by the same`() throws {
        let arguments: JSONValue = ["idempotencyKey": "k", "command": ["x"]]
        let first = try #require(made(submission(arguments)))
        let document = try JSONDocument(parsing: first.encoded())
        let task = try BackgroundTask(reading: document.root)
        func recognises(_ arguments: JSONValue, _ user: String? = nil) -> Bool? {
            submission(arguments, from: user.map { MCPCaller(user: $0) })?
                .made(task, digest: Messages.digest)
        }
        #expect(recognises(arguments) == true)
        #expect(recognises(["idempotencyKey": "k", "command": ["y"]]) == false)
        #expect(recognises(arguments, "system:serviceaccount:shop:other") == false)
    }
}
