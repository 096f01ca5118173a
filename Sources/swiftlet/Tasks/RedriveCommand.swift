import ArgumentParser
import KubernetesClient
import KubernetesCore
import Reconcilers
import SwiftletAPI

/// `swiftlet redrive task/x`: submits a task again that has failed or was cancelled.
struct RedriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Submit a task again that has failed or was cancelled.",
        discussion: """
            A new task with the same spec is made; the old one stays as it is. Its name follows \
            from the old task, so that the same task is not submitted twice by accident.
            """)

    @Argument(help: "The task, as task/NAME.") var task: TaskReference
    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        let client = try cluster.client()
        let namespace = client.configuration.namespace
        let old = try await client.value(.get(task.object(in: namespace)))
        let new = try Redrive.object(of: old)
        let name = new[path: ["metadata", "name"]]?.string ?? ""
        do throws(APIError) {
            _ = try await client.create(new, of: .backgroundTask)
        } catch {
            guard error.code == .alreadyExists else { throw error }
            throw CommandFailure("task/\(task.name) was submitted again already, as task/\(name)")
        }
        Terminal.say("task/\(name) submitted in place of task/\(task.name)")
    }
}
