public import KubernetesCore
public import SwiftletAPI

/// A task as tools and the protocol's tasks tell of it.
public struct TaskAccount: Sendable {
    private let task: BackgroundTask

    /// An account of a task.
    public init(of task: BackgroundTask) { self.task = task }

    /// What `get_task` answers with.
    /// - Parameter brief: whether results and logs are left out, as in lists.
    public func json(brief: Bool = false) -> JSONValue {
        let status = task.status
        var result: JSONObject = [
            "taskId": .string(TaskHandle(of: task).description),
            "namespace": .string(task.metadata.namespace), "name": .string(task.metadata.name),
            "phase": .string(status.phase.rawValue), "done": .bool(task.isFinished),
            "attempt": .int(status.attempt),
        ]
        if task.isFinished { result["succeeded"] = .bool(status.phase == .succeeded) }
        result["reason"] = status.reason.map(JSONValue.string)
        result["message"] = status.message.map(JSONValue.string)
        result["pool"] = pool.map(JSONValue.string)
        result["position"] = status.queue?.position.map { .int($0) }
        if let names = status.queue?.blockedBy, !names.isEmpty {
            result["blockedBy"] = .strings(names)
        }
        result["progress"] = progress
        result["createdAt"] = Self.time(created)
        result["startedAt"] = status.startTime.map(Self.time)
        result["finishedAt"] = status.completionTime.map(Self.time)
        let open = TaskPermission.open(on: task)
        if !open.isEmpty {
            result["waitsForPermission"] = .array(
                open.map {
                    [
                        "key": .string($0.key), "action": .string($0.request.action),
                        "reason": .string($0.request.reason),
                    ]
                })
        }
        if !brief {
            result["result"] = status.result
            if status.phase != .succeeded { result["failure"] = failure }
        }
        return .object(result)
    }

    /// What the call that made the task comes to, once it has ended.
    public var result: ToolResult {
        ToolResult(json(), isError: task.status.phase != .succeeded)
    }

    private var pool: String? {
        guard let reference = task.status.pool ?? task.spec.poolRef else { return nil }
        return (reference.namespace ?? task.metadata.namespace) + "/" + reference.name
    }

    private var progress: JSONValue? {
        guard let progress = task.status.progress else { return nil }
        var result = JSONObject()
        result["percent"] = progress.percent.map { .int($0) }
        result["message"] = progress.message.map(JSONValue.string)
        return .object(result)
    }

    private var failure: JSONValue? {
        guard let failure = task.status.failure else { return nil }
        var result: JSONObject = [
            "class": .string(failure.class.rawValue), "reason": .string(failure.reason),
        ]
        result["exitCode"] = failure.exitCode.map { .int($0) }
        result["message"] = failure.message.map(JSONValue.string)
        result["logTail"] = failure.logTail.map(JSONValue.string)
        return .object(result)
    }

    // MARK: - Tasks of the protocol

    /// How the protocol's tasks stand.
    enum Status: String {
        case working
        case inputRequired = "input_required"
        case completed
        case failed
        case cancelled
    }

    /// The two generations tell of a failure differently: to the newer one a call that came to an
    /// error has completed, and only our own failures are failures.
    func status(_ era: MCPEra) -> Status {
        switch task.status.phase {
        case .running where !TaskPermission.open(on: task).isEmpty: .inputRequired
        case .pending, .blocked, .scheduled, .queued, .running: .working
        case .succeeded: .completed
        case .cancelled: .cancelled
        case .failed: era.isModern && !isOurs ? .completed : .failed
        }
    }

    /// Whether the task failed because of us and not of itself.
    private var isOurs: Bool {
        switch task.status.failure?.class {
        case .infrastructure, .poison: true
        default: false
        }
    }

    /// The answer to the call that made the task.
    public func created(_ era: MCPEra) -> JSONValue {
        guard era.isModern else { return ["task": fields(era)] }
        var result = fields(era)
        result["resultType"] = "task"
        return result
    }

    /// The answer to `tasks/get`.
    public func detailed(_ era: MCPEra) -> JSONValue {
        var answer = fields(era)
        guard era.isModern else { return answer }
        switch status(era) {
        case .completed:
            var inner = result.json
            inner["resultType"] = "complete"
            answer["result"] = inner
        case .failed:
            answer["error"] =
                MCPFault(.internalError, task.status.message ?? "the agents were lost").json
        case .inputRequired:
            answer["inputRequests"] = .object(
                JSONObject(TaskPermission.open(on: task).map { ($0.key, $0.inputRequest) }))
        case .working, .cancelled: break
        }
        return answer
    }

    /// The answer to `tasks/result`, which older clients ask once the task has ended: the result of
    /// the call that made it.
    public var payload: JSONValue {
        var answer = result.json
        answer["_meta"] = [
            "io.modelcontextprotocol/related-task": [
                "taskId": .string(TaskHandle(of: task).description)
            ]
        ]
        return answer
    }

    private func fields(_ era: MCPEra) -> JSONValue {
        var result: JSONObject = [
            "taskId": .string(TaskHandle(of: task).description),
            "status": .string(status(era).rawValue), "createdAt": Self.time(created),
            "lastUpdatedAt": Self.time(updated),
        ]
        if let text = statusMessage { result["statusMessage"] = .string(text) }
        result[era.isModern ? "ttlMs" : "ttl"] = lifetime
        result[era.isModern ? "pollIntervalMs" : "pollInterval"] = .int(pollMilliseconds)
        return .object(result)
    }

    private var created: Timestamp { task.metadata.creationTime }

    /// The last time that the status knows of.
    private var updated: Timestamp {
        let status = task.status
        let times = [
            status.queuedTime, status.lastQueuedTime, status.startTime, status.completionTime,
            status.stopRequestedTime,
        ]
        return times.compactMap(\.self).reduce(created, max)
    }

    /// From its creation; null while nobody can say: a task that has not ended is never removed.
    private var lifetime: JSONValue {
        guard let end = task.status.completionTime else { return .null }
        let kept = end + .seconds(task.spec.ttlSecondsAfterFinished) - created
        return .integer(max(0, kept.nanoseconds / 1_000_000))
    }

    /// How often it is worth looking: seldom where many go first.
    private var pollMilliseconds: Int {
        guard task.status.phase != .running else { return 1_000 }
        let ahead = min(max(task.status.queue?.position ?? 1, 1), 40)
        return 750 + 250 * ahead
    }

    private var statusMessage: String? {
        let status = task.status
        var parts = [status.message ?? status.reason ?? status.phase.rawValue]
        if let position = status.queue?.position, !task.isFinished, status.phase != .running {
            parts.append("position \(position) in the queue")
        }
        if status.phase == .running, let progress = status.progress {
            if let percent = progress.percent { parts.append("\(percent) %") }
            if let message = progress.message { parts.append(message) }
        }
        return parts.joined(separator: "; ")
    }

    private static func time(_ time: Timestamp) -> JSONValue { .string(time.description) }
}
