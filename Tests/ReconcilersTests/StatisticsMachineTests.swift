import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import TaskScheduling
import Testing

struct StatisticsMachineTests {
    /// A machine and the small world that it sees.
    private struct Bench {
        var machine = StatisticsMachine()
        var view = ClusterView.of([])
        var now = Timestamp(seconds: 1_800_000_000)
        var told: [PoolStatistics] = []
        var writes: [Action] = []
        var outcome = Outcome.applied([])
        var pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "ns", uid: UID("pool")),
            spec: BackgroundAgentPoolSpec(template: [:]))

        init(kept: AuthorityView? = nil) {
            view.publish(pool)
            if let kept { view.publish(kept) }
        }

        mutating func start() {
            feed(.leadership(.init(holder: "x", term: 1, validUntil: Instant(nanoseconds: .max))))
            feed(.changed([], in: view))
        }

        mutating func feed(_ input: MachineInput) {
            var inputs = [input]
            while !inputs.isEmpty {
                let moment = Moment(instant: Instant(nanoseconds: now.nanoseconds), time: now)
                for command in machine.handle(inputs.removeFirst(), at: moment) {
                    switch command {
                    case .publish(let object):
                        if let object = object as? PoolStatistics { told.append(object) }
                    case .apply(let plan, let token, _):
                        writes += plan.actions
                        inputs.append(.finished(token, outcome))
                    case .wake(let at):
                        // A wake in the past comes at once, and again, and again.
                        #expect(at > moment.instant)
                    case .retract: continue
                    }
                }
            }
        }

        mutating func wait(_ seconds: Int) {
            for _ in 0..<seconds {
                now = now + .seconds(1)
                feed(.timer)
            }
        }

        mutating func put(_ task: BackgroundTask) {
            if let change = view.publish(task) { feed(.changed([change], in: view)) }
        }

        /// A task that arrives now, starts after `wait` and runs for `run` seconds.
        mutating func run(
            _ name: String, wait: Int = 1, run: Int, type: String = "lint",
            usage: SyncRequest.Usage? = nil
        ) {
            var task = BackgroundTask(
                metadata: ObjectMeta(
                    name: name, namespace: "ns", uid: UID(name), creationTime: now))
            task.spec.type = type
            task.spec.poolRef = .init(name: "qa")
            put(task)
            self.wait(wait)
            task.status.phase = .running
            task.status.attempt = 1
            task.status.startTime = now
            put(task)
            if let usage { call(about: task, usage: usage) }
            self.wait(run)
            task.status.phase = .succeeded
            task.status.completionTime = now
            task.status.attempts = [
                .init(
                    number: 1, agent: nil, startTime: task.status.startTime,
                    completionTime: now, outcome: .succeeded)
            ]
            put(task)
        }

        /// The agent that runs the task says what it uses.
        mutating func call(about task: BackgroundTask, usage: SyncRequest.Usage) {
            let report = LeaseReport(
                id: LeaseID(taskUID: task.metadata.uid, attempt: 1), startedAt: now)
            let request = SyncRequest(
                namespace: "ns", pod: "a", instance: "i", sequence: 1, slots: 1, usage: usage,
                reports: [report])
            let session = AgentSession(podUID: UID("a"), request: request, at: now)
            if let change = view.publish(session) { feed(.changed([change], in: view)) }
        }

        /// A task that runs as often as it may and fails.
        mutating func fail(_ name: String, attempts: Int) {
            var task = BackgroundTask(
                metadata: ObjectMeta(
                    name: name, namespace: "ns", uid: UID(name), creationTime: now))
            task.spec.poolRef = .init(name: "qa")
            put(task)
            task.status.phase = .running
            task.status.attempt = attempts
            put(task)
            task.status.phase = .failed
            task.status.completionTime = now
            put(task)
        }

        func text() throws -> String {
            let action = try #require(writes.last)
            let object: JSONValue
            switch action {
            case .create(let created, _): object = created
            case .patch(_, let patch, _, _): object = patch
            default: throw Missing()
            }
            return try #require(object[path: ["data", "statistics.json"]]?.string)
        }
    }

    private struct Missing: Error {}

    private func kept(_ text: String, owner: String = "pool") -> AuthorityView {
        var map = AuthorityView(
            metadata: ObjectMeta(
                name: "qa-statistics", namespace: "ns", uid: UID("map"),
                owners: [
                    OwnerReference(
                        apiVersion: "swiftlet.dev/v1alpha1", kind: "BackgroundAgentPool",
                        name: "qa", uid: UID(owner))
                ]), certificates: nil)
        map.statistics = text
        return map
    }

    @Test func `how long tasks take and wait is learned, told and kept over a restart`() throws {
        var bench = Bench()
        bench.start()
        for index in 0..<4 { bench.run("t\(index)", wait: 2, run: 10) }
        bench.wait(3)
        let told = try #require(bench.told.last)
        #expect(told.experience.expected(type: "lint")?.seconds == 10)
        #expect(told.experience.expected(type: "lint")?.runs == 4)
        #expect(told.experience.waits.count == 4)
        #expect(told.tasksPerMinute > 0)
        bench.wait(70)
        let text = try bench.text()
        var next = Bench(kept: kept(text))
        next.start()
        next.wait(3)
        #expect(next.told.last?.experience == told.experience)
        next.wait(600)
        #expect(next.writes.isEmpty, "nothing new was learned")
    }

    @Test func `what has ended is counted once, also after it is deleted, and over a restart`()
        throws
    {
        var bench = Bench()
        bench.start()
        for index in 0..<3 { bench.run("t\(index)", run: 5) }
        bench.fail("bad", attempts: 3)
        for name in ["t0", "bad"] {
            bench.view.retract(Key<BackgroundTask>(namespace: "ns", name: name))
        }
        bench.wait(70)
        let totals = try #require(bench.told.last?.experience.totals)
        #expect(totals.succeeded == 3 && totals.failed == 1 && totals.retried == 2)
        let text = try bench.text()
        // One more ends, and the process ends before it has written that down.
        bench.run("late", run: 5)
        var next = Bench(kept: kept(text))
        for task in bench.view.all(BackgroundTask.self) { next.view.publish(task) }
        next.now = bench.now
        next.start()
        next.wait(3)
        let after = try #require(next.told.last?.experience.totals)
        #expect(after.succeeded == 4 && after.failed == 1 && after.retried == 2)
    }

    @Test func `what attempts use is learned, with a margin, and kept`() throws {
        var bench = Bench()
        bench.start()
        for index in 0..<3 {
            bench.run("t\(index)", run: 5, usage: .init(cpuMillis: 400, memoryBytes: 100 << 20))
        }
        bench.wait(70)
        let learned = try #require(bench.told.last?.experience)
        let expected = learned.expectedUsage(type: "lint")
        #expect((480...600).contains(expected.milliCPU))
        #expect((120 << 20...150 << 20).contains(expected.memory))
        #expect(learned.expectedUsage(type: "other") == .none)
        var next = Bench(kept: kept(try bench.text()))
        next.start()
        next.wait(3)
        #expect(next.told.last?.experience == learned)
    }

    @Test func `at rest nothing is told or written`() {
        var bench = Bench()
        bench.start()
        bench.run("t", run: 5)
        bench.wait(600)
        let (told, writes) = (bench.told.count, bench.writes.count)
        #expect(writes == 1)
        #expect(bench.told.last?.tasksPerMinute == 0, "the rate has faded")
        bench.wait(3_600)
        #expect(bench.told.count == told)
        #expect(bench.writes.count == writes)
    }

    @Test func `many tasks cost one write a minute`() {
        var bench = Bench()
        bench.start()
        for index in 0..<60 { bench.run("t\(index)", wait: 1, run: 1) }
        bench.wait(61)
        #expect(bench.writes.count <= 3)
    }

    @Test func `a write that fails is tried again a while later`() {
        var bench = Bench()
        bench.outcome = .stale(bench.pool.reference, done: [])
        bench.start()
        bench.run("t", run: 5)
        bench.wait(200)
        #expect(bench.writes.count == 3)
    }

    @Test(arguments: [
        "", "{", "[]", #"{"version":2}"#, #"{"version":1,"runs":[1,-5],"waits":[0]}"#,
        #"{"version":1,"runs":[9e99],"waits":[0],"types":{}}"#,
    ])
    func `what was kept and is broken teaches nothing and does no harm`(text: String) {
        var bench = Bench(kept: kept(text))
        bench.start()
        bench.run("t", run: 5)
        bench.wait(3)
        #expect(bench.told.last?.experience.runs.count == 1)
    }

    @Test func `what another object of that name keeps is neither believed nor overwritten`() {
        var bench = Bench(
            kept: kept(#"{"version":1,"runs":[5,9],"waits":[0],"types":{}}"#, owner: "other"))
        bench.start()
        bench.run("t", run: 5)
        bench.wait(120)
        #expect(bench.told.last?.experience.runs.count == 1)
        #expect(bench.writes.isEmpty)
    }

    @Test func `what cannot be written is not waited for`() {
        var bench = Bench()
        bench.start()
        bench.run("t", run: 5)
        // The pool is being deleted and lets its agents finish: nothing is written any more.
        bench.pool.metadata.deletionTime = bench.now
        if let change = bench.view.publish(bench.pool) {
            bench.feed(.changed([change], in: bench.view))
        }
        bench.wait(120)
        #expect(bench.writes.isEmpty)
    }

    @Test func `a rate that fades within seconds of another's telling waits its turn`() {
        var bench = Bench()
        bench.start()
        bench.run("t", run: 5)
        bench.wait(358)
        // Something else is told a second before the rate of the first has to be told anew.
        let other = BackgroundAgentPool(
            metadata: ObjectMeta(name: "other", namespace: "ns", uid: UID("other")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        if let change = bench.view.publish(other) {
            bench.feed(.changed([change], in: bench.view))
        }
        for _ in 0..<40 {
            bench.now = bench.now + .milliseconds(250)
            bench.feed(.timer)
        }
        #expect(bench.told.last?.tasksPerMinute == 0)
    }
}
