import Testing

@testable import Simulation

/// Whole clusters in virtual time. `swiftlet simulate --seed S --trace` tells the story of a seed.
@Suite struct SimulationTests {
    /// How many seeds are run.
    private static let seeds: UInt64 = 300
    /// How many seeds one case runs: cases run beside each other.
    private static let block: UInt64 = 15
    private static let blocks = Array(stride(from: 1, through: seeds, by: Int(block)))

    @Test(arguments: blocks)
    func `every invariant holds`(first: UInt64) {
        for seed in first..<(first + Self.block) { Self.expectClean(seed) }
    }

    @Test(arguments: RegressionSeed.all)
    func `what was found once is not found again`(regression: RegressionSeed) {
        Self.expectClean(regression.seed)
    }

    @Test(arguments: [3, 9] as [UInt64])
    func `the same seed gives the same run`(seed: UInt64) {
        let first = Simulation.run(seed: seed)
        let second = Simulation.run(seed: seed, keepsTrace: true)
        #expect(first.traceHash == second.traceHash)
        #expect(first.steps == second.steps)
        #expect(first.faults == second.faults)
        #expect(second.trace.count == second.steps)
        #expect(Simulation.run(seed: seed + 1).traceHash != first.traceHash)
    }

    @Test func `the same seed gives the same run in another process`() async {
        let hash = Simulation.run(seed: 5).traceHash
        await #expect(processExitsWith: .success) { [hash = hash as UInt64] in
            precondition(
                Simulation.run(seed: 5).traceHash == hash,
                "the order of a dictionary or a set has reached a decision")
        }
    }

    @Test func `a run works off tasks while things go wrong`() {
        var tasks = 0
        var faults = FaultCounts()
        for seed in UInt64(1)...5 {
            let report = Simulation.run(seed: seed)
            tasks += report.tasks
            faults.add(report.faults)
            #expect(report.length > .seconds(60))
        }
        #expect(tasks > 3)
        #expect(faults.total > 50)
    }

    private static func expectClean(_ seed: UInt64) {
        let violation = Simulation.run(seed: seed).violation
        #expect(
            violation == nil,
            """
            seed \(seed): \(violation?.description ?? "")
            \(violation?.excerpt.joined(separator: "\n") ?? "")
            """)
    }
}
