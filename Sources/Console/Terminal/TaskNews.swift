public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// One line about a task that somebody waits for.
public enum TaskNews {
    /// Where `task` is, as seen at `now`: with a bar while it runs.
    public static func line(_ task: BackgroundTask, at now: Timestamp) -> String {
        let line = TaskLine(task, at: now)
        var parts = ["task/\(PlainText.of(line.key.name))", words(line)]
        switch line.phase {
        case .running:
            if let percent = line.percent {
                parts.append(ProgressBar.of(percent: percent) + " \(percent)%")
            }
            if !line.activity.isEmpty { parts.append(line.activity) }
        case .succeeded: break
        default: if !line.message.isEmpty { parts.append(line.message) }
        }
        let time = line.phase.isTerminal ? line.duration : now - line.since
        if let time { parts.append(AgeText.of(time)) }
        return parts.joined(separator: "  ")
    }

    /// What has to differ for a line of its own where lines cannot be drawn over.
    public static func mark(_ task: BackgroundTask) -> String {
        let line = TaskLine(task, at: task.metadata.creationTime)
        let percent = line.percent.map { $0 / 10 * 10 } ?? -1
        return "\(line.phase.rawValue) \(line.reason) \(line.attempt) \(percent)"
    }

    private static func words(_ line: TaskLine) -> String {
        switch line.phase {
        case .running:
            return "running"
                + (line.attempt > 1 ? ", attempt \(line.attemptText)" : "")
                + (line.agent.map { " on \($0)" } ?? "")
        case .queued:
            let pool = line.poolText.map { " of pool \($0)" } ?? ""
            return line.position.map { "number \($0) in the queue\(pool)" } ?? "in the queue\(pool)"
        case .pending: return "submitted"
        case .blocked, .scheduled:
            return "waits" + (line.reason.isEmpty ? "" : " (\(line.reason))")
        case .succeeded, .failed, .cancelled:
            let attempts = line.attempt > 1 ? " in attempt \(line.attempt)" : ""
            return line.phase.rawValue.lowercased() + attempts
        }
    }

    /// What waits before a task that has just been submitted to `pool`, in a sentence.
    public static func outlook(_ pool: BackgroundAgentPool?, of task: BackgroundTask) -> String {
        guard let key = task.poolKey else {
            return "It names no pool: it goes to one that takes it."
        }
        guard let pool else {
            return "No pool \(key.namespace)/\(key.name) is to be seen: the task waits for one."
        }
        let line = PoolLine(pool, tasks: [.queued: pool.status.queue.queued])
        let queued = line.count(.queued)
        let before = queued == 0 ? "Nothing waits before it" : "\(queued) tasks are queued"
        let trouble =
            line.health == .ready ? "" : " The pool is \(line.health.rawValue): \(line.message)"
        return "\(before); \(line.ready) of \(line.desired) agents are ready, "
            + "\(line.idle) of them idle." + trouble
    }

    /// The same where the pool that the task names could not be read, and why.
    public static func outlook(of task: BackgroundTask, unless failure: APIError) -> String {
        guard let key = task.poolKey, failure.code != .notFound else {
            return outlook(nil, of: task)
        }
        return "What waits before it is not known: the pool \(key.name) cannot be read: "
            + PlainText.of("\(failure)")
    }
}
