import TaskScheduling
import Testing

@Suite struct RebalancingTests {
    @Test(arguments: [
        // own used, own slots, others' used and slots → moved
        (1, 1, [(0, 1)], true), (1, 1, [(1, 1)], false), (1, 1, [], false),
        (5, 5, [(2, 5)], true), (4, 5, [(0, 5)], false), (5, 5, [(3, 5)], false),
        (3, 3, [(3, 3), (1, 3)], true), (3, 3, [(0, 0)], false), (2, 0, [(0, 2)], true),
    ])
    func `work moves from above eighty percent to below fifty`(
        used: Int, slots: Int, others: [(Int, Int)], isMoved: Bool
    ) {
        #expect(
            Rebalancing.isCalledFor(
                from: .init(used: used, slots: slots),
                to: others.map { .init(used: $0.0, slots: $0.1) }) == isMoved)
    }
}
