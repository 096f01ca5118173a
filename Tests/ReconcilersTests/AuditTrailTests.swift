import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// What is written down of a task's life.
@Suite struct AuditTrailTests {
    private let base = BackgroundTask(
        metadata: ObjectMeta(
            name: "t", namespace: "shop", uid: UID("u"),
            annotations: [SwiftletNames.Annotation.submittedBy: "jane"]))

    private func events(
        _ old: BackgroundTask?, _ new: BackgroundTask?
    ) -> [(String, JSONValue)] {
        guard let change = Change(old: old, new: new) else { return [] }
        return AuditTrail.records(of: change).map { ($0["event"]?.string ?? "", $0) }
    }

    private func edited(
        _ task: BackgroundTask, _ edit: (inout BackgroundTask) -> Void
    ) -> BackgroundTask {
        var task = task
        edit(&task)
        return task
    }

    @Test func `a task's life is written down, each step once`() throws {
        let agent = BackgroundTaskStatus.Agent(name: "a", uid: UID("pod"), node: "n1")
        let running = edited(base) {
            $0.status.phase = .running
            $0.status.attempt = 1
            $0.status.agent = agent
        }
        let ended = edited(running) {
            $0.status.phase = .failed
            $0.status.reason = "ExitCode"
            $0.status.agent = nil
            $0.status.attempts = [
                .init(
                    number: 1, agent: agent, startTime: nil, completionTime: nil,
                    outcome: .failed, failure: .init(class: .application, reason: "ExitCode"))
            ]
        }
        var all: [(String, JSONValue)] = []
        for (old, new) in [
            (nil, base), (base, base), (base, running), (running, running), (running, ended),
            (ended, ended), (ended, nil),
        ] as [(BackgroundTask?, BackgroundTask?)] {
            all += events(old, new)
        }
        #expect(
            all.map(\.0) == [
                "TaskSubmitted", "AttemptStarted", "AttemptEnded", "TaskEnded", "TaskDeleted",
            ])
        #expect(all[0].1["user"] == "jane")
        #expect(all[1].1["agentUID"] == "pod")
        #expect(all[1].1["node"] == "n1")
        #expect(all[2].1["class"] == "Application")
        #expect(Set(all.compactMap { $0.1["id"]?.string }).count == all.count)
    }

    @Test func `what had begun before it was seen is not written down again`() {
        let running = edited(base) { $0.status.phase = .running }
        #expect(events(nil, running).isEmpty)
    }

    @Test func `stops, and what was asked and allowed, are written down`() {
        let cancelled = edited(base) { $0.spec.state = .cancelled }
        #expect(events(base, cancelled).map(\.0) == ["StateWanted"])
        let asked = edited(base) {
            $0.metadata.annotations["swiftlet.dev/permission.k"] = #"{"action":"deploy"}"#
        }
        #expect(events(base, asked).map(\.0) == ["PermissionAsked"])
        let answered = edited(asked) {
            $0.metadata.annotations["swiftlet.dev/permission-answer.k"] = "allow"
        }
        let decided = events(asked, answered)
        #expect(decided.map(\.0) == ["PermissionDecided"])
        #expect(decided.first?.1["decision"] == "allow")
    }

    @Test func `nothing that a task says is written at any length`() {
        let long = edited(base) { task in
            for number in 0..<1_000 {
                task.metadata.annotations["swiftlet.dev/permission.\(number)"] = String(
                    repeating: "x", count: 10_000)
            }
        }
        let records = events(base, long)
        #expect(records.count <= 64)
        #expect(records.allSatisfy { $0.1.text.utf8.count < 2_048 })
    }

    @Test func `a verdict is written down when it changes`() throws {
        let verdict = PoolVerdict(
            pool: Key(namespace: "shop", name: "qa"),
            subject: .init(pool: UID("p"), revision: "r", policies: .init()))
        let first = try #require(Change(old: nil, new: verdict))
        #expect(AuditTrail.records(of: first).first?["allowed"] == true)
        let same = try #require(Change(old: verdict, new: verdict))
        #expect(AuditTrail.records(of: same).isEmpty)
        var waiting = verdict
        waiting.waiting = "policies"
        let unknown = try #require(Change(old: verdict, new: waiting))
        #expect(AuditTrail.records(of: unknown).isEmpty)
    }
}
