import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

struct LeaseProjectionTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func task(
        _ name: String, _ edit: (inout BackgroundTask) -> Void = { _ in }
    ) -> BackgroundTask {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: name, namespace: "ns", uid: UID("task-" + name)))
        task.status.phase = .running
        task.status.attempt = 2
        task.status.agent = .init(name: "a", uid: UID("uid-a"))
        task.status.startTime = now - .seconds(100)
        edit(&task)
        return task
    }

    private func reply(
        _ tasks: [BackgroundTask], reports: [LeaseReport] = [], agent: String = "uid-a"
    ) -> SyncReply {
        let request = SyncRequest(
            namespace: "ns", pod: "a", instance: "i", sequence: 7, slots: 4, reports: reports)
        return LeaseProjection.reply(
            to: request, from: UID(agent), in: .of(tasks), at: now)
    }

    private func report(_ name: String, attempt: Int, finished: Bool = true) -> LeaseReport {
        LeaseReport(
            id: LeaseID(taskUID: UID("task-" + name), attempt: attempt),
            state: finished ? .finished : .running,
            outcome: finished ? AttemptOutcome(.exited(0)) : nil)
    }

    @Test func `an agent is told of its own leases and of nobody else's`() {
        let mine = task("mine")
        let theirs = task("theirs") { $0.status.agent = .init(name: "b", uid: UID("uid-b")) }
        let over = task("over") { $0.status.phase = .succeeded }
        let queued = task("queued") { $0.status.phase = .queued }
        let reply = reply([mine, theirs, over, queued])
        #expect(reply.leases.map(\.id) == [LeaseID(taskUID: UID("task-mine"), attempt: 2)])
        #expect(reply.sequence == 7)
        #expect(self.reply([mine], agent: "uid-of-its-successor").leases.isEmpty)
    }

    @Test func `an order carries what the attempt needs, and the time that is left`() throws {
        let order = try #require(
            reply([
                task("t") {
                    $0.spec.command = ["make"]
                    $0.spec.args = ["test"]
                    $0.spec.env = [
                        .init(name: "A", source: .value("1")),
                        .init(name: "B", source: .secretKey(.init(name: "s", key: "k"))),
                    ]
                    $0.spec.input = ["depth": 3]
                    $0.spec.timeoutSeconds = 600
                    $0.status.checkpoint = .init(sequence: 4, bytes: 9, digest: "sha256:d")
                }
            ]).leases.first)
        let spec = try #require(order.spec)
        #expect(order.desired == .run)
        #expect(spec.argv == ["make", "test"])
        #expect(
            spec.env == [
                TaskVariable("A", value: "1"), TaskVariable("B", .secret(name: "s", key: "k")),
                TaskVariable(
                    "TRACEPARENT", value: task("t").trace(ofAttempt: 2).traceparent),
            ])
        #expect(spec.input == ["depth": 3])
        #expect(spec.timeoutSeconds == 500)
        #expect(spec.restore == CheckpointRef(sequence: 4, bytes: 9, digest: "sha256:d"))
    }

    @Test func `a trace that the task itself sets for its programs is kept`() {
        let own = task("t") {
            $0.spec.env = [.init(name: "TRACEPARENT", source: .value("mine"))]
        }
        #expect(reply([own]).leases.first?.spec?.trace == "mine")
    }

    @Test func `time that is over still gives the runner a second to see it`() {
        let late = task("t") { $0.spec.timeoutSeconds = 60 }
        #expect(reply([late]).leases.first?.spec?.timeoutSeconds == 1)
        let longer = task("t") {
            $0.spec.timeoutSeconds = 60
            $0.status.strategy = .init(timeoutSeconds: 130)
        }
        #expect(reply([longer]).leases.first?.spec?.timeoutSeconds == 30)
        let without = task("t") {
            $0.spec.checkpoint.enabled = false
            $0.status.checkpoint = .init(sequence: 4, bytes: 9, digest: "sha256:d")
        }
        #expect(reply([without]).leases.first?.spec?.restore == nil)
        #expect(reply([without]).leases.first?.spec?.checkpointEnabled == false)
    }

    @Test func `what is wanted of an attempt follows from the task`() {
        func desired(_ edit: (inout BackgroundTask) -> Void) -> DesiredState? {
            reply([task("t", edit)]).leases.first?.desired
        }
        #expect(desired { $0.spec.state = .cancelled } == .cancel)
        #expect(desired { $0.spec.state = .suspended } == .checkpointAndStop)
        #expect(desired { $0.metadata.deletionTime = now } == .cancel)
    }

    @Test func `a finished report is stored once the task shows its end, not before`() {
        let running = task("t")
        #expect(reply([running], reports: [report("t", attempt: 2)]).stored.isEmpty)
        #expect(reply([running], reports: [report("t", attempt: 2)]).refused.isEmpty)
        let ended = task("t") {
            $0.status.phase = .scheduled
            $0.status.attempts = [
                .init(
                    number: 2, agent: $0.status.agent, startTime: nil, completionTime: nil,
                    outcome: .failed)
            ]
        }
        #expect(reply([ended], reports: [report("t", attempt: 2)]).stored.count == 1)
        #expect(reply([ended], reports: [report("t", attempt: 2)]).leases.isEmpty)
    }

    @Test func `reports without a lease are refused with the reason`() {
        let moved = task("t") {
            $0.status.attempt = 3
            $0.status.agent = .init(name: "b", uid: UID("uid-b"))
            $0.status.attempts = [
                .init(
                    number: 2, agent: .init(name: "a", uid: UID("uid-a")), startTime: nil,
                    completionTime: nil, outcome: .lost)
            ]
        }
        let cases: [(LeaseReport, String)] = [
            (report("t", attempt: 2), "attempt 2 has ended: Lost"),
            (report("t", attempt: 2, finished: false), "attempt 2 has ended: Lost"),
            (report("t", attempt: 3), "attempt 3 is not this agent's"),
            (report("t", attempt: 4), "there is no attempt 4"),
            (report("gone", attempt: 1), "the task is gone"),
        ]
        for (report, reason) in cases {
            let reply = reply([moved], reports: [report])
            #expect(reply.refused == [.init(report.id, reason: reason)])
            #expect(reply.stored.isEmpty)
        }
    }

    @Test func `only the holder of a lease may put checkpoints`() {
        let view = ClusterView.of([task("t")])
        let id = LeaseID(taskUID: UID("task-t"), attempt: 2)
        let old = LeaseID(taskUID: UID("task-t"), attempt: 1)
        #expect(LeaseProjection.holds(id, agent: UID("uid-a"), in: view))
        #expect(!LeaseProjection.holds(old, agent: UID("uid-a"), in: view))
        #expect(!LeaseProjection.holds(id, agent: UID("uid-b"), in: view))
    }

    @Test func `a new leader answers nobody from a picture older than what the agent knows`() {
        let begin = Moment(instant: Instant(nanoseconds: 0), time: now)
        func isBehind(
            _ reports: [LeaseReport], after seconds: Int64, since: Moment? = begin
        ) -> Bool {
            var view = ClusterView.of([task("t")])
            view.publish(GatewayPresence(answeringFrom: since))
            let request = SyncRequest(
                namespace: "ns", pod: "a", instance: "i", sequence: 7, slots: 4, reports: reports)
            return LeaseProjection.isBehind(
                request, in: view, at: Instant(nanoseconds: seconds * 1_000_000_000))
        }
        #expect(!isBehind([], after: 1))
        #expect(!isBehind([report("t", attempt: 1), report("t", attempt: 2)], after: 1))
        #expect(isBehind([report("t", attempt: 3, finished: false)], after: 1))
        #expect(isBehind([report("t", attempt: 3)], after: 29))
        #expect(isBehind([report("t", attempt: 3)], after: 1, since: nil))
        #expect(isBehind([report("not-seen-yet", attempt: 1)], after: 1))
        // What an agent claims does not keep it waiting for ever.
        #expect(!isBehind([report("t", attempt: 3)], after: 31))
        #expect(!isBehind([report("not-seen-yet", attempt: 1)], after: 31))
    }
}
