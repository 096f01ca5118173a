import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// A task of much more priority gets the slot of a running one, which loses nothing.
struct PreemptionFlowTests {
    private func contested(
        _ preemption: BackgroundAgentPoolSpec.Preemption = .lowerPriority, low: JSONValue = [:]
    ) -> TaskBench {
        var bench = TaskBench()
        bench.pool("qa") {
            $0.preemption = preemption
            $0.agent.heartbeatSeconds = 3_600
        }
        bench.agent("a")
        bench.sync("a")
        bench.create("low", spec: low)
        bench.settle()
        bench.advance(seconds: 20)
        bench.sync("a", reports: [bench.report("low", attempt: 1)])
        bench.create("high", spec: ["priority": 500])
        bench.settle()
        for _ in 0..<4 {
            bench.advance(seconds: 1)
            bench.sync("a", reports: [bench.report("low", attempt: 1)])
        }
        return bench
    }

    @Test func `the victim checkpoints first, waits again without losing a retry, and goes on`()
        throws
    {
        var bench = contested()
        var low = try bench.task("low").status
        #expect(low.reason == "Preempting" && low.preemptedBy == "ns/high")
        #expect(low.phase == .running && low.stopRequestedTime != nil)
        let reply = bench.sync("a", reports: [bench.report("low", attempt: 1)])
        #expect(reply.leases.map(\.desired) == [.checkpointAndStop])
        let commit = CheckpointCommit(
            CheckpointRef(sequence: 1, bytes: 9, digest: "sha256:x"), time: bench.now)
        bench.sync(
            "a",
            reports: [
                bench.report("low", attempt: 1, AttemptOutcome(.signalled(15), stop: .checkpointed))
                { $0.checkpoint = commit }
            ])
        low = try bench.task("low").status
        #expect(low.phase == .queued && low.reason == "Preempted")
        #expect(low.preemptions == 1 && low.retries == 0 && low.infrastructureLosses == 0)
        #expect(low.attempts.map(\.outcome) == [.preempted] && low.preemptedBy == nil)
        #expect(try bench.task("high").status.phase == .running)
        bench.sync("a", reports: [bench.report("high", attempt: 1, AttemptOutcome(.exited(0)))])
        low = try bench.task("low").status
        #expect(low.phase == .running && low.attempt == 2)
        #expect(bench.sync("a").leases.first?.spec?.restore?.sequence == 1)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a victim that ends by itself meanwhile has ended`() throws {
        var bench = contested()
        bench.sync("a", reports: [bench.report("low", attempt: 1, AttemptOutcome(.exited(0)))])
        let low = try bench.task("low").status
        #expect(low.phase == .succeeded && low.preemptions == 0)
        #expect(try bench.task("high").status.phase == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `an agent that does not answer the request in time loses the attempt`() throws {
        var bench = contested()
        for _ in 0..<12 {
            bench.advance(seconds: 5)
            bench.sync("a", reports: [bench.report("low", attempt: 1)])
        }
        #expect(try bench.task("low").status.preemptions == 1)
        #expect(bench.problems.isEmpty)
    }

    @Test func `the request outlives the operator`() throws {
        var bench = contested()
        bench.restart()
        let reply = bench.sync("a", reports: [bench.report("low", attempt: 1)])
        #expect(reply.leases.map(\.desired) == [.checkpointAndStop])
        #expect(try bench.task("low").status.preemptedBy == "ns/high")
    }

    @Test(arguments: ["never", "no checkpoint"])
    func `who must not be asked is not`(why: String) throws {
        let bench = contested(
            why == "never" ? .never : .lowerPriority,
            low: why == "no checkpoint" ? ["checkpoint": ["enabled": false]] : [:])
        #expect(try bench.task("low").status.reason == "Assigned")
        #expect(try bench.task("high").status.attempt == 0)
    }
}
