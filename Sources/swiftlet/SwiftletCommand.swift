import ArgumentParser
import KubernetesCore
import SwiftletAPI

/// The command line: what people type.
@main
struct SwiftletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: InvokedName.of(CommandLine.arguments.first),
        abstract: "Pools of background agents on Kubernetes, and the work they do.",
        version: SwiftletVersion.current,
        subcommands: [
            DevCommand.self, DemoCommand.self,
            GetCommand.self, TopCommand.self, SubmitCommand.self, LogsCommand.self,
            ExplainCommand.self, CancelCommand.self, RedriveCommand.self,
            ApproveCommand.self,
            PolicyCommand.self,
            EvalCommand.self,
            SimulateCommand.self,
            BenchCommand.self,
            GenerateCommand.self,
        ])

    /// Runs what was typed. What a cluster answers is said in words for people.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as APIError {
            exit(withError: ClusterAnswer.failure(error))
        } catch {
            exit(withError: error)
        }
    }
}
