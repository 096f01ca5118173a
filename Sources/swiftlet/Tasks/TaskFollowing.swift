import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Follows one task through its changes.
struct TaskFollowing: Sendable {
    let client: KubernetesClient
    let key: Key<BackgroundTask>
    /// The task that is meant; nil for whichever has the name.
    var uid: UID?

    /// How long one watch lasts. Between two the task is read anew: whatever a watch has missed is
    /// found then.
    private static let stretch = 5

    /// Gives the task to `body` at first and after each change, for as long as that returns true.
    /// Returns the task that ended it; nil where the deadline came first. Throws where the task is
    /// gone.
    func until(
        _ deadline: ContinuousClock.Instant?, _ body: (BackgroundTask) async throws -> Bool
    ) async throws -> BackgroundTask? {
        while true {
            let task: BackgroundTask = try await client.get(key)
            guard uid == nil || task.metadata.uid == uid else { throw gone }
            guard try await body(task) else { return task }
            let watch = try await client.watch(
                BackgroundTask.self,
                in: Selection(
                    namespace: key.namespace, fields: "metadata.name=" + key.name),
                WatchQuery(
                    resourceVersion: task.metadata.resourceVersion,
                    timeoutSeconds: Self.stretch))
            read: for try await batch in watch {
                for event in batch {
                    switch event {
                    case .added(let task), .modified(let task):
                        guard uid == nil || task.metadata.uid == uid else { throw gone }
                        guard try await body(task) else { return task }
                    case .deleted: throw gone
                    case .failed: break read
                    default: continue
                    }
                }
                if let deadline, ContinuousClock.now > deadline { return nil }
            }
            if let deadline, ContinuousClock.now > deadline { return nil }
        }
    }

    private var gone: CommandFailure {
        CommandFailure("task/\(key.name) was deleted while it was followed")
    }
}
