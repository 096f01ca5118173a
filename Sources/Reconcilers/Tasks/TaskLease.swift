public import AgentProtocol
public import KubernetesCore
public import SwiftletAPI

/// Who may report on a running attempt. It stands in the task's status and nowhere else.
public struct TaskLease: Hashable, Sendable {
    /// The identity of the task: a successor of its name has no part in the lease.
    public let task: UID
    /// The attempt's number: the fencing token.
    public let attempt: Int
    /// The pod that has it.
    public let agent: UID

    /// A lease by all its parts.
    public init(task: UID, attempt: Int, agent: UID) {
        self.task = task
        self.attempt = attempt
        self.agent = agent
    }

    /// The lease as agents name it; who calls is proven by their token.
    public var id: LeaseID { LeaseID(taskUID: task, attempt: attempt) }
}

extension BackgroundTask {
    /// The current lease; nil where no attempt runs.
    public var lease: TaskLease? {
        guard status.phase == .running, let agent = status.agent else { return nil }
        return TaskLease(task: metadata.uid, attempt: status.attempt, agent: agent.uid)
    }
}

extension AgentSession {
    /// What the agent says about `lease`; nil where it is another's or the agent does not have it.
    public func report(on lease: TaskLease) -> LeaseReport? {
        metadata.uid == lease.agent ? report(on: lease.id) : nil
    }
}
