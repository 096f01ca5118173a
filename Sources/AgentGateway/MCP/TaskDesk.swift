public import KubernetesCore
public import SwiftletAPI

/// What is done with tasks for those who submit them through the gateway. Who may is not asked
/// here.
public protocol TaskDesk: Sendable {
    /// Creates a task. It is durable when this says so.
    func create(_ task: JSONValue) async -> TaskDeskAnswer
    /// Asks for a task to be called off.
    func cancel(_ task: ObjectRef) async -> TaskDeskAnswer
    /// Puts annotations on a task.
    func annotate(_ task: ObjectRef, _ annotations: [String: String]) async -> TaskDeskAnswer
    /// Reads one task from the API server; nil where there is none.
    func read(_ key: Key<BackgroundTask>) async throws(APIError) -> BackgroundTask?
    /// The end of what an agent wrote; nil where there is no such pod any more.
    func log(of agent: BackgroundTaskStatus.Agent, in namespace: String)
        async throws(APIError) -> String?
}

/// What became of a write.
public enum TaskDeskAnswer: Hashable, Sendable {
    /// It is stored.
    case stored
    /// A task of this name exists.
    case exists
    /// The task is not there any more.
    case gone
    /// The server refused it, for this reason.
    case refused(String)
    /// It cannot be done at the moment, for this reason.
    case unavailable(String)
}
