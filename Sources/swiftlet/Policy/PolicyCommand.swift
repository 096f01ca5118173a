import ArgumentParser

/// `swiftlet policy`: policies, judged without a cluster.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Judge manifests by Kyverno's and Kubernetes' policies, without a cluster.",
        subcommands: [PolicyEvaluateCommand.self, PolicyTestCommand.self])

    /// Exit codes, besides 0 and those of usage errors.
    enum Exit {
        /// A rule that is enforced does not hold; a test does not come out as expected.
        static let failed = ExitCode(1)
        /// Something that was given cannot be read or was refused: nothing follows from the rest.
        static let refused = ExitCode(65)
    }
}
