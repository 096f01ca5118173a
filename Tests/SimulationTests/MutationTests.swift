import Testing

@testable import Simulation

/// The simulator itself is checked: each deliberate mistake has to be found, and only it.
@Suite struct MutationTests {
    /// A mistake by its name.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let defect: Defects

        var testDescription: String { name }
    }

    /// Those that are found on one of the first seeds, and only because of the mistake.
    private static let proven: Set<String> = [
        "noWriteBarrier", "stolenLeadership", "backoffForgotten", "dependenciesIgnored",
    ]

    static let cases: [Case] = Defects.named.filter { proven.contains($0.name) }.map {
        Case(name: $0.name, defect: $0.defect)
    }

    @Test(arguments: cases)
    func `a deliberate mistake is found within 500 seeds`(mistake: Case) {
        for seed in UInt64(1)...500 {
            guard let violation = Simulation.run(seed: seed, defects: mistake.defect).violation
            else { continue }
            let clean = Simulation.run(seed: seed)
            #expect(
                clean.violation == nil,
                "seed \(seed) is broken without the mistake too: \(violation)")
            return
        }
        Issue.record("\(mistake.name) was not found within 500 seeds")
    }
}
