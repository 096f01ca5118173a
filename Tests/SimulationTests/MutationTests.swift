import Testing

@testable import Simulation

/// The simulator itself is checked: each deliberate mistake has to be found, and only it.
@Suite struct MutationTests {
    /// A mistake, and the seed from which on it is looked for: a little before one that finds it,
    /// so that this takes seconds. A change that draws otherwise moves that seed and costs time
    /// only; `swiftlet simulate --seeds 500 --defect NAME` finds the new one.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let from: UInt64

        var testDescription: String { "\(name), looked for from seed \(from) on" }
    }

    /// Within how many seeds a mistake has to be found.
    private static let seeds: UInt64 = 500

    static let cases: [Case] = [
        Case(name: "noWriteBarrier", from: 1),
        Case(name: "noIdentityPrecondition", from: 38),
        Case(name: "ownershipByLabel", from: 20),
        Case(name: "noLeaderFencing", from: 41),
        Case(name: "assignmentBeforeStored", from: 16),
        Case(name: "emptyListOnError", from: 20),
        Case(name: "retriesNotCounted", from: 32),
        Case(name: "randomNames", from: 42),
        Case(name: "stolenLeadership", from: 1),
        Case(name: "backoffForgotten", from: 1),
        Case(name: "noVersionPrecondition", from: 4),
        Case(name: "moreSlotsThanThere", from: 2),
        Case(name: "dependenciesIgnored", from: 7),
        Case(name: "runnerForgets", from: 26),
        Case(name: "noFailureBackoff", from: 2),
    ]

    @Test(arguments: cases)
    func `a deliberate mistake is found within 500 seeds`(mistake: Case) throws {
        let defect = try #require(
            Defects.named.first { $0.name == mistake.name }?.defect, "\(mistake.name)")
        for offset in 0..<Self.seeds {
            let seed = (mistake.from - 1 + offset) % Self.seeds + 1
            guard let violation = Simulation.run(seed: seed, defects: defect).violation else {
                continue
            }
            let clean = Simulation.run(seed: seed)
            #expect(
                clean.violation == nil,
                "seed \(seed) is broken without the mistake too: \(violation)")
            return
        }
        Issue.record("\(mistake.name) was not found within \(Self.seeds) seeds")
    }

    @Test func `at least twelve mistakes are looked for, those that matter most among them`() {
        let names = Set(Self.cases.map(\.name))
        #expect(names.count >= 12)
        #expect(names.isSubset(of: Defects.named.map(\.name)))
        #expect(
            names.isSuperset(of: [
                "noWriteBarrier", "noIdentityPrecondition", "ownershipByLabel",
                "noLeaderFencing", "assignmentBeforeStored", "emptyListOnError",
            ]))
    }
}
