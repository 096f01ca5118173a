import ArgumentParser

/// Measures parts of the product: each subcommand prints one line of figures as JSON, so that a
/// script can keep them. Times are told beside a reference that was measured in the same run.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure something and print a line of figures.",
        subcommands: [
            BenchDrainCommand.self,
            BenchEngineCommand.self,
            BenchFairnessCommand.self,
            BenchGatewayCommand.self,
            BenchPolicyCommand.self,
            BenchServerCommand.self,
            BenchWatchCommand.self,
        ])
}
