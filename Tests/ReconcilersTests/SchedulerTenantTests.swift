import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

struct SchedulerTenantTests {
    private func namespace(_ name: String, _ labels: [String: String]) -> NamespaceView {
        NamespaceView(metadata: ObjectMeta(name: name, labels: labels))
    }

    /// A pool that everyone may use, and twelve tasks in each of the namespaces.
    private func bench(_ namespaces: [NamespaceView], slots: Int) -> TaskBench {
        var bench = TaskBench()
        for namespace in namespaces { bench.put(namespace) }
        bench.pool("qa", slots: slots) { $0.allowedNamespaces.from = .all }
        for namespace in namespaces.map(\.metadata.name) {
            for number in 0..<12 { bench.create("\(namespace)-\(number)", in: namespace) }
        }
        bench.settle()
        bench.agent("a")
        bench.sync("a", slots: slots)
        return bench
    }

    private func running(_ bench: TaskBench) -> [String: Int] {
        var counts: [String: Int] = [:]
        for task in bench.latest.values where task.lease != nil {
            counts[task.metadata.namespace, default: 0] += 1
        }
        return counts
    }

    @Test func `namespaces without labels share a pool evenly, one by one`() {
        let bench = bench(
            [namespace("x", [:]), namespace("y", [:]), namespace("z", [:])], slots: 6)
        #expect(running(bench) == ["x": 2, "y": 2, "z": 2])
    }

    @Test func `namespaces of one tenant share that tenant's part, and weights are kept`() {
        let bench = bench(
            [
                namespace("x", [SwiftletNames.Label.tenant: "one"]),
                namespace("y", [SwiftletNames.Label.tenant: "one"]),
                namespace(
                    "z",
                    [SwiftletNames.Label.tenant: "two", SwiftletNames.Label.tenantWeight: "3"]),
            ], slots: 8)
        let counts = running(bench)
        #expect(counts["z"] == 6, "\(counts)")
        #expect((counts["x"] ?? 0) + (counts["y"] ?? 0) == 2)
    }

    @Test(arguments: ["0", "-3", "1e9", "many", "1001", ""])
    func `a weight that makes no sense counts as one`(weight: String) {
        let bench = bench(
            [
                namespace("x", [SwiftletNames.Label.tenant: "one"]),
                namespace(
                    "y",
                    [SwiftletNames.Label.tenant: "two", SwiftletNames.Label.tenantWeight: weight]),
            ], slots: 4)
        #expect(running(bench) == ["x": 2, "y": 2])
    }

    @Test func `nobody gets into another tenant's part by the name of a namespace`() {
        let bench = bench(
            [namespace("one", [:]), namespace("x", [SwiftletNames.Label.tenant: "one"])],
            slots: 4)
        #expect(running(bench) == ["one": 2, "x": 2])
    }
}
