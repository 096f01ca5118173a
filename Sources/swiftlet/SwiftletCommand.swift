import ArgumentParser

/// The command line: what people type.
@main
struct SwiftletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: InvokedName.of(CommandLine.arguments.first),
        abstract: "Pools of background agents on Kubernetes, and the work they do.",
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
}
