import AgentProtocol
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What people are told about a task, and how one is submitted again.
struct TaskTellingTests {
    @Test func `an explanation says where the task is, why, and what happened, on one screen`()
        throws
    {
        var bench = TaskBench()
        bench.pool()
        bench.agent("a")
        bench.sync("a")
        bench.create("t", spec: ["retry": ["maxRetries": 1], "type": "lint"])
        bench.settle()
        bench.sync(
            "a",
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(7))) {
                    $0.message = "bad\u{1b}[2J thing"
                }
            ])
        let task = try bench.task("t")
        let text = TaskExplanation(of: task, pool: nil, at: bench.now).lines
        let screen = text.joined(separator: "\n")
        #expect(text.count <= 24)
        #expect(screen.contains("Task ns/t, type lint, priority 0"))
        #expect(screen.contains("Scheduled: RetryScheduled"))
        #expect(screen.contains("1; 1 of 1 retries used"))
        #expect(screen.contains("#1 Failed, on a (node-a)"))
        #expect(!screen.unicodeScalars.contains("\u{1b}"))
        let json = TaskExplanation(of: task, pool: nil, at: bench.now).json
        #expect(json["attempts"]?.array?.count == 1 && json["pool"] == "ns/qa")
    }

    @Test func `a waiting task is shown with its place and what it waits for`() {
        var task = BackgroundTask(metadata: ObjectMeta(name: "t", namespace: "ns"))
        task.status.phase = .blocked
        task.status.reason = "DependencyNotFound"
        task.status.queue = .init(position: 4, blockedBy: ["build", "test"])
        let lines = TaskExplanation(of: task, pool: nil, at: Timestamp(seconds: 9)).lines
        #expect(lines.contains("  Position    4 in the queue of no pool"))
        #expect(lines.contains("  Blocked by  build, test"))
        #expect(lines.last?.contains("create the task it waits for") == true)
    }

    private func failed(_ phase: String = "Failed", metadata: JSONValue = [:]) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundTask",
            "metadata": metadata,
            "spec": ["command": ["make"], "newField": 1, "state": "Cancelled"],
            "status": ["phase": .string(phase)],
        ]
        object[path: ["metadata", "name"]] = "lint"
        object[path: ["metadata", "namespace"]] = "ns"
        object[path: ["metadata", "uid"]] = "u1"
        object[path: ["metadata", "resourceVersion"]] = "7"
        return object
    }

    @Test func `a failed task is submitted again with its spec, under a name that follows from it`()
        throws
    {
        let key = SwiftletNames.Annotation.redriveOf
        let again = try Redrive.object(
            of: failed(metadata: ["labels": ["team": "a"], "annotations": ["note": "x"]]))
        #expect(again["spec"] == ["command": ["make"], "newField": 1])
        #expect(again["status"] == nil && again[path: ["metadata", "uid"]] == nil)
        #expect(again[path: ["metadata", "resourceVersion"]] == nil)
        #expect(again[path: ["metadata", "labels"]] == ["team": "a"])
        #expect(again[path: ["metadata", "annotations"]]?[key] == "u1")
        let name = try #require(again[path: ["metadata", "name"]]?.string)
        #expect(name.hasPrefix("lint-again-"))
        #expect(try Redrive.object(of: failed())[path: ["metadata", "name"]]?.string == name)
        // The line does not grow with each redrive.
        var second = failed(metadata: ["annotations": [key: "u0"]])
        second[path: ["metadata", "name"]] = .string(name)
        second[path: ["metadata", "uid"]] = "u2"
        let third = try Redrive.object(of: second)[path: ["metadata", "name"]]?.string
        #expect(third?.count == name.count && third != name)
    }

    @Test func `what has not failed, or is a part of another, is not submitted again`() {
        for phase in ["Running", "Succeeded", "Queued"] {
            #expect(throws: Redrive.Refusal.self) { try Redrive.object(of: failed(phase)) }
        }
        let part = failed(metadata: [
            "ownerReferences": [
                [
                    "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundTask",
                    "name": "whole", "uid": "p", "controller": true,
                ]
            ]
        ])
        #expect(throws: Redrive.Refusal.self) { try Redrive.object(of: part) }
        #expect(throws: Redrive.Refusal.self) { try Redrive.object(of: ["spec": 1]) }
    }
}
