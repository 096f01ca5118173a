public import KubernetesCore
public import SwiftletAPI
import TaskScheduling

/// Why a task is where it is, for people: what `swiftlet explain` shows, on one screen.
public struct TaskExplanation: Sendable {
    private let task: BackgroundTask
    private let pool: BackgroundAgentPool?
    private let now: Timestamp

    /// Explains `task` as seen at `now`; `pool` is the one that it was given to or names, if there
    /// is one that may be read.
    public init(of task: BackgroundTask, pool: BackgroundAgentPool?, at now: Timestamp) {
        self.task = task
        self.pool = pool
        self.now = now
    }

    /// The lines, each at most a few hundred characters. What the task's own words say is shown
    /// without control characters, so that it cannot write over the screen.
    public var lines: [String] {
        var lines = [
            "Task \(task.key), type \(task.spec.type), priority \(task.spec.priority)",
            row("Phase", phase),
        ]
        if let message = task.status.message { lines.append(row("", message)) }
        if let position = task.status.queue?.position {
            lines.append(row("Position", "\(position) in the queue of \(poolName)"))
        }
        if let names = task.status.queue?.blockedBy, !names.isEmpty {
            lines.append(row("Blocked by", names.joined(separator: ", ")))
        }
        lines += poolLines + attemptLines + strategyLines
        if let result = task.status.result {
            lines.append(row("Result", String(result.text.prefix(300))))
        }
        if let hint { lines.append(row("Next", hint)) }
        return lines
    }

    /// The same as an object, for programs.
    public var json: JSONValue {
        var result: JSONObject = [
            "task": .string(task.key.description), "phase": .string(task.status.phase.rawValue),
            "attempt": .int(task.status.attempt), "attemptsMax": .int(attemptsMax),
            "attempts": .array(task.status.attempts.map(summary)),
        ]
        func put(_ key: String, _ text: String?) { if let text { result[key] = .string(text) } }
        put("reason", task.status.reason)
        put("message", task.status.message)
        put("pool", task.poolKey?.description)
        put("hint", hint)
        if let position = task.status.queue?.position { result["position"] = .int(position) }
        if let names = task.status.queue?.blockedBy, !names.isEmpty {
            result["blockedBy"] = .strings(names)
        }
        if let strategy = task.status.strategy {
            var object = JSONObject()
            object["action"] = strategy.action.map { .string($0.rawValue) }
            object["timeoutSeconds"] = .int(task.attemptTimeoutSeconds)
            object["avoidAgents"] = .strings(strategy.avoidAgents)
            object["avoidNodes"] = .strings(strategy.avoidNodes)
            object["reason"] = strategy.reason.map(JSONValue.string)
            result["strategy"] = .object(object)
        }
        return .object(result)
    }

    // MARK: - Parts

    private var phase: String {
        let status = task.status
        var text = status.phase.rawValue
        if let reason = status.reason, reason != text { text += ": " + reason }
        let since: Timestamp? =
            switch status.phase {
            case .running: status.startTime
            case .queued: status.lastQueuedTime ?? status.queuedTime
            case .succeeded, .failed, .cancelled: status.completionTime
            case .pending, .blocked, .scheduled: task.metadata.creationTime
            }
        guard let since else { return text }
        let isOver = task.isFinished
        return text + (isOver ? ", \(span(now - since)) ago" : ", for \(span(now - since))")
    }

    private var poolName: String { task.poolKey.map { "pool \($0)" } ?? "no pool" }

    private var poolLines: [String] {
        guard let pool else {
            let name = task.poolKey.map { "\($0) (there is none, or it may not be read)" }
            return [row("Pool", name ?? "none yet: the task is routed to one that takes it")]
        }
        let status = pool.status
        var lines = [
            row(
                "Pool",
                "\(pool.key): \(status.readyReplicas) of \(status.desiredReplicas) agents ready, "
                    + "\(status.idleAgents) idle; \(status.queue.queued) tasks queued, "
                    + "\(status.queue.running) running")
        ]
        for type in ["Degraded", "QuotaExceeded"] {
            guard let condition = status.conditions[type], condition.status == .yes else {
                continue
            }
            lines.append(row("", "\(type), \(condition.reason): \(condition.message)"))
        }
        if let ready = status.conditions["Ready"], ready.status != .yes {
            lines.append(row("", "Not ready, \(ready.reason): \(ready.message)"))
        }
        return lines
    }

