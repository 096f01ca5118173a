import Simulation
import Testing

struct FairnessTrialTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `after ten minutes each tenant has had its share within five percent`(seed: UInt64) {
        for share in FairnessTrial.standard(seed: seed).run() {
            #expect(share.error < 0.05, "seed \(seed): \(share)")
        }
    }

    @Test func `a lone tenant gets everything`() {
        let trial = FairnessTrial(
            tenants: [
                .init(name: "here", weight: 1, backlog: 100, seconds: 3...3),
                .init(name: "away", weight: 9, backlog: 0, seconds: 1...1),
            ], agents: 2, seconds: 60)
        #expect(trial.run().map(\.got) == [1, 0])
    }
}
