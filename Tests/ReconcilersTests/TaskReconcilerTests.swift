import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

struct TaskReconcilerTests {
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

    @Test func `a task on a warm agent costs two writes and ends with its result`() throws {
        var bench = bench()
        bench.create("t")
        bench.settle()
        let running = try bench.task("t")
        #expect(running.status.phase == .running)
        #expect(running.status.attempt == 1)
        #expect(running.status.agent?.uid == UID("uid-a"))
        #expect(running.status.agent?.node == "node-a")
        #expect(running.status.observedGeneration == 1)
        bench.advance(seconds: 2)
        let done = bench.report("t", attempt: 1, AttemptOutcome(.exited(0))) {
            $0.result = ["score": 1]
        }
        let reply = bench.sync("a", reports: [done])
        #expect(reply.stored == [done.id])
        #expect(reply.leases.isEmpty)
        let ended = try bench.task("t")
        #expect(ended.status.phase == .succeeded)
        #expect(ended.status.result == ["score": 1])
        #expect(ended.status.conditions.holds("Complete"))
        #expect(ended.status.attempts.map(\.outcome) == [.succeeded])
        #expect(bench.writesOf[ended.key] == 3, "create, assign, complete")
        #expect(bench.notes.map(\.reason) == ["Assigned", "Succeeded"])
        #expect(bench.problems.isEmpty)
    }

