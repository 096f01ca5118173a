import Testing

@testable import Simulation

/// The simulator itself is checked: each deliberate mistake has to be found, and only it.
@Suite struct MutationTests {
    /// A mistake, and the seed from which on it is looked for here: a little before the first of
    /// all seeds that finds it, so that this takes seconds. A change that draws otherwise moves
    /// that seed: `swiftlet simulate --seeds 500 --defect NAME` finds the new one.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let from: UInt64

        var testDescription: String { "\(name), found from seed \(from) on" }
    }

    /// How many seeds a mistake is looked for on.
    private static let window: UInt64 = 12

    static let cases: [Case] = [
        Case(name: "noWriteBarrier", from: 1)
    ]

    @Test(arguments: cases)
    func `a deliberate mistake is found within 500 seeds`(mistake: Case) throws {
        let defect = try #require(
            Defects.named.first { $0.name == mistake.name }?.defect, "\(mistake.name)")
        for seed in mistake.from..<(mistake.from + Self.window) {
            guard let violation = Simulation.run(seed: seed, defects: defect).violation else {
                continue
            }
            #expect(seed <= 500)
            let clean = Simulation.run(seed: seed)
            #expect(
                clean.violation == nil,
                "seed \(seed) is broken without the mistake too: \(violation)")
            return
        }
        Issue.record("\(mistake.name) was not found within its window of seeds")
    }

    @Test func `at least twelve mistakes are found, those that matter most among them`() {
        let found = Set(Self.cases.map(\.name))
        #expect(found.count >= 12)
        #expect(
            found.isSuperset(of: [
                "noWriteBarrier", "noIdentityPrecondition", "ownershipByLabel", "noLeaderFencing",
                "assignmentBeforeStored", "emptyListOnError",
            ]))
    }
}
