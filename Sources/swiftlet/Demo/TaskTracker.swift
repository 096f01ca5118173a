import KubernetesCore
import SwiftletAPI

/// Follows tasks and says what a person wants to hear of them: each change of phase, once.
struct TaskTracker: Sendable {
    /// The tasks that are expected, with the phase in which each is to end.
    private let expected: [Key<BackgroundTask>: TaskPhase]
    private(set) var tasks: [Key<BackgroundTask>: BackgroundTask] = [:]

    /// The annotation that says in which phase a sample is meant to end.
    static let expectation = "swiftlet.dev/expected-phase"

    /// Follows the tasks among these manifests.
    init(manifests: [JSONValue]) throws {
        var expected: [Key<BackgroundTask>: TaskPhase] = [:]
        for object in manifests where object["kind"]?.string == BackgroundTask.type.kind {
            let metadata = object["metadata"]
            let key = Key<BackgroundTask>(
                namespace: metadata?["namespace"]?.string ?? "default",
                name: metadata?["name"]?.string ?? "")
            let text = metadata?["annotations"]?[Self.expectation]?.string ?? "Succeeded"
            guard let phase = TaskPhase(rawValue: text), phase.isTerminal else {
                throw CommandFailure(
                    "task \(key): \(Self.expectation) is \"\(text)\", no end of a task")
            }
            expected[key] = phase
        }
        self.expected = expected
    }

    /// Takes a new state of a task; returns the line to print, if there is something new to say.
    mutating func note(_ task: BackgroundTask) -> String? {
        guard expected[task.key] != nil else { return nil }
        let before = tasks[task.key]
        tasks[task.key] = task
        let status = task.status
        guard before?.status.phase != status.phase || before?.status.attempt != status.attempt
        else {
            return nil
        }
        return "  " + Self.pad(task.metadata.name, 16) + Self.pad(status.phase.rawValue, 11)
            + detail(task)
    }

    /// Whether every task has ended.
    var isFinished: Bool {
        expected.keys.allSatisfy { tasks[$0]?.status.phase.isTerminal == true }
    }

    /// Whether every task has ended as it was meant to.
    var isAsExpected: Bool {
        expected.allSatisfy { tasks[$0.key]?.status.phase == $0.value }
    }

    /// A table of what became of each task.
    var summary: String {
        var lines = [
            Self.pad("TASK", 16) + Self.pad("PHASE", 11) + Self.pad("ATTEMPTS", 10)
                + Self.pad("TIME", 8) + "RESULT"
        ]
        for key in expected.keys.sorted() {
            guard let task = tasks[key] else {
                lines.append(Self.pad(key.name, 16) + "never seen")
                continue
            }
            let status = task.status
            var time = "-"
            if let start = status.startTime, let end = status.completionTime {
                time = Self.seconds(end - start)
            }
            let isExpected = expected[key] == status.phase
            var result = status.result?.text ?? status.failure?.message ?? ""
            if !isExpected {
                result = "EXPECTED \(expected[key]?.rawValue ?? ""): " + result
            } else if status.phase != .succeeded {
                result = "as expected: " + result
            }
            lines.append(
                Self.pad(key.name, 16) + Self.pad(status.phase.rawValue, 11)
                    + Self.pad("\(status.attempt)", 10) + Self.pad(time, 8) + result)
        }
        return lines.joined(separator: "\n")
    }

    private func detail(_ task: BackgroundTask) -> String {
        let status = task.status
        switch status.phase {
        case .running:
            return "attempt \(status.attempt) on \(status.agent?.name ?? "an agent")"
        case .succeeded: return status.result?.text ?? ""
        case .failed where expected[task.key] == .failed:
            return "as expected: " + (status.failure?.message ?? status.message ?? "")
        default: return status.message ?? status.reason ?? ""
        }
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    static func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration.inSeconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
