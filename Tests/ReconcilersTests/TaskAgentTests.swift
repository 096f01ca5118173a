import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What becomes of a running task when its agent, or somebody's mind, changes.
struct TaskAgentTests {
    private func running(
        agents: [String] = ["a"], spec: JSONValue = [:],
        _ edit: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> TaskBench {
        var bench = TaskBench()
        bench.pool("qa", edit)
        for name in agents.prefix(1) {
            bench.agent(name)
            bench.sync(name)
        }
        bench.create("t", spec: spec)
        bench.settle()
        for name in agents.dropFirst() {
            bench.agent(name)
            bench.sync(name)
        }
        return bench
    }

    @Test func `a task goes on at once on another agent when its own is deleted`() throws {
        var bench = running(agents: ["a", "b"])
        bench.advance(seconds: 10)
        bench.sync("b")
        let commit = CheckpointCommit(
            CheckpointRef(sequence: 3, bytes: 10, digest: "sha256:x"), time: bench.now)
        bench.sync("a", reports: [bench.report("t", attempt: 1) { $0.checkpoint = commit }])
        bench.advance(seconds: 4)
        bench.sync("b")
        bench.remove(Key<PodView>(namespace: "ns", name: "a"))
        bench.settle()
        let status = try bench.task("t").status
        #expect(status.phase == .running)
        #expect(status.attempt == 2)
        #expect(status.agent?.name == "b")
        #expect(status.retries == 0)
        #expect(status.infrastructureLosses == 1)
        #expect(status.attempts.map(\.outcome) == [.lost])
        let reply = bench.sync("b")
        #expect(reply.leases.first?.spec?.restore?.sequence == 3)
        // The zombie comes back.
        let zombie = bench.report("t", attempt: 1, AttemptOutcome(.exited(0)))
        let answer = bench.sync("a", reports: [zombie])
        #expect(answer.refused.map(\.id) == [zombie.id])
        #expect(answer.stored.isEmpty)
        #expect(bench.phase("t") == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a pod of the same name with another identity is another agent`() throws {
        var bench = running()
        bench.advance(seconds: 10)
        bench.agent("a", uid: "uid-other")
        bench.sync(
            "a", uid: "uid-other",
            reports: [bench.report("t", attempt: 1, AttemptOutcome(.exited(0)))])
        #expect(try bench.task("t").status.attempt == 2)
        #expect(try bench.task("t").status.agent?.uid == UID("uid-other"))
        #expect(bench.problems.isEmpty)
    }

    @Test func `three lost agents make a task poison`() throws {
        var bench = running()
        for round in 1...3 {
            bench.advance(seconds: 10)
            bench.remove(Key<PodView>(namespace: "ns", name: "a"))
            bench.settle()
            bench.agent("a", uid: "uid-\(round)")
            bench.sync("a", uid: "uid-\(round)")
        }
        let status = try bench.task("t").status
        #expect(status.phase == .failed)
        #expect(status.failure?.class == .poison)
        #expect(status.conditions.holds("Escalated"))
        #expect(status.attempt == 3)
        #expect(bench.problems.isEmpty)
    }

    @Test func `silence counts as loss after the pool's timeout, counted anew after a restart`()
        throws
    {
        var bench = running { $0.agent.timeoutSeconds = 60 }
        bench.sync("a", reports: [bench.report("t", attempt: 1)])
        bench.advance(seconds: 50)
        bench.restart()
        bench.advance(seconds: 55)
        #expect(try bench.task("t").status.attempt == 1)
        #expect(bench.phase("t") == .running)
        bench.advance(seconds: 10)
        #expect(try bench.task("t").status.attempts.first?.failure?.reason == "AgentSilent")
        #expect(bench.phase("t") == .queued)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a runner that was started anew has lost its attempts`() throws {
        var bench = running()
        bench.sync("a", reports: [bench.report("t", attempt: 1)])
        bench.advance(seconds: 20)
        let since = bench.now
        bench.agent("a") {
            $0.containers = [
                PodContainerView(
                    name: "agent", isReady: true, restartCount: 1, state: .running(since: since),
                    lastTermination: .init(exitCode: 137, reason: "OOMKilled"))
            ]
        }
        bench.advance(seconds: 1)
        bench.sync("a", instance: "2")
        let status = try bench.task("t").status
        #expect(status.attempts.first?.failure?.class == .resource)
        #expect(status.retries == 1)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a start before the attempt is none after it, whatever the node's clock says`() {
        var bench = running()
        // The runner was started again before it was given the attempt, by a clock that is ahead.
        let since = bench.now + .seconds(5)
        bench.agent("a") {
            $0.containers = [
                PodContainerView(
                    name: "agent", isReady: true, restartCount: 1, state: .running(since: since),
                    lastTermination: .init(exitCode: 137, reason: "OOMKilled"))
            ]
        }
        bench.advance(seconds: 1)
        bench.sync("a")
        #expect(bench.phase("t") == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a task that nobody runs yet is cancelled at once`() {
        var bench = TaskBench()
        bench.pool()
        bench.create("t")
        bench.edit("t", ["spec": ["state": "Cancelled"]])
        bench.settle()
        #expect(bench.phase("t") == .cancelled)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a running task is cancelled when its agent says that it has stopped`() throws {
        var bench = running()
        bench.edit("t", ["spec": ["state": "Cancelled"]])
        let reply = bench.sync("a", reports: [bench.report("t", attempt: 1)])
        #expect(reply.leases.map(\.desired) == [.cancel])
        #expect(try bench.task("t").status.reason == "Cancelling")
        let done = bench.report("t", attempt: 1, AttemptOutcome(.signalled(15), stop: .cancelled))
        let answer = bench.sync("a", reports: [done])
        #expect(answer.stored == [done.id])
        #expect(bench.phase("t") == .cancelled)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a cancelled task ends even if its agent never answers`() {
        var bench = running()
        bench.edit("t", ["spec": ["state": "Cancelled"]])
        bench.advance(seconds: 44)
        #expect(bench.phase("t") == .running)
        bench.advance(seconds: 2)
        #expect(bench.phase("t") == .cancelled)
        #expect(bench.problems.isEmpty)
    }

    @Test func `suspending stops an attempt without using a retry, and resuming goes on`() throws {
        var bench = running()
        bench.edit("t", ["spec": ["state": "Suspended"]])
        let reply = bench.sync("a", reports: [bench.report("t", attempt: 1)])
        #expect(reply.leases.map(\.desired) == [.checkpointAndStop])
        bench.sync(
            "a",
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(0), stop: .checkpointed)) {
                    $0.checkpoint = CheckpointCommit(
                        CheckpointRef(sequence: 1, bytes: 1, digest: "sha256:y"), time: bench.now)
                }
            ])
        #expect(bench.phase("t") == .blocked)
        #expect(try bench.task("t").status.reason == "Suspended")
        #expect(try bench.task("t").status.retries == 0)
        let writes = bench.writes
        bench.sync("a")
        bench.advance(seconds: 100)
        bench.sync("a")
        #expect(bench.writes == writes)
        bench.edit("t", ["spec": ["state": "Active"]])
        bench.settle()
        #expect(try bench.task("t").status.attempt == 2)
        #expect(bench.sync("a").leases.first?.spec?.restore?.sequence == 1)
        #expect(bench.problems.isEmpty)
    }

    @Test func `an attempt beyond its time is ended even if its agent does not see to it`() throws {
        var bench = running(spec: ["timeoutSeconds": 30]) { $0.agent.timeoutSeconds = 3_600 }
        bench.sync("a", reports: [bench.report("t", attempt: 1)])
        bench.advance(seconds: 74)
        #expect(bench.phase("t") == .running)
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.failure?.class == .timeout)
        #expect(bench.sync("a").leases.isEmpty)
        #expect(bench.problems.isEmpty)
    }

    @Test func `progress is written on a beat, however often it is told`() throws {
        var bench = running()
        let before = bench.writes
        for step in 1...100 {
            bench.advance(seconds: 0.1)
            bench.sync(
                "a",
                reports: [
                    bench.report("t", attempt: 1) { $0.progress = TaskProgress(percent: step) }
                ])
        }
        #expect((3...6).contains(bench.writes - before))
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.progress?.percent == 100)
        let writes = bench.writes
        bench.advance(seconds: 60)
        #expect(bench.writes == writes)
        #expect(bench.problems.isEmpty)
    }

    @Test func `emergency stop suspends what ran and blames nobody`() throws {
        var bench = running()
        bench.advance(seconds: 10)
        bench.pool("qa") { $0.emergencyStop = true }
        bench.remove(Key<PodView>(namespace: "ns", name: "a"))
        bench.settle()
        #expect(try bench.task("t").status.reason == "EmergencyStop")
        #expect(try bench.task("t").status.infrastructureLosses == 0)
        bench.pool("qa")
        bench.agent("b")
        bench.sync("b")
        #expect(try bench.task("t").status.attempt == 2)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a result that breaks the contract is a failure, not a success`() throws {
        var bench = running()
        bench.sync(
            "a",
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(0))) {
                    $0.resultError = "The result is not JSON."
                }
            ])
        #expect(try bench.task("t").status.failure?.reason == "BadResult")
        #expect(bench.problems.isEmpty)
    }

    @Test func `a running task that names no agent is taken for lost, not for called off`() throws {
        var bench = running()
        bench.advance(seconds: 10)
        bench.edit("t", ["status": ["agent": .null]])
        bench.settle()
        #expect(try bench.task("t").status.attempts.map(\.outcome) == [.lost])
        #expect(try bench.task("t").status.attempt == 2)
    }

    @Test func `a drained attempt goes on elsewhere and costs nothing`() throws {
        var bench = running(agents: ["a", "b"])
        bench.sync("a", draining: true, reports: [bench.report("t", attempt: 1)])
        bench.sync(
            "a", draining: true,
            reports: [bench.report("t", attempt: 1, AttemptOutcome(.signalled(15), stop: .drained))]
        )
        let status = try bench.task("t").status
        #expect(status.agent?.name == "b")
        #expect(status.retries == 0)
        #expect(status.infrastructureLosses == 0)
        #expect(bench.problems.isEmpty)
    }
}
