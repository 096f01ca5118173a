import ControlLoop
import GadgetTesting
import KubernetesCore
import Testing

@Suite struct ControllerPropertyTests {
    @Test(arguments: UInt64(1)...120)
    func `faults and lag break nothing, and when they end the cluster settles and stays silent`(
        seed: UInt64
    ) {
        var cluster = ModelCluster(seed: seed)
        for _ in 0..<400 { cluster.step() }
        cluster.hasFaults = false
        var steps = 0
        while !cluster.hasConverged, steps < 20_000 {
            cluster.step()
            steps += 1
        }
        #expect(cluster.hasConverged, "seed \(seed)")
        for _ in 0..<200 { cluster.step() }
        let writes = cluster.writes
        for _ in 0..<1_000 { cluster.step() }
        #expect(cluster.writes == writes, "seed \(seed)")
        #expect(cluster.breaches.isEmpty, "seed \(seed)")
        #expect(cluster.hasConverged, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...10)
    func `the same seed gives the same run`(seed: UInt64) {
        var one = ModelCluster(seed: seed)
        var two = ModelCluster(seed: seed)
        for _ in 0..<500 {
            one.step()
            two.step()
        }
        #expect(one.writes == two.writes, "seed \(seed)")
        #expect(one.now == two.now, "seed \(seed)")
        #expect(one.machine.statistics == two.machine.statistics, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...50)
    func `the order in which changes are told makes no difference to what is planned`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let gadgets = (0..<6).map { Gadget("g\($0)", parts: $0 % 3) }
        let parts = gadgets.map { Part("\($0.metadata.name)-0", of: $0) }
        var view = ClusterView()
        _ = view.apply(.replace(gadgets, at: ResourceVersion("9")))
        _ = view.apply(.replace(parts, at: ResourceVersion("9")))
        let changes =
            gadgets.map { AnyChange(Change.added($0)) } + parts.map { AnyChange(Change.added($0)) }
        var plans: [[String: Plan]] = []
        for order in [changes, changes.shuffled(using: &random)] {
            var machine = ControllerMachine(
                GadgetReconciler(), startedAt: .at(0), seed: 1, isLeading: true)
            let commands = machine.handle(.changed(order, in: view), at: .at(0))
            plans.append(
                Dictionary(uniqueKeysWithValues: commands.plans.map { ($0.root.name, $0.plan) }))
        }
        #expect(plans[0] == plans[1], "seed \(seed)")
    }
}
