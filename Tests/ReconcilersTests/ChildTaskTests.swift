import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// Tasks with shards or a matrix: their children, and what becomes of the whole.
struct ChildTaskTests {
    private func bench(_ spec: JSONValue, agents: Int = 0, slots: Int = 8) -> TaskBench {
        var bench = TaskBench()
        bench.pool("qa", slots: slots)
        for index in 0..<agents {
            bench.agent("a\(index)")
            bench.sync("a\(index)", slots: slots)
        }
        bench.create("whole", spec: spec)
        bench.settle()
        return bench
    }

    private func children(_ bench: TaskBench) -> [BackgroundTask] {
        bench.latest.values.filter { $0.metadata.controller?.name == "whole" }.sorted {
            index(of: $0) < index(of: $1)
        }
    }

    private func index(of task: BackgroundTask) -> Int {
        Int(task.metadata.name.split(separator: "-").last ?? "") ?? -1
    }

    /// Ends a running child as its agent would.
    private func end(
        _ child: BackgroundTask, _ outcome: AttemptOutcome, in bench: inout TaskBench
    ) throws {
        let lease = try #require(bench.latest[child.key]?.lease)
        let report = LeaseReport(id: lease.id, state: .finished, outcome: outcome)
        bench.sync("a0", reports: [report])
    }

    @Test func `shards become children that run side by side and know their place`() throws {
        var bench = bench(["shards": 3, "command": ["run"], "priority": 7], agents: 1)
        let made = children(bench)
        #expect(made.count == 3)
        #expect(made.allSatisfy { $0.spec.priority == 7 && $0.spec.command == ["run"] })
        #expect(try bench.task("whole").status.phase == .running)
        #expect(try bench.task("whole").lease == nil)
        let reply = bench.sync("a0")
        let places = reply.leases.compactMap { order in
            order.spec?.env.first { $0.name == "SWIFTLET_SHARD_INDEX" }
        }
        #expect(places.count == 3)
        for child in made { try end(child, .init(.exited(0)), in: &bench) }
        bench.settle()
        let whole = try bench.task("whole")
        #expect(whole.status.phase == .succeeded)
        #expect(whole.status.progress?.percent == 100)
        #expect(whole.status.children?.succeeded.text == "0-2")
        #expect(bench.problems.isEmpty)
    }

