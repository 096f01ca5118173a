import Console
import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Waits until a task has ended, and tells meanwhile where it is: in one line that is drawn over on
/// a terminal, in a line for each piece of news elsewhere.
struct TaskWait: Sendable {
    let client: KubernetesClient
    let key: Key<BackgroundTask>
    /// The task that is meant; another of its name is not waited for.
    let uid: UID
    let limit: Duration

    /// Waits; returns the task as it ended. Throws where it is gone, or not over within the limit.
    func run() async throws -> BackgroundTask {
        var line = LiveLine()
        var told = ""
        let deadline = ContinuousClock.now + limit
        let result = try await TaskFollowing(client: client, key: key, uid: uid).until(deadline) {
            task in
            if LiveLine.isPossible {
                line.show(TaskNews.line(task, at: SystemClock.now))
            } else if TaskNews.mark(task) != told {
                told = TaskNews.mark(task)
                Terminal.say(TaskNews.line(task, at: SystemClock.now))
            }
            return !task.isFinished
        }
        line.finish()
        guard let result else {
            throw CommandFailure("task/\(key.name) has not ended within \(limit.inSeconds) s")
        }
        return result
    }
}
