import ArgumentParser
import Simulation

/// `swiftlet simulate`: whole clusters in virtual time, one for each seed, until an invariant
/// breaks or all seeds are through.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the operator in simulated clusters in which things go wrong.",
        discussion: """
            Each seed is one cluster: the operator's own decisions, a model of everything around \
            them, faults, and checks of every revision. The same seed gives the same run. The \
            exit status is 1 where an invariant was broken.
            """)

    @Option(help: "The first seed.") var seed: UInt64 = 1
    @Option(help: "How many seeds to run.") var seeds: Int = 1
    @Flag(help: "Print every step; for one seed.") var trace = false
    @Option(help: "Make a deliberate mistake, by name, to see it found.") var defect: String?

    func validate() throws {
        guard seeds >= 1, seeds <= 10_000_000 else {
            throw ValidationError("--seeds \(seeds): expected a number from 1 on.")
        }
        guard !trace || seeds == 1 else {
            throw ValidationError("--trace prints one run: leave --seeds out.")
        }
        guard defect == nil || Defects.named.contains(where: { $0.name == defect }) else {
            let names = Defects.named.map(\.name).joined(separator: ", ")
            throw ValidationError("--defect \(defect ?? ""): expected one of \(names).")
        }
    }

    func run() throws {
        let defects = Defects.named.first { $0.name == defect }?.defect ?? []
        let clock = ContinuousClock()
        let begin = clock.now
        var faults = FaultCounts()
        var broken: [UInt64] = []
        var tasks = 0
        var simulated = Duration.zero
        for index in 0..<UInt64(seeds) {
            let report = Simulation.run(
                seed: seed &+ index, defects: defects, keepsTrace: trace)
            tasks += report.tasks
            simulated += report.length
            faults.add(report.faults)
            for line in report.trace { Terminal.say(line) }
            if let violation = report.violation {
                broken.append(report.seed)
                Terminal.say("seed \(report.seed): \(violation)")
                for line in violation.excerpt { Terminal.say("    \(line)") }
            }
            if trace { Terminal.say("trace hash \(String(report.traceHash, radix: 16))") }
            if (index + 1).isMultiple(of: 100) {
                Terminal.say("\(index + 1) seeds, \(broken.count) broken")
            }
        }
        say(clock.now - begin, simulated, tasks, faults, broken)
        if !broken.isEmpty { throw ExitCode(1) }
    }

    private func say(
        _ took: Duration, _ simulated: Duration, _ tasks: Int, _ faults: FaultCounts,
        _ broken: [UInt64]
    ) {
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        let rate = (Double(tasks) / max(seconds, 0.001) * 10).rounded() / 10
        Terminal.say(
            "\(seeds) seeds, \(simulated.components.seconds) simulated seconds, \(tasks) tasks "
                + "in \(Int(seconds)) s: \(rate) simulated tasks per second")
        Terminal.say("\(faults.total) faults injected:")
        for fault in faults.sorted { Terminal.say("    \(fault.name): \(fault.count)") }
        Terminal.say(
            broken.isEmpty
                ? "every invariant held"
                : "\(broken.count) seeds broke an invariant: "
                    + broken.prefix(20).map(String.init).joined(separator: " "))
    }
}
