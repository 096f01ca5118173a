import ArgumentParser
import KubernetesCore
import Simulation

/// How evenly a pool is shared between tenants of different weight.
struct BenchFairnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fairness",
        abstract: "Let three tenants of weights 1, 2 and 3 compete for ten simulated minutes.")

    @Option(help: "What decides how long each task takes.")
    var seed: UInt64 = 1

    func run() async throws {
        let shares = FairnessTrial.standard(seed: seed).run()
        let worst = shares.map(\.error).max() ?? 0
        let line = JSONValue.object([
            "bench": "fairness", "seed": .string(String(seed)), "errorMax": .double(worst),
            "tenants": .array(
                shares.map { share in
                    [
                        "name": .string(share.name), "owed": .double(share.owed),
                        "got": .double(share.got),
                    ]
                }),
        ])
        print(line.text)
    }
}