    private var attemptsMax: Int { 1 + task.spec.retry.maxRetries }

    private var attemptLines: [String] {
        let status = task.status
        guard status.attempt > 0 else { return [row("Attempts", "none of at most \(attemptsMax)")] }
        var count = "\(status.attempt); \(status.retries) of \(task.spec.retry.maxRetries) retries"
        count += " used, \(status.infrastructureLosses) agents lost"
        if status.preemptions > 0 { count += ", gave way \(status.preemptions) times" }
        var lines = [row("Attempts", count)]
        for attempt in status.attempts {
            var parts = ["#\(attempt.number) \(attempt.outcome.rawValue)"]
            if let agent = attempt.agent {
                parts.append("on \(agent.name)" + (agent.node.map { " (\($0))" } ?? ""))
            }
            if let began = attempt.startTime, let ended = attempt.completionTime {
                parts.append("after \(span(ended - began))")
            }
            if let failure = attempt.failure {
                parts.append(
                    "\(failure.class.rawValue), \(failure.reason): \(failure.message ?? "")")
            }
            lines.append(row("", parts.joined(separator: ", ")))
        }
        if status.phase == .running, let agent = status.agent {
            let place =
                "#\(status.attempt) runs on \(agent.name)"
                + (agent.node.map { " (\($0))" } ?? "")
            let progress = status.progress?.percent.map { ", \($0) %" } ?? ""
            lines.append(row("", place + progress))
        }
        return lines
    }

    private var strategyLines: [String] {
        guard let strategy = task.status.strategy else { return [] }
        var parts = ["limit \(task.attemptTimeoutSeconds) s"]
        if let action = strategy.action { parts.insert(action.rawValue, at: 0) }
        if !strategy.avoidAgents.isEmpty {
            parts.append("avoids \(strategy.avoidAgents.count) agents")
        }
        if !strategy.avoidNodes.isEmpty {
            parts.append("avoids " + strategy.avoidNodes.joined(separator: ", "))
        }
        return [row("Strategy", parts.joined(separator: ", "))]
            + (strategy.reason.map { [row("", $0)] } ?? [])
    }

    /// What would move it on; nil where nothing has to.
    private var hint: String? {
        switch task.status.reason ?? "" {
        case "Suspended": "set spec.state to Active to let it go on"
        case "PoolPaused": "set spec.paused of \(poolName) to false"
        case "EmergencyStop": "set spec.emergencyStop of \(poolName) to false"
        case "PoolNotFound", "NoMatchingPool": "create a pool that takes it, or name one in poolRef"
        case "NamespaceNotAllowed": "open the pool by spec.allowedNamespaces, or name another"
        case "InputRefused": "mend spec.input, which may change until the first attempt"
        case "InvalidSpec": "mend the field"
        case "DependencyNotFound": "create the task it waits for, or cancel this one"
        case "NoAgentFits": "lower spec.resources.requests, or give agents more"
        case _ where task.status.phase == .failed || task.status.phase == .cancelled:
            "swiftlet redrive task/\(task.metadata.name) submits it again"
        default: nil
        }
    }

    // MARK: - Words

    private func summary(_ attempt: BackgroundTaskStatus.Attempt) -> JSONValue {
        var result: JSONObject = [
            "number": .int(attempt.number), "outcome": .string(attempt.outcome.rawValue),
        ]
        result["agent"] = attempt.agent.map { .string($0.name) }
        result["node"] = attempt.agent?.node.map(JSONValue.string)
        result["failure"] = attempt.failure.map { .string($0.message ?? $0.reason) }
        return .object(result)
    }

    private func row(_ title: String, _ text: String) -> String {
        let clean = text.unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? " " : String(scalar)
        }.joined()
        return "  " + title + String(repeating: " ", count: max(1, 12 - title.count))
            + String(clean.prefix(400))
    }

    private func span(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7_200 { return "\(seconds / 60) min" }
        return seconds < 172_800 ? "\(seconds / 3_600) h" : "\(seconds / 86_400) d"
    }
}
