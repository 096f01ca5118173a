import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// A task that was given to an agent which does not call: it goes to another, unless the first can
/// have begun it.
struct RebalancingFlowTests {
    /// Agents `a` and `b`; `t` was given to `a` `silence` seconds after its last call, and then `b`
    /// became free.
    private func given(afterSilenceOf silence: Double) -> TaskBench {
        var bench = TaskBench()
        bench.pool { $0.agent.heartbeatSeconds = 10 }
        bench.agent("a")
        bench.sync("a", slots: 1)
        bench.advance(seconds: silence)
        bench.create("t")
        bench.settle()
        bench.agent("b")
        bench.advance(seconds: 1)
        bench.sync("b", slots: 1)
        return bench
    }

    @Test func `what an agent cannot have begun goes to one that is free`() throws {
        var bench = given(afterSilenceOf: 27)
        #expect(try bench.task("t").status.agent?.name == "a")
        for _ in 0..<3 {
            bench.advance(seconds: 5)
            bench.sync("b", slots: 1)
        }
        let status = try bench.task("t").status
        #expect(status.phase == .running && status.agent?.name == "b")
        #expect(status.attempt == 2 && status.retries == 0 && status.infrastructureLosses == 0)
        #expect(status.attempts.map(\.outcome) == [.cancelled])
        #expect(status.withdrawnTime == nil)
        #expect(bench.notes.map(\.reason).contains("Rebalanced"))
        #expect(bench.problems.isEmpty)
        // The agent comes back, and is told of nothing.
        let reply = bench.sync("a", slots: 1)
        #expect(reply.leases.isEmpty)
    }

    @Test func `what an agent may have been told of in its last call stays with it`() throws {
        var bench = given(afterSilenceOf: 15)
        for _ in 0..<6 {
            bench.advance(seconds: 5)
            bench.sync("b", slots: 1)
        }
        let status = try bench.task("t").status
        #expect(status.agent?.name == "a" && status.attempt == 1 && status.withdrawnTime == nil)
    }

    @Test func `where no other agent is free it stays`() throws {
        var bench = TaskBench()
        bench.pool { $0.agent.heartbeatSeconds = 10 }
        bench.agent("a")
        bench.sync("a", slots: 1)
        bench.advance(seconds: 27)
        bench.create("t")
        bench.advance(seconds: 60)
        #expect(try bench.task("t").status.attempt == 1)
    }

    @Test func `an agent that calls in time keeps it`() throws {
        var bench = given(afterSilenceOf: 27)
        bench.advance(seconds: 5)
        let reply = bench.sync("a", slots: 1)
        #expect(reply.leases.map(\.id) == [LeaseID(taskUID: UID("task-t"), attempt: 1)])
        for _ in 0..<6 {
            bench.advance(seconds: 5)
            bench.sync("a", slots: 1, reports: [bench.report("t", attempt: 1)])
            bench.sync("b", slots: 1)
        }
        #expect(try bench.task("t").status.attempt == 1)
    }

    @Test func `an agent is not told of an attempt that was withdrawn from it`() throws {
        var bench = given(afterSilenceOf: 27)
        var heard: [LeaseID] = []
        bench.onStore = { bench, task in
            guard task.status.withdrawnTime != nil else { return }
            // It calls at the very moment in which the withdrawal is stored.
            let request = SyncRequest(
                namespace: "ns", pod: "a", instance: "1", sequence: 2, slots: 1)
            var view = bench.view
            view.publish(task)
            heard += LeaseProjection.reply(
                to: request, from: UID("uid-a"), in: view, at: bench.now
            ).leases.map(\.id)
        }
        for _ in 0..<3 {
            bench.advance(seconds: 5)
            bench.sync("b", slots: 1)
        }
        #expect(heard.isEmpty)
        #expect(try bench.task("t").status.agent?.name == "b")
    }
}
