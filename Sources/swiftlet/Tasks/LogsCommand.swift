import ArgumentParser
import Console
import CurlTransport
import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// `swiftlet logs task/x`: what a task's program wrote.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what a task's program wrote.",
        discussion: """
            The lines are in the log of the agent that had the attempt. Where that agent is gone, \
            the end of the log of an attempt that failed is in the task itself, and shown instead.
            """)

    @Argument(help: "The task, as task/NAME.") var task: TaskReference
    @OptionGroup var cluster: ClusterOptions
    @Flag(name: [.short, .long], help: "Go on until the task has ended.") var follow = false
    @Option(help: "The number of the attempt; without it, the last one.") var attempt: Int?
    @Flag(help: "Put the time before each line.") var timestamps = false

    func validate() throws {
        if let attempt, attempt < 1 { throw ValidationError("--attempt counts from 1.") }
    }

    func run() async throws {
        let client = try cluster.client()
        let key = Key<BackgroundTask>(
            namespace: client.configuration.namespace, name: task.name)
        let reader = AttemptLogReader(client: client, key: key, timestamps: timestamps)
        guard follow else {
            let task: BackgroundTask = try await client.get(key)
            guard let place = AttemptPlace(attempt, of: task) else {
                throw CommandFailure(nothing(task))
            }
            try await reader.print(place, of: task, skipping: 0)
            return
        }
        try await reader.follow(attempt)
    }

    private func nothing(_ task: BackgroundTask) -> String {
        let phase = task.status.phase.rawValue
        if let attempt { return "task/\(self.task.name) has no attempt \(attempt) that is kept" }
        return "task/\(self.task.name) has had no attempt yet: it is \(phase); "
            + "swiftlet explain task/\(self.task.name) says why"
    }
}
