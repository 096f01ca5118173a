import ArgumentParser
import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// `swiftlet cancel task/x`: calls tasks off.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Call tasks off.",
        discussion: """
            A task that runs is asked to stop and given its grace. A task that has ended stays as \
            it is; unless it was cancelled already, that is a failure of this command.
            """)

    @Argument(help: "The tasks, as task/NAME.") var tasks: [TaskReference]
    @OptionGroup var cluster: ClusterOptions
    @Flag(help: "Wait until they have ended.") var wait = false
    @Option(help: "How long to wait, in seconds.") var timeout = 600

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout must be a number above 0.") }
    }

    func run() async throws {
        let client = try cluster.client()
        let namespace = client.configuration.namespace
        var isOver = true
        for reference in tasks {
            let key = Key<BackgroundTask>(namespace: namespace, name: reference.name)
            let task: BackgroundTask = try await client.get(key)
            guard !task.isFinished else {
                isOver = isOver && task.status.phase == .cancelled
                Terminal.say(
                    "task/\(key.name) has ended already: \(task.status.phase.rawValue)")
                continue
            }
            // With the UID: a task of the same name that was made since is another one.
            _ = try await client.patch(task.reference, ["spec": ["state": "Cancelled"]])
            guard wait else {
                Terminal.say("task/\(key.name) is called off")
                continue
            }
            let phase = try await TaskWait(
                client: client, key: key, uid: task.metadata.uid, limit: .seconds(timeout)
            ).run().status.phase
            isOver = isOver && phase == .cancelled
        }
        guard isOver else { throw ExitCode.failure }
    }
}
