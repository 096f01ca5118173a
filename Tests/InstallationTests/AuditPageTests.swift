import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What is written about the audit log is what the operator writes there.
struct AuditPageTests {
    /// The rows of the page's table, by event.
    private static func rows() throws -> [String: String] {
        let page = try GeneratedFileTests.text("docs/observing.md")
        let start = try #require(page.firstRange(of: "\n## Audit log\n"))
        let section = page[start.upperBound...]
        let end = section.firstRange(of: "\n## ")?.lowerBound ?? section.endIndex
        var rows: [String: String] = [:]
        for line in section[..<end].split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|")
            let name = cells.first?.split(separator: "`").dropFirst().first.map(String.init)
            // The other table of the section is about an option.
            if let name, name.first?.isUppercase == true { rows[name] = String(line) }
        }
        return rows
    }

    @Test func `every event of the audit log is in its page, and no other`() throws {
        #expect(try Set(Self.rows().keys) == Set(AuditTrail.Event.allCases.map(\.rawValue)))
    }

    /// The records of a task that was submitted, ran, asked, was stopped, failed and was removed.
    private static func story() -> [JSONValue] {
        let agent = BackgroundTaskStatus.Agent(name: "a", uid: UID("pod"), node: "n")
        var task = BackgroundTask(
            metadata: ObjectMeta(
                name: "t", namespace: "shop", uid: UID("u"),
                annotations: [SwiftletNames.Annotation.submittedBy: "jane"]))
        var changes: [Change<BackgroundTask>?] = [Change(old: nil, new: task)]
        func edit(_ edit: (inout BackgroundTask) -> Void) {
            let old = task
            edit(&task)
            changes.append(Change(old: old, new: task))
        }
        edit {
            $0.spec.poolRef = .init(name: "qa")
            $0.status.phase = .running
            $0.status.attempt = 1
            $0.status.agent = agent
        }
        edit {
            $0.metadata.annotations[SwiftletNames.Annotation.permission + "k"] = "{}"
            $0.metadata.annotations[SwiftletNames.Annotation.permissionAnswer + "k"] = "deny"
        }
        edit {
            $0.spec.state = .cancelled
            $0.status.stopRequestedTime = Timestamp(seconds: 1)
            $0.status.preemptedBy = "other"
        }
        edit {
            $0.status.phase = .failed
            $0.status.agent = nil
            $0.status.attempts = [
                .init(
                    number: 1, agent: agent, startTime: nil, completionTime: nil,
                    outcome: .failed, failure: .init(class: .application, reason: "ExitCode"))
            ]
        }
        changes.append(Change(old: task, new: nil))
        return changes.compactMap(\.self).flatMap { AuditTrail.records(of: $0) }
    }

    @Test func `every field of a record is in its row, or in all`() throws {
        let rows = try Self.rows()
        var pod = PodView(
            metadata: ObjectMeta(
                name: "a", namespace: "shop", uid: UID("pod"),
                owners: [
                    OwnerReference(
                        apiVersion: "swiftlet.dev/v1alpha1", kind: "BackgroundAgentPool",
                        name: "qa", uid: UID("p"))
                ]), node: "n")
        pod.addresses = ["10.0.0.5"]
        let verdict = PoolVerdict(
            pool: Key(namespace: "shop", name: "qa"),
            subject: .init(pool: UID("p"), revision: "r", policies: .init()))
        let allowed = AuditTrail.record(
            of: .allow(policy: "p"), on: "deploy",
            of: BackgroundTask(metadata: ObjectMeta(name: "t", namespace: "shop", uid: UID("u"))))
        var records = Self.story()
        records += [
            AuditTrail.record(ofTokenOf: pod, from: "10.0.0.6", isRefused: true, minute: 1),
            try #require(allowed),
        ]
        records += try AuditTrail.records(of: #require(Change(old: nil, new: verdict)))
        let all: Set<String> = ["event", "id", "time", "namespace", "task", "taskUID"]
        for record in records {
            let event = record["event"]?.string ?? ""
            let row = try #require(rows[event], "\(event)")
            for field in record.object?.keys.map(\.self) ?? [] where !all.contains(field) {
                #expect(row.contains("`\(field)`"), "\(event) has \(field)")
            }
        }
        #expect(
            Set(records.compactMap { $0["event"]?.string })
                == Set(AuditTrail.Event.allCases.map(\.rawValue)), "the story has all of them")
    }
}
