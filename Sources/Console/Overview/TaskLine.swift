public import KubernetesCore
import Reconcilers
public import SwiftletAPI

/// What a list shows of a task: names, states and reasons, and never what it was given, gave back
/// or wrote.
public struct TaskLine: Hashable, Sendable {
    /// The task.
    public var key: Key<BackgroundTask>
    /// Where it is in its life.
    public var phase: TaskPhase
    /// Why, in one word; empty where nothing is said.
    public var reason: String
    /// Why, in a sentence; empty where nothing is said.
    public var message: String
    /// The pool that it was given to or names.
    public var pool: Key<BackgroundAgentPool>?
    /// Its type.
    public var type: String
    /// Its priority.
    public var priority: Int
    /// The number of the last attempt, and how many there may be.
    public var attempt: Int
    /// How many attempts there may be, lost agents apart.
    public var attemptsMax: Int
    /// The agent that has it or had it last.
    public var agent: String?
    /// Of a hundred; nil where the task does not say.
    public var percent: Int?
    /// What it is at; empty where the task does not say.
    public var activity: String
    /// Its place in the queue, from 1.
    public var position: Int?
    /// Since when it has been where it is.
    public var since: Timestamp
    /// How long the last attempt took, or has taken by now.
    public var duration: Duration?
    /// When it was made.
    public var created: Timestamp

    /// A line about `task`, as seen at `now`.
    public init(_ task: BackgroundTask, place: Int? = nil, at now: Timestamp) {
        let status = task.status
        key = task.key
        phase = status.phase
        reason = PlainText.of(status.reason ?? "", max: 60)
        message = PlainText.of(status.message ?? "")
        pool = task.poolKey
        type = PlainText.of(task.spec.type, max: 63)
        priority = task.spec.priority
        attempt = status.attempt
        attemptsMax = 1 + task.spec.retry.maxRetries
        agent = status.agent.map { PlainText.of($0.name, max: 253) }
        percent = status.progress?.percent.map { min(max($0, 0), 100) }
        activity = PlainText.of(status.progress?.message ?? "", max: 120)
        position = place ?? status.queue?.position
        created = task.metadata.creationTime
        since = TaskLine.since(task)
        switch status.phase {
        case .running: duration = status.startTime.map { now - $0 }
        case .succeeded, .failed, .cancelled:
            if let began = status.startTime, let ended = status.completionTime {
                duration = ended - began
            }
        case .pending, .blocked, .scheduled, .queued: duration = nil
        }
        if status.phase == .failed, let text = status.failure?.message, !text.isEmpty {
            message = PlainText.of(text)
        }
    }

    private static func since(_ task: BackgroundTask) -> Timestamp {
        let status = task.status
        let time: Timestamp? =
            switch status.phase {
            case .running: status.startTime
            case .queued: status.lastQueuedTime ?? status.queuedTime
            case .succeeded, .failed, .cancelled: status.completionTime
            case .pending, .blocked, .scheduled: nil
            }
        return time ?? task.metadata.creationTime
    }

    /// The pool's name, with its namespace where that is not the task's; nil where it has none.
    public var poolText: String? {
        pool.map { $0.namespace == key.namespace ? $0.name : $0.description }
    }

    /// `2/4`: the attempt that it is at, of how many; empty before the first.
    public var attemptText: String { attempt > 0 ? "\(attempt)/\(attemptsMax)" : "" }
}
