import ArgumentParser

/// The command line: what people type.
@main
struct SwiftletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swiftlet",
        abstract: "Pools of background agents on Kubernetes, and the work they do.",
        subcommands: [
            DevCommand.self, DemoCommand.self,
            ExplainCommand.self, RedriveCommand.self, ApproveCommand.self,
            PolicyCommand.self,
            EvalCommand.self,
            SimulateCommand.self,
            BenchCommand.self,
            GenerateCommand.self,
        ])
}
