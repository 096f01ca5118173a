import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What may go wrong around tasks, by the rows of docs/design/task-faults.md.
struct TaskFaultTests {
    private func bench(
        agents: [String] = ["a"], _ edit: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> TaskBench {
        var bench = TaskBench()
        bench.pool("qa", edit)
        for name in agents {
            bench.agent(name)
            bench.sync(name)
        }
        return bench
    }

    private func name(_ number: Int) -> String { "c\(number)" }

    // MARK: - F1: cycles

    @Test(arguments: [1, 2, 50])
    func `F1: tasks that wait for each other in a circle all end soon, and hold up nobody`(
        length: Int
    ) throws {
        var bench = bench()
        for number in 0..<length {
            bench.create(
                name(number), spec: ["dependsOn": [["name": .string(name((number + 1) % length))]]])
        }
        bench.create("free")
        bench.advance(seconds: 5)
        for number in 0..<length {
            let status = try bench.task(name(number)).status
            #expect(status.phase == .failed, "\(number): \(status.phase)")
            #expect(["DependencyCycle", "DependencyNotMet"].contains(status.reason))
        }
        #expect(try bench.task(name(0)).status.completionTime != nil)
        #expect(bench.phase("free") == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `F1: an edit that closes a circle ends it as well`() throws {
        var bench = bench()
        bench.create("a1", spec: ["dependsOn": [["name": "b1"]]])
        bench.create("b1", spec: ["dependsOn": [["name": "c1"]]])
        bench.advance(seconds: 5)
        #expect(bench.phase("a1") == .blocked && bench.phase("b1") == .blocked)
        bench.create("c1", spec: ["state": "Suspended"])
        bench.advance(seconds: 5)
        bench.edit("c1", ["spec": ["state": "Active", "dependsOn": [["name": "a1"]]]])
        bench.advance(seconds: 5)
        #expect(["a1", "b1", "c1"].allSatisfy { bench.phase($0) == .failed })
        #expect(bench.problems.isEmpty)
    }

    // MARK: - F2: dependencies that are missing

    @Test func `F2: what is waited for may be missing, come late, be deleted, or fail`() throws {
        var bench = bench()
        bench.create("t", spec: ["dependsOn": [["name": "late"]]])
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.reason == "DependencyNotFound")
        bench.create("late", in: "other")
        bench.advance(seconds: 3)
        #expect(
            try bench.task("t").status.reason == "DependencyNotFound",
            "one of another namespace is another one")
        bench.create("late", spec: ["state": "Suspended"])
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.reason == "WaitingForDependencies")
        bench.delete("late")
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.reason == "DependencyNotFound")
        bench.create("late", spec: ["retry": ["maxRetries": 0]])
        bench.settle()
        bench.sync("a", reports: [bench.report("late", attempt: 1, AttemptOutcome(.exited(1)))])
        #expect(bench.phase("t") == .failed)
        #expect(try bench.task("t").status.reason == "DependencyNotMet")
        #expect(bench.problems.isEmpty)
    }

    // MARK: - F3: poison

    @Test func `F3: a task that ends its agent each time is put aside, and others are not`() throws
    {
        var bench = bench(agents: [])
        bench.create("poison")
        for number in 1...3 {
            let agent = "x\(number)"
            bench.agent(agent)
            bench.sync(agent)
            bench.settle()
            #expect(try bench.task("poison").status.attempt == number)
            bench.advance(seconds: 8)
            bench.remove(Key<PodView>(namespace: "ns", name: agent))
            bench.advance(seconds: 1)
        }
        let status = try bench.task("poison").status
        #expect(status.phase == .failed && status.reason == "Poison")
        #expect(status.conditions.holds("Escalated") && status.retries == 0)
        bench.agent("b")
        bench.sync("b")
        bench.create("well")
        bench.settle()
        #expect(bench.phase("well") == .running)
        #expect(bench.problems.isEmpty)
    }

    // MARK: - F5: edits and races

    @Test(arguments: [true, false])
    func `F5: of a cancellation and an end that meet one wins, and what ended stays`(
        endsFirst: Bool
    ) throws {
        var bench = bench()
        bench.create("t")
        bench.settle()
        let report = bench.report("t", attempt: 1, AttemptOutcome(.exited(0))) {
            $0.result = ["n": 1]
        }
        if endsFirst {
            bench.sync("a", reports: [report])
            bench.edit("t", ["spec": ["state": "Cancelled"]])
        } else {
            bench.edit("t", ["spec": ["state": "Cancelled"]])
            bench.settle()
            // It had ended before the agent could be told.
            bench.sync("a", reports: [report])
        }
        bench.advance(seconds: 120)
        let status = try bench.task("t").status
        #expect(status.phase == .succeeded && status.result == ["n": 1])
        #expect(status.attempts.count == 1)
        #expect(bench.problems.isEmpty)
    }

    // MARK: - F6: pools that go

    @Test func `F6: tasks of a pool that is deleted wait, and go on when it is there again`() throws
    {
        var bench = bench(agents: [])
        for name in ["t1", "t2", "t3"] {
            bench.create(name)
            bench.advance(seconds: 1)
        }
        bench.advance(seconds: 5)
        bench.remove(Key<BackgroundAgentPool>(namespace: "ns", name: "qa"))
        bench.advance(seconds: 5)
        for name in ["t1", "t2", "t3"] {
            #expect(bench.phase(name) == .blocked)
            #expect(try bench.task(name).status.reason == "PoolNotFound")
        }
        bench.pool()
        var order: [String] = []
        bench.agent("a")
        while order.count < 3 {
            bench.sync("a", slots: 1)
            let running = try #require(bench.latest.values.first { $0.lease != nil })
            order.append(running.metadata.name)
            bench.advance(seconds: 1)
            bench.sync(
                "a", slots: 1,
                reports: [
                    bench.report(
                        running.metadata.name, attempt: 1, AttemptOutcome(.exited(0)))
                ])
        }
        #expect(order == ["t1", "t2", "t3"], "in the order in which they came")
        #expect(bench.problems.isEmpty)
    }

    // MARK: - F8: retention

    @Test func `F8: a result is kept for as long as was promised, and then it goes`() throws {
        var bench = bench()
        bench.create("t", spec: ["ttlSecondsAfterFinished": 600])
        bench.settle()
        bench.sync("a", reports: [bench.report("t", attempt: 1, AttemptOutcome(.exited(0)))])
        bench.restart()
        bench.advance(seconds: 599)
        #expect(bench.phase("t") == .succeeded)
        bench.advance(seconds: 2)
        #expect(bench.phase("t") == nil)
    }

    // MARK: - F9: many at once

    @Test func `F9: a thousand tasks at once cost two writes each`() throws {
        var bench = bench { $0.slotsPerAgent = 8 }
        for number in 0..<1_000 { bench.create("t\(number)") }
        bench.settle()
        var done = 0
        while done < 1_000 {
            let running = bench.latest.values.filter { $0.lease != nil }.map(\.metadata.name)
            try #require(!running.isEmpty)
            done += running.count
            bench.advance(seconds: 0.05)
            bench.sync(
                "a",
                reports: running.sorted().map {
                    bench.report($0, attempt: 1, AttemptOutcome(.exited(0)))
                })
        }
        #expect(bench.writes == 3_000, "each is created, assigned and completed")
        #expect(bench.problems.isEmpty)
    }
}