    @Test func `a task that waits is told so once, and then its place`() throws {
        var bench = bench(agents: [])
        bench.create("t")
        bench.create("u")
        bench.settle()
        #expect(try bench.task("t").status == BackgroundTaskStatus())
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.phase == .queued)
        #expect(try bench.task("t").status.reason == "WaitingForAgent")
        #expect(bench.writesOf[Key(namespace: "ns", name: "t")] == 2)
        bench.advance(seconds: 60)
        #expect(try bench.task("u").status.queue?.position == 2)
        let writes = bench.writes
        bench.advance(seconds: 3_600)
        #expect(bench.writes == writes, "at rest nothing is written")
        bench.agent("a")
        bench.sync("a")
        #expect(bench.phase("t") == .running)
        #expect(try bench.task("t").status.queue == nil)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a flood of tasks is worked off with two writes each`() throws {
        var bench = bench()
        for index in 0..<300 { bench.create("t\(index)") }
        bench.settle()
        var done = 0
        while let task = bench.latest.values.first(where: { $0.lease != nil }) {
            bench.advance(seconds: 0.01)
            bench.sync(
                "a",
                reports: [
                    bench.report(task.metadata.name, attempt: 1, AttemptOutcome(.exited(0)))
                ])
            done += 1
        }
        #expect(done == 300)
        #expect(bench.writes == 900, "each is created, assigned and completed")
        #expect(bench.problems.isEmpty)
    }

    @Test func `dependencies come first, and tell what is waited for`() throws {
        var bench = bench(agents: ["a", "b"])
        bench.create("second", spec: ["dependsOn": [["name": "first"]]])
        bench.advance(seconds: 2)
        #expect(try bench.task("second").status.phase == .blocked)
        #expect(try bench.task("second").status.reason == "DependencyNotFound")
        bench.create("first")
        bench.advance(seconds: 3)
        #expect(bench.phase("first") == .running)
        #expect(try bench.task("second").status.reason == "WaitingForDependencies")
        #expect(try bench.task("second").status.queue?.blockedBy == ["first"])
        bench.sync("a", reports: [])
        let agent = try #require(bench.task("first").status.agent?.name)
        bench.sync(
            agent, reports: [bench.report("first", attempt: 1, AttemptOutcome(.exited(0)))])
        #expect(bench.phase("second") == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a dependency that cannot be met fails the task, and its own dependents`() throws {
        var bench = bench()
        bench.create("first", spec: ["retry": ["maxRetries": 0]])
        bench.create("second", spec: ["dependsOn": [["name": "first"]]])
        bench.create("third", spec: ["dependsOn": [["name": "second"]]])
        bench.create(
            "cleanup", spec: ["dependsOn": [["name": "first", "condition": "Failed"]]])
        bench.settle()
        bench.sync("a", reports: [bench.report("first", attempt: 1, AttemptOutcome(.exited(3)))])
        #expect(bench.phase("first") == .failed)
        #expect(try bench.task("second").status.failure?.reason == "DependencyNotMet")
        #expect(
            try bench.task("second").status.message
                == "Task first should have succeeded, but has failed.")
        #expect(bench.phase("third") == .failed)
        #expect(bench.phase("cleanup") == .running)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a cycle fails with its path as the reason, also for those that wait for it`() throws
    {
        var bench = bench()
        bench.create("a", spec: ["dependsOn": [["name": "b"]]])
        bench.create("b", spec: ["dependsOn": [["name": "c"]]])
        bench.create("d", spec: ["dependsOn": [["name": "a"]]])
        bench.create("c", spec: ["dependsOn": [["name": "a"]]])
        bench.advance(seconds: 3)
        let failed = try ["a", "b", "c"].map { try bench.task($0).status }
        #expect(failed.allSatisfy { $0.phase == .failed })
        #expect(failed.contains { $0.reason == "DependencyCycle" })
        #expect(failed.contains { $0.message?.contains(" → ") ?? false })
        #expect(bench.phase("d") == .failed)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a failure is tried again after its backoff, on another agent if there is one`()
        throws
    {
        var bench = bench(agents: ["a", "b"])
        bench.create("t")
        bench.settle()
        let first = try #require(bench.task("t").status.agent?.name)
        bench.sync(
            first,
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(1))) {
                    $0.logTail = "assertion failed"
                }
            ])
        let waiting = try bench.task("t").status
        #expect(waiting.phase == .scheduled)
        #expect(waiting.reason == "RetryScheduled")
        #expect(waiting.retries == 1)
        #expect(waiting.failure?.class == .application)
        #expect(waiting.failure?.logTail == "assertion failed")
        #expect(waiting.attempts.first?.failure?.logTail == nil)
        let delay = try #require(waiting.notBefore) - bench.now
        #expect(delay >= .zero && delay <= .seconds(10))
        bench.restart(keepingSessions: true)
        #expect(bench.phase("t") == .scheduled, "the backoff is kept over a restart")
        bench.advance(seconds: delay.inSeconds + 0.01)
        #expect(bench.phase("t") == .running)
        #expect(try bench.task("t").status.attempt == 2)
        #expect(try bench.task("t").status.agent?.name != first)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a wait that a wrong clock has written down begins anew`() throws {
        let now = Timestamp(seconds: 1_800_000_000)
        // The attempt ended, and the wait was written, by a clock that was ahead by 322 seconds.
        let ended = now + .seconds(322)
        var task = BackgroundTask(
            metadata: ObjectMeta(
                name: "t", namespace: "ns", uid: UID("t"), creationTime: now + .seconds(-60)))
        task.spec.poolRef = .init(name: "qa")
        task.status.phase = .scheduled
        task.status.reason = "RetryScheduled"
        task.status.attempt = 1
        task.status.notBefore = ended + .seconds(7)
        task.status.attempts = [
            .init(
                number: 1, agent: nil, startTime: ended, completionTime: ended, outcome: .failed)
        ]
        let pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "ns", uid: UID("pool")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        func waits(_ task: BackgroundTask) throws -> [Timestamp?] {
            let world = try #require(TaskWorld(of: task.key, in: .of([task, pool])))
            let clocks = Moment(instant: Instant(nanoseconds: 0), time: now)
            let plan = TaskReconciler().plan(world, PlanContext(now: clocks, startedAt: now))
            let due = plan.status?.desired[path: ["notBefore"]]?.string
            return [due.flatMap { Timestamp($0) }, plan.wake]
        }
        #expect(try waits(task) == [now + .seconds(7), now + .seconds(7)])
        // Clocks that are a little apart are no reason.
        task.status.attempts[0].completionTime = now + .seconds(5)
        task.status.notBefore = now + .seconds(12)
        #expect(try waits(task) == [now + .seconds(12), now + .seconds(12)])
    }

    @Test func `retries end in a failure that keeps what happened`() throws {
        var bench = bench { $0.agent.timeoutSeconds = 604_800 }
        bench.create("t", spec: ["retry": ["maxRetries": 2]])
        for attempt in 1...3 {
            bench.advance(seconds: 5)
            bench.sync("a")
            bench.advance(seconds: 600)
            bench.sync("a")
            #expect(try bench.task("t").status.attempt == attempt)
            bench.sync(
                "a", reports: [bench.report("t", attempt: attempt, AttemptOutcome(.exited(9)))])
        }
        let status = try bench.task("t").status
        #expect(status.phase == .failed)
        #expect(status.failure?.exitCode == 9)
        #expect(status.conditions.holds("Failed"))
        #expect(status.conditions["Escalated"]?.reason == "RetriesUsedUp")
        #expect(bench.notes.contains { $0.reason == "Escalated" })
        #expect(status.attempts.map(\.number) == [1, 2, 3])
        #expect(status.message?.hasSuffix("All 2 retries are used up.") == true)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a timeout gets a longer time, a critical failure is escalated`() throws {
        var bench = bench(agents: ["a", "b"])
        bench.create("slow", spec: ["timeoutSeconds": 100])
        bench.create("bad")
        bench.settle()
        let agents = try ["slow", "bad"].map { try #require(bench.task($0).status.agent?.name) }
        bench.sync(
            agents[0],
            reports: [
                bench.report("slow", attempt: 1, AttemptOutcome(.signalled(15), stop: .timedOut))
            ])
        bench.sync(
            agents[1],
            reports: [
                bench.report("bad", attempt: 1, AttemptOutcome(.exited(1))) {
                    $0.message = "Integrity check failed."
                }
            ])
        #expect(try bench.task("slow").status.strategy?.timeoutSeconds == 150)
        #expect(try bench.task("slow").status.failure?.class == .timeout)
        #expect(bench.phase("bad") == .failed)
        #expect(try bench.task("bad").status.conditions.holds("Escalated"))
        bench.advance(seconds: 11)
        let reply = bench.sync(try #require(bench.task("slow").status.agent?.name))
        #expect((145...150).contains(reply.leases.first?.spec?.timeoutSeconds ?? 0))
        #expect(bench.problems.isEmpty)
    }

    @Test func `a rule of the task decides before the built-in ones`() throws {
        var bench = bench()
        bench.create(
            "t",
            spec: [
                "retry": [
                    "rules": [
                        ["messagePattern": "tape .* torn", "action": "Ignore"],
                        ["messagePattern": "disk .* gone", "action": "Fail"],
                    ]
                ]
            ])
        bench.settle()
        bench.sync(
            "a",
            reports: [
                bench.report("t", attempt: 1, AttemptOutcome(.exited(1))) {
                    $0.logTail = "the disk sda is gone"
                }
            ])
        #expect(bench.phase("t") == .failed)
        #expect(bench.problems.isEmpty)
    }

    @Test func `a spec that no schema could refuse is not run, and says why`() throws {
        var bench = bench()
        bench.create(
            "t", spec: ["retry": ["rules": [["messagePattern": "(", "action": "Ignore"]]]])
        bench.settle()
        bench.advance(seconds: 5)
        let status = try bench.task("t").status
        #expect(status.phase == .blocked)
        #expect(status.reason == "InvalidSpec")
        #expect(status.message?.contains("spec.retry.rules[0].messagePattern") == true)
    }

    @Test func `finished tasks are deleted after their time, but not before others have seen them`()
    {
        var bench = bench(agents: ["a", "b"])
        bench.create("first", spec: ["ttlSecondsAfterFinished": 60])
        bench.create("hold")
        bench.create("last", spec: ["dependsOn": [["name": "first"], ["name": "hold"]]])
        bench.settle()
        for name in ["a", "b"] {
            if bench.view[Key<BackgroundTask>(namespace: "ns", name: "first")]?.status.agent?.name
                == name
            {
                bench.sync(
                    name,
                    reports: [bench.report("first", attempt: 1, AttemptOutcome(.exited(0)))])
            }
        }
        bench.advance(seconds: 100)
        #expect(bench.phase("first") == .succeeded)
        bench.edit("hold", ["spec": ["state": "Cancelled"]])
        bench.advance(seconds: 100)
        #expect(bench.phase("hold") == .cancelled)
        #expect(bench.phase("last") == .failed)
        #expect(bench.phase("first") == nil)
        #expect(bench.problems.isEmpty)
    }

    @Test func `waiting too long fails the task with that reason`() throws {
        var bench = bench(agents: [])
        bench.create("t", spec: ["queueTimeoutSeconds": 30])
        bench.advance(seconds: 29)
        #expect(bench.phase("t") == .queued)
        bench.advance(seconds: 3)
        #expect(try bench.task("t").status.failure?.reason == "QueueTimeout")
        #expect(bench.problems.isEmpty)
    }

    @Test func `a spec that is not understood is not run, and says why`() throws {
        var bench = bench()
        bench.create("odd", spec: ["priority": 100_000])
        bench.create("both", spec: ["shards": 3, "matrix": ["os": ["linux"]]])
        bench.advance(seconds: 3)
        #expect(try bench.task("odd").status.reason == "InvalidSpec")
        #expect(try bench.task("both").status.reason == "InvalidSpec")
        #expect(bench.problems.isEmpty)
    }
}
