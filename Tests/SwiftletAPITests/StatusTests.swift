import KubernetesCore
import SwiftletAPI
import Testing

@Suite struct StatusTests {
    private static let time = Timestamp(nanoseconds: 1_800_000_000_123_456_789)

    @Test func `a pool's status reads back as it was written, and fits the schema`() throws {
        var status = BackgroundAgentPoolStatus()
        status.observedGeneration = 3
        status.replicas = 5
        status.selector = "a=b"
        status.templateRevision = "x"
        status.tenant = "blue"
        status.queue.queued = 4
        status.totals.retried = 2
        var performance = BackgroundAgentPoolStatus.Performance()
        performance.p95DurationSeconds = 1.5
        status.performance = performance
        status.resources.requested = ["cpu": "1"]
        status.agents = [
            .init(
                name: "a", state: .busy, health: "Healthy", tasks: 1, lastHeartbeatTime: Self.time,
                restarts: 2, cpu: "5m", memory: "1Mi")
        ]
        status.autoscaling = .init(
            observedReplicas: 5, lastScaleTime: Self.time, belowSince: Self.time, belowPeak: 3,
            reason: "Backlog")
        status.restarts.times = [Self.time]
        status.restarts.probingSince = Self.time
        status.lastUpdateTime = Self.time
        status.conditions.set(
            "Ready", .yes, reason: "R", message: "m", at: Self.time, generation: 3)
        let back = try BackgroundAgentPoolStatus(
            reading: JSONDocument(parsing: status.json.encoded()).root)
        #expect(back.json == status.json)
        #expect(back.agents.count == 1 && back.autoscaling?.belowPeak == 3)
        var object = SchemaTests.pool()
        object["status"] = status.json
        #expect(try SchemaTests.faults(object) == [])
        let pruned = CustomResourceDefinitions.poolSchema.pruned(object).unknownFields
        #expect(!pruned.contains { $0.hasPrefix("status") })
    }

    @Test func `a task's status reads back as it was written, and fits the schema`() throws {
        var status = BackgroundTaskStatus()
        let agent = BackgroundTaskStatus.Agent(
            name: "p", uid: UID("u"), node: "n", namespace: "shared")
        status.phase = .running
        status.reason = "Running"
        status.message = "It runs."
        status.pool = .init(name: "qa", namespace: "shared")
        status.queue = .init(position: 3, blockedBy: ["x"])
        status.attempt = 2
        status.agent = agent
        status.progress = .init(percent: 40, message: "half")
        status.checkpoint = .init(sequence: 1, bytes: 9, digest: "sha256:0", time: Self.time)
        for field: WritableKeyPath<BackgroundTaskStatus, Timestamp?> in [
            \.queuedTime, \.lastQueuedTime, \.startTime, \.completionTime, \.notBefore,
            \.stopRequestedTime, \.withdrawnTime,
        ] { status[keyPath: field] = Self.time }
        status.retries = 1
        status.infrastructureLosses = 2
        status.result = ["ok": true]
        status.failure = .init(
            class: .timeout, reason: "TimedOut", exitCode: 143, message: "m", logTail: "…")
        status.attempts = [
            .init(
                number: 1, agent: agent, startTime: Self.time, completionTime: Self.time,
                outcome: .lost, failure: .init(class: .infrastructure, reason: "PodGone"))
        ]
        status.strategy = .init(
            action: .retryOnFreshAgent, timeoutSeconds: 900, avoidAgents: ["u"],
            avoidNodes: ["n"], reason: "why")
        status.conditions.set(
            "Complete", .no, reason: "R", message: "m", at: Self.time, generation: 1)
        let back = try BackgroundTaskStatus(
            reading: JSONDocument(parsing: status.json.encoded()).root)
        #expect(back.json == status.json)
        #expect(back.attempts.first?.outcome == .lost && back.agent == agent)
        var object = SchemaTests.task()
        object["status"] = status.json
        #expect(try SchemaTests.faults(object) == [])
        let pruned = CustomResourceDefinitions.taskSchema.pruned(object).unknownFields
        #expect(!pruned.contains { $0.hasPrefix("status") })
    }

    @Test func `a condition's time moves with its status alone`() {
        var conditions: [Condition] = []
        func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }
        conditions.set("Ready", .no, reason: "A", message: "a", at: at(1), generation: 1)
        conditions.set("Ready", .no, reason: "B", message: "b", at: at(2), generation: 2)
        #expect(conditions["Ready"]?.lastTransitionTime == at(1))
        #expect(conditions["Ready"]?.reason == "B" && conditions["Ready"]?.observedGeneration == 2)
        conditions.set("Ready", .yes, reason: "C", message: "c", at: at(3), generation: 2)
        #expect(conditions["Ready"]?.lastTransitionTime == at(3) && conditions.count == 1)
        let long = String(repeating: "x", count: 5_000)
        conditions.set("Ready", .yes, reason: "C", message: long, at: at(4), generation: 2)
        #expect(conditions["Ready"]?.message.count == 1_024)
    }

    @Test func `a terminal phase is an end`() {
        #expect(
            TaskPhase.allCases.filter(\.isTerminal) == [.succeeded, .failed, .cancelled])
    }
}
