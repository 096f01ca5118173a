import AgentProtocol
import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

/// What changes of tasks, and a picture of the cluster, say in metrics.
@Suite struct TaskMeasuresTests {
    private static func task(
        _ uid: String = "u1", _ edit: (inout BackgroundTaskStatus) -> Void = { _ in }
    ) -> BackgroundTask {
        var spec = BackgroundTaskSpec()
        spec.poolRef = .init(name: "qa", namespace: "agents")
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "team", uid: UID(uid)), spec: spec)
        edit(&task.status)
        return task
    }

    private static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private static let running = task { status in
        status.phase = .running
        status.attempt = 1
        status.agent = .init(name: "a", uid: UID("pod"))
    }

    @Test func `a task that finds a free slot is scheduled at once, and that is measured`() {
        var measures = TaskMeasures()
        #expect(measures.take([.added(Self.task())], at: Self.at(0)).isEmpty)
        let measured = measures.take(
            [.changed(from: Self.task(), to: Self.running)], at: Self.at(12))
        #expect(
            measured == [
                Measurement(ProductMetrics.wait, ["agents", "qa"], 0.012),
                Measurement(ProductMetrics.scheduling, ["agents", "qa"], 0.012),
            ])
    }

    @Test func `a task that had to queue counts as waiting alone`() {
        var measures = TaskMeasures()
        let queued = Self.task { $0.phase = .queued }
        _ = measures.take([.added(Self.task())], at: Self.at(0))
        _ = measures.take([.changed(from: Self.task(), to: queued)], at: Self.at(500))
        let measured = measures.take(
            [.changed(from: queued, to: Self.running)], at: Self.at(2_000))
        #expect(measured == [Measurement(ProductMetrics.wait, ["agents", "qa"], 2)])
    }

    @Test func `what happened before is not counted`() {
        var measures = TaskMeasures()
        let old = Self.task { status in
            status.phase = .succeeded
            status.attempts = [
                .init(
                    number: 1, agent: nil, startTime: nil, completionTime: nil, outcome: .succeeded)
            ]
        }
        #expect(measures.take([.added(old)], at: Self.at(0)).isEmpty)
        let queued = Self.task("u2") { $0.phase = .queued }
        #expect(measures.take([.added(queued)], at: Self.at(0)).isEmpty)
        let successor = Self.task("u3") { $0.phase = .failed }
        let replaced = Change<BackgroundTask>.changed(from: old, to: successor)
        #expect(measures.take([replaced], at: Self.at(0)).isEmpty)
    }

    @Test func `an end is counted once, with its attempt, class and time`() {
        var measures = TaskMeasures()
        let failed = Self.task { status in
            status.phase = .failed
            status.attempt = 1
            status.attempts = [
                .init(
                    number: 1, agent: nil, startTime: Timestamp(seconds: 100),
                    completionTime: Timestamp(seconds: 107), outcome: .failed,
                    failure: .init(class: .timeout, reason: "TimedOut"))
            ]
        }
        let ended = Change<BackgroundTask>.changed(from: Self.running, to: failed)
        let labels = ["agents", "qa"]
        #expect(
            measures.take([ended], at: Self.at(0)) == [
                Measurement(ProductMetrics.finished, labels + ["Failed"]),
                Measurement(ProductMetrics.attempts, labels + ["Failed", "Timeout"]),
                Measurement(ProductMetrics.attemptTime, labels + ["Failed"], 7),
            ])
        let again = Change<BackgroundTask>.changed(from: failed, to: failed)
        #expect(measures.take([again], at: Self.at(1)).isEmpty)
    }

    @Test func `a checkpoint is counted with its bytes when it is a new one`() {
        var measures = TaskMeasures()
        var kept = Self.running
        kept.status.checkpoint = .init(sequence: 1, bytes: 2_048, digest: "d")
        let change = Change<BackgroundTask>.changed(from: Self.running, to: kept)
        #expect(
            measures.take([change], at: Self.at(0)).map(\.amount) == [1, 2_048])
        let same = Change<BackgroundTask>.changed(from: kept, to: kept)
        #expect(measures.take([same], at: Self.at(1)).isEmpty)
    }

    @Test func `a picture says who waits, who works, and for whom`() {
        var pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "agents", uid: UID("p")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        pool.spec.slotsPerAgent = 3
        pool.status.readyReplicas = 2
        pool.status.desiredReplicas = 4
        pool.status.busyAgents = 1
        var queued = Self.task("u2") { status in
            status.phase = .queued
            status.lastQueuedTime = Timestamp(seconds: 60)
        }
        queued.metadata = ObjectMeta(name: "t2", namespace: "other", uid: UID("u2"))
        let namespace = NamespaceView(
            metadata: ObjectMeta(name: "team", labels: ["swiftlet.dev/tenant": "payments"]))
        let view = ClusterView.of([pool, Self.running, queued, namespace])
        let gauges = ClusterGauges.read(view, at: Timestamp(seconds: 90))
        func value(_ family: MetricFamily, _ labels: String...) -> Double? {
            gauges.first { $0.family == family.name && $0.labels == labels }?.amount
        }
        #expect(value(ProductMetrics.tasks, "agents", "qa", "Running") == 1)
        #expect(value(ProductMetrics.tasks, "agents", "qa", "Queued") == 1)
        #expect(value(ProductMetrics.tasks, "agents", "qa", "Failed") == 0)
        #expect(value(ProductMetrics.slots, "agents", "qa", "used") == 1)
        #expect(value(ProductMetrics.slots, "agents", "qa", "free") == 5)
        #expect(value(ProductMetrics.oldest, "agents", "qa") == 30)
        #expect(value(ProductMetrics.desired, "agents", "qa") == 4)
        #expect(value(ProductMetrics.agents, "agents", "qa", "Busy") == 1)
        #expect(value(ProductMetrics.tenantSlots, "payments") == 1)
        #expect(value(ProductMetrics.tenantQueue, "namespace/other") == 1)
        let families = Set(ClusterGauges.families.map(\.name))
        let labels = Dictionary(
            uniqueKeysWithValues: ProductMetrics.all.map { ($0.name, $0.labels.count) })
        for gauge in gauges {
            #expect(families.contains(gauge.family) && labels[gauge.family] == gauge.labels.count)
        }
    }

    @Test func `what agents use is summed for their pool, and for no other agents`() {
        func agent(
            _ name: String, of pool: String, session uid: String? = nil, disk: Int? = nil
        ) -> [any ClusterObject] {
            let owner = OwnerReference(
                apiVersion: BackgroundAgentPool.type.apiVersion,
                kind: BackgroundAgentPool.type.kind, name: pool, uid: UID(pool))
            let pod = PodView(
                metadata: ObjectMeta(
                    name: name, namespace: "agents", uid: UID(name), owners: [owner]),
                phase: .running)
            let request = SyncRequest(
                namespace: "agents", pod: name, instance: "i", sequence: 1, slots: 1,
                usage: .init(cpuMillis: 250, memoryBytes: 1 << 20, diskBytes: disk))
            let session = AgentSession(
                podUID: UID(uid ?? name), request: request, at: Timestamp(seconds: 1))
            return [pod, session]
        }
        let limited: JSONValue = [
            "spec": ["containers": [["resources": ["limits": ["cpu": "500m", "memory": "?"]]]]]
        ]
        let pools = ["qa", "idle", "limited"].map { name in
            BackgroundAgentPool(
                metadata: ObjectMeta(name: name, namespace: "agents", uid: UID(name)),
                spec: BackgroundAgentPoolSpec(template: name == "limited" ? limited : [:]))
        }
        let view = ClusterView.of(
            pools + agent("a", of: "qa") + agent("b", of: "qa", disk: 7)
                + agent("c", of: "qa", session: "c-before") + agent("d", of: "other")
                + agent("e", of: "limited", disk: 1))
        let gauges = ClusterGauges.read(view, at: Timestamp(seconds: 90))
        func value(_ family: MetricFamily, _ pool: String) -> Double? {
            gauges.first { $0.family == family.name && $0.labels == ["agents", pool] }?.amount
        }
        #expect(value(ProductMetrics.usedProcessors, "qa") == 0.5)
        #expect(value(ProductMetrics.usedMemory, "qa") == Double(2 << 20))
        #expect(value(ProductMetrics.usedDisk, "qa") == 7)
        #expect(value(ProductMetrics.usedMemory, "idle") == nil, "nobody has said anything")
        #expect(value(ProductMetrics.grantedMemory, "idle") == nil)
        #expect(value(ProductMetrics.grantedProcessors, "qa") == 4, "two each, unless said")
        #expect(value(ProductMetrics.grantedDisk, "qa") == Double(4 << 30), "one tells its disk")
        #expect(value(ProductMetrics.grantedProcessors, "limited") == 0.5)
        #expect(value(ProductMetrics.grantedMemory, "limited") == nil, "it is no quantity")
        #expect(value(ProductMetrics.grantedDisk, "limited") == nil, "it has no limit")
    }

    @Test func `numbers that nobody would believe do no harm`() {
        var pool = BackgroundAgentPool(
            metadata: ObjectMeta(name: "qa", namespace: "agents", uid: UID("p")),
            spec: BackgroundAgentPoolSpec(template: [:]))
        pool.spec.slotsPerAgent = Int.max
        pool.status.readyReplicas = Int.max
        #expect(!ClusterGauges.read(.of([pool]), at: Timestamp(seconds: 0)).isEmpty)
    }
}
