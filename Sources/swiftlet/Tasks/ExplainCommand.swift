import ArgumentParser
import KubernetesClient
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// `swiftlet explain task/x`: why a task is where it is, on one screen.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a task is where it is, and what would move it on.")

    /// How it is shown.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The task, as task/NAME.") var task: TaskReference
    @OptionGroup var cluster: ClusterOptions
    @Option(name: [.short, .long], help: "text or json.") var output = Format.text

    func run() async throws {
        let client = try cluster.client()
        let namespace = client.configuration.namespace
        let task: BackgroundTask = try await client.get(
            Key(namespace: namespace, name: self.task.name))
        let pool = try await pool(of: task, with: client)
        let explanation = TaskExplanation(of: task, pool: pool, at: SystemClock.now)
        switch output {
        case .text: Terminal.say(explanation.lines.joined(separator: "\n"))
        case .json: Terminal.say(explanation.json.text)
        }
    }

    /// The task's pool; nil where there is none, or where it may not be read: that is said.
    private func pool(
        of task: BackgroundTask, with client: KubernetesClient
    ) async throws(APIError) -> BackgroundAgentPool? {
        guard let key = task.poolKey else { return nil }
        do throws(APIError) {
            return try await client.get(key)
        } catch {
            guard error.code == .notFound || error.code == .forbidden else { throw error }
            return nil
        }
    }
}