    @Test func `a matrix gives each combination a child with its values as variables`() {
        let bench = bench(["matrix": ["os": ["linux", "bsd"], "go": ["1", "2", "3"]]])
        let values = children(bench).map { child in
            child.spec.env.map { variable in
                if case .value(let text) = variable.source {
                    "\(variable.name)=\(text)"
                } else {
                    ""
                }
            }.sorted().joined(separator: " ")
        }
        #expect(
            values == [
                "go=1 os=linux", "go=1 os=bsd", "go=2 os=linux", "go=2 os=bsd", "go=3 os=linux",
                "go=3 os=bsd",
            ])
    }

    @Test func `the whole fails when too few children succeed, and says which failed`() throws {
        var bench = bench(
            [
                "shards": 3, "retry": ["maxRetries": 0],
                "successPolicy": ["minSucceeded": "60%"],
            ], agents: 1)
        let made = children(bench)
        try end(made[0], .init(.exited(1)), in: &bench)
        try end(made[1], .init(.exited(1)), in: &bench)
        bench.settle()
        #expect(try bench.task("whole").status.phase == .running, "the last one has its chance")
        try end(made[2], .init(.exited(0)), in: &bench)
        bench.settle()
        let whole = try bench.task("whole")
        #expect(whole.status.phase == .failed)
        #expect(whole.status.failure?.reason == "ChildrenFailed")
        #expect(whole.status.message?.contains(made[1].metadata.name) == true)
        #expect(whole.status.result?["children"]?.array?.count == 3)
        #expect(bench.problems.isEmpty)
    }

    @Test func `with stopEarly the rest is cancelled as soon as the outcome is certain`() throws {
        var bench = bench(
            [
                "shards": 4, "retry": ["maxRetries": 0],
                "successPolicy": ["minSucceeded": 1, "stopEarly": true],
            ], agents: 1, slots: 2)
        let made = children(bench)
        let running = made.filter { $0.lease != nil }
        try end(running[0], .init(.exited(0)), in: &bench)
        bench.settle()
        #expect(children(bench).filter { $0.spec.state == .cancelled }.count == 3)
        // One of them may have begun in the slot that the first one left.
        let stopping = children(bench).compactMap(\.lease).map { lease in
            LeaseReport(
                id: lease.id, state: .finished,
                outcome: .init(.signalled(15), stop: .cancelled))
        }
        bench.sync("a0", reports: stopping)
        bench.settle()
        let phases = children(bench).map { "\($0.status.phase) \($0.spec.state)" }
        #expect(try bench.task("whole").status.phase == .succeeded, "\(phases)")
        #expect(bench.problems.isEmpty)
    }

    @Test func `suspending, resuming and cancelling the whole reaches every child`() throws {
        var bench = bench(["shards": 2])
        bench.edit("whole", ["spec": ["state": "Suspended"]])
        bench.settle()
        #expect(children(bench).allSatisfy { $0.spec.state == .suspended })
        #expect(try bench.task("whole").status.reason == "Suspended")
        bench.edit("whole", ["spec": ["state": "Active"]])
        bench.settle()
        #expect(children(bench).allSatisfy { $0.spec.state == .active })
        bench.edit("whole", ["spec": ["state": "Cancelled"]])
        bench.settle()
        #expect(children(bench).allSatisfy { $0.status.phase == .cancelled })
        #expect(try bench.task("whole").status.phase == .cancelled)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a child that somebody deletes is made again, one that has ended is not`() throws {
        var bench = bench(["shards": 2], agents: 1)
        let made = children(bench)
        bench.delete(made[0].metadata.name)
        bench.settle()
        #expect(children(bench).count == 2)
        try end(made[1], .init(.exited(0)), in: &bench)
        bench.advance(seconds: 5)
        #expect(try bench.task("whole").status.children?.succeeded.text == "1")
        bench.delete(made[1].metadata.name)
        bench.advance(seconds: 5)
        #expect(children(bench).map { index(of: $0) } == [0])
        #expect(bench.problems.isEmpty)
    }

    @Test func `children outlive their own retention as long as their parent is there`() throws {
        var bench = bench(["shards": 2, "ttlSecondsAfterFinished": 1_000_000], agents: 1)
        for child in children(bench) { try end(child, .init(.exited(0)), in: &bench) }
        bench.advance(seconds: 200_000)
        #expect(children(bench).count == 2)
        #expect(bench.problems.isEmpty)
    }

    @Test func `many children end with few writes of the whole`() throws {
        var bench = bench(["shards": 64], agents: 1, slots: 64)
        for child in children(bench) { try end(child, .init(.exited(0)), in: &bench) }
        bench.settle()
        #expect(try bench.task("whole").status.phase == .succeeded)
        let key = Key<BackgroundTask>(namespace: "ns", name: "whole")
        #expect((bench.writesOf[key] ?? 0) <= 4)
    }

    @Test func `results that are too large are left out and counted`() throws {
        var bench = bench(["shards": 3], agents: 1)
        let large = JSONValue.string(String(repeating: "x", count: 20_000))
        for child in children(bench) {
            let lease = try #require(bench.latest[child.key]?.lease)
            var report = LeaseReport(id: lease.id, state: .finished, outcome: .init(.exited(0)))
            report.result = large
            bench.sync("a0", reports: [report])
        }
        bench.settle()
        let result = try #require(try bench.task("whole").status.result)
        #expect(result.text.utf8.count <= Bounds.resultBytes)
        #expect(result["omitted"]?.integer == 2)
    }

    @Test func `sets of indexes are written as ranges and read back, whatever stands there`() {
        for (text, bound, expected) in [
            ("0-3,7", 10, "0-3,7"), ("", 5, ""), ("3-1,x,-,5-", 10, ""), ("0-999999999", 4, "0-3"),
            ("9,1,2,8", 10, "1-2,8-9"), ("-4", 10, ""),
        ] {
            #expect(IndexSet(text, below: bound).text == expected, "\(text)")
        }
    }
}
