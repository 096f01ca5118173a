import KubernetesCore
import SwiftletAPI
import Testing

@testable import ModelContextProtocol

struct AccountTests {
    private let old = MCPEra.legacy(version: "2025-11-25")

    @Test(
        arguments: [
            (TaskPhase.pending, nil, "working", "working"), (.blocked, nil, "working", "working"),
            (.scheduled, nil, "working", "working"), (.queued, nil, "working", "working"),
            (.running, nil, "working", "working"), (.succeeded, nil, "completed", "completed"),
            (.failed, .application, "completed", "failed"), (.failed, nil, "completed", "failed"),
            (.failed, .timeout, "completed", "failed"),
            (.failed, .infrastructure, "failed", "failed"), (.failed, .poison, "failed", "failed"),
            (.cancelled, nil, "cancelled", "cancelled"),
        ] as [(TaskPhase, TaskFailureClass?, String, String)])
    func `each phase has a status in each generation, and what goes with it`(
        phase: TaskPhase, failure: TaskFailureClass?, modern: String, legacy: String
    ) {
        let task = Messages.task(phase) { task in
            if let failure { task.status.failure = .init(class: failure, reason: "R") }
        }
        let newer = TaskAccount(of: task).detailed(.modern)
        #expect(newer["status"]?.string == modern)
        #expect((newer["result"] != nil) == (modern == "completed"))
        #expect((newer["error"] != nil) == (modern == "failed"))
        if modern == "completed" {
            #expect(newer["result"]?["isError"]?.bool == (phase != .succeeded))
            #expect(newer["result"]?["resultType"] == "complete")
        }
        let older = TaskAccount(of: task).detailed(old)
        #expect(older["status"]?.string == legacy)
        #expect(older["result"] == nil)
        #expect(older["error"] == nil)
    }

    @Test func `what a task gave back is in the result, also where it is no object`() {
        for value in [["a": 1], "text", 7, [1, 2], .null, false] as [JSONValue] {
            let task = Messages.task(.succeeded) { $0.status.result = value }
            let result = TaskAccount(of: task).payload
            #expect(result["structuredContent"]?["result"] == value)
            #expect(
                result["_meta"]?["io.modelcontextprotocol/related-task"]?["taskId"]
                    == "shop/t/786512e2-0001")
            let text = result["content"]?[0]?["text"]?.string ?? ""
            #expect((try? JSONValue(parsing: Array(text.utf8))) == result["structuredContent"])
        }
    }

    @Test func `a failure says why`() {
        let task = Messages.task(.failed) {
            $0.status.failure = .init(
                class: .application, reason: "ExitCode", exitCode: 3, message: "no", logTail: "x")
        }
        let content = TaskAccount(of: task).payload["structuredContent"]
        #expect(content?["failure"]?["exitCode"] == 3)
        #expect(content?["failure"]?["logTail"] == "x")
        #expect(content?["succeeded"] == false)
        #expect(TaskAccount(of: task).json(brief: true)["failure"] == nil)
    }

    @Test func `a task is kept for ever until it has ended, and then as long as promised`() {
        let running = TaskAccount(of: Messages.task(.running)).detailed(.modern)
        #expect(running["ttlMs"] == .null)
        #expect(TaskAccount(of: Messages.task(.running)).detailed(old)["ttl"] == .null)
        let ended = Messages.task(.succeeded) { $0.spec.ttlSecondsAfterFinished = 100 }
        #expect(TaskAccount(of: ended).detailed(.modern)["ttlMs"] == 160_000)
        let endless = Messages.task(.succeeded) {
            $0.spec.ttlSecondsAfterFinished = .max
            $0.status.completionTime = Timestamp(nanoseconds: .max)
        }
        #expect(TaskAccount(of: endless).detailed(.modern)["ttlMs"]?.integer ?? -1 >= 0)
    }

    @Test func `whoever waits behind many is told to look seldom`() {
        func interval(_ position: Int?) -> Int64 {
            let task = Messages.task(.queued) { $0.status.queue = .init(position: position) }
            return TaskAccount(of: task).detailed(.modern)["pollIntervalMs"]?.integer ?? 0
        }
        #expect(interval(1) == 1_000)
        #expect(interval(1) < interval(9))
        #expect(interval(.max) == 10_750)
        #expect(interval(.min) == 1_000)
        #expect(interval(nil) == 1_000)
    }

    @Test func `a new task is told of in the words of each generation`() {
        let task = Messages.task(.pending)
        let newer = TaskAccount(of: task).created(.modern)
        #expect(newer["resultType"] == "task")
        #expect(newer["taskId"] == "shop/t/786512e2-0001")
        #expect(newer["createdAt"] == "1970-01-01T00:16:40Z")
        let older = TaskAccount(of: task).created(old)
        #expect(older["task"]?["taskId"] == "shop/t/786512e2-0001")
        #expect(older["resultType"] == nil)
    }

    @Test func `every account is as the tool's schema says`() {
        for phase in TaskPhase.allCases {
            let task = Messages.task(phase) {
                $0.status.failure = .init(class: .application, reason: "R")
                $0.status.queue = .init(position: 3, blockedBy: ["a"])
                $0.status.progress = .init(percent: 10, message: "m")
                $0.status.startTime = Timestamp(seconds: 1_010)
                $0.status.result = ["x": 1]
            }
            let value = TaskAccount(of: task).json()
            #expect(TaskTools.get.output.validate(value).isEmpty)
            let known = Set(TaskTools.get.output.properties.keys)
            #expect(value.object?.keys.allSatisfy(known.contains) == true)
        }
    }

    @Test func `of an agent's output only the lines of the task's attempt are given`() {
        func line(_ uid: String, _ attempt: Int, _ text: String) -> String {
            JSONValue.object([
                "taskUID": .string(uid), "attempt": .int(attempt), "line": .string(text),
            ]).text
        }
        let log = [
            line("u", 1, "old"), "not json", line("v", 2, "another's"), line("u", 2, "one"),
            #"{"level":"info","message":"mine"}"#, line("u", 2, "two"), "{broken", line("u", 2, ""),
        ].joined(separator: "\n")
        #expect(TaskLog.lines(of: "u", attempt: 2, in: log, last: 10) == ["one", "two", ""])
        #expect(TaskLog.lines(of: "u", attempt: 2, in: log, last: 2) == ["two", ""])
        #expect(TaskLog.lines(of: "w", attempt: 1, in: log, last: 10).isEmpty)
        let many = (0..<10_000).map { line("u", 1, "\($0) " + String(repeating: "x", count: 90)) }
        let cut = TaskLog.lines(
            of: "u", attempt: 1, in: many.joined(separator: "\n"), last: 10_000)
        #expect(cut.last?.hasPrefix("9999 ") == true)
        #expect(cut.reduce(0) { $0 + $1.utf8.count } <= TaskLog.bytesMax)
    }
}
