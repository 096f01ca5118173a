public import KubernetesCore
public import SwiftletAPI

/// What a client that listens has been told of its tasks, and what it is to be told next.
///
/// It is told how each task stands once at the start, and whenever that has changed. So whoever
/// comes back after a while has missed nothing that still holds. What happened in between is not
/// told: of many changes at once only the last.
public struct TaskSubscription: Sendable {
    /// Shortest time between two words about a task of which only progress is new.
    public static let interval = Duration.seconds(1)

    /// What is to be done now.
    public struct Step: Hashable, Sendable {
        /// What the client is told, in this order.
        public var messages: [JSONValue] = []
        /// Whether there is nothing more to tell: every task has ended, or one is not there any
        /// more or not the client's any more, so that what was acknowledged does not hold.
        public var isOver = false
        /// When something is due that is held back for now.
        public var due: Instant?
    }

    /// What is told at once when it has changed, and not only now and then.
    private struct Mark: Hashable {
        var status: TaskAccount.Status
        var phase: TaskPhase
        var attempt: Int
        var inputRequests: JSONValue?
    }

    private struct Told {
        /// The task from which the account was made: while it is the same, so is the account.
        var task: BackgroundTask
        var account: JSONValue
        var mark: Mark
        var time: Instant
    }

    /// The tasks that there is still something to tell of.
    public private(set) var handles: [TaskHandle]

    private static let name = "io.modelcontextprotocol/subscriptionId"

    private let request: MCPRequest
    private let granted: [TaskHandle]
    private var told: [TaskHandle: Told] = [:]

    /// The subscription that `request` asks for, to those of its tasks that the client may see.
    public init(_ request: MCPRequest, to granted: [TaskHandle]) {
        self.request = request
        self.granted = granted
        handles = granted
    }

    /// What is told first: which tasks will be told of.
    public var acknowledgement: JSONValue {
        var notifications: JSONValue = [:]
        if !granted.isEmpty { notifications["taskIds"] = .strings(granted.map(\.description)) }
        return notification(
            "subscriptions/acknowledged", ["notifications": notifications])
    }

    /// What is told last: the result of the request. Only a client that is told this knows that
    /// the stream was not cut off.
    public var end: JSONValue {
        request.reply(["_meta": [Self.name: request.id]]).body ?? .null
    }

    /// Tells what is new.
    /// - Parameters:
    ///   - tasks: the tasks of `handles` as they are; those that are not among them are not there
    ///     any more, or not the client's any more.
    public mutating func step(
        _ tasks: [TaskHandle: BackgroundTask], at now: Instant
    ) -> Step {
        var step = Step()
        for handle in handles {
            guard let task = tasks[handle] else {
                step.isOver = true
                continue
            }
            if told[handle]?.task == task { continue }
            let (account, mark) = Self.account(of: task)
            if let last = told[handle] {
                if last.account == account {
                    told[handle]?.task = task
                    continue
                }
                let due = last.time + Self.interval
                if last.mark == mark, now < due {
                    step.due = min(step.due ?? due, due)
                    continue
                }
            }
            step.messages.append(notification("tasks", account))
            told[handle] = Told(task: task, account: account, mark: mark, time: now)
            if task.isFinished { forget(handle) }
        }
        if handles.isEmpty { step.isOver = true }
        return step
    }

    /// How a task has ended never changes.
    private mutating func forget(_ handle: TaskHandle) {
        handles.removeAll { $0 == handle }
        told[handle] = nil
    }

    private static func account(of task: BackgroundTask) -> (JSONValue, Mark) {
        let account = TaskAccount(of: task)
        let detailed = account.detailed(.modern)
        return (
            detailed,
            Mark(
                status: account.status(.modern), phase: task.status.phase,
                attempt: task.status.attempt, inputRequests: detailed["inputRequests"])
        )
    }

    private func notification(_ name: String, _ params: JSONValue) -> JSONValue {
        var params = params
        params["_meta"] = [Self.name: request.id]
        return [
            "jsonrpc": "2.0", "method": .string("notifications/" + name), "params": params,
        ]
    }
}
