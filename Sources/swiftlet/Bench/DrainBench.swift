import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Submits tasks to a pool of its own from several connections, follows them until all have ended,
/// and counts what was written meanwhile: every change of an object is an event of its watch.
struct DrainBench: Sendable {
    /// One for each connection.
    let clients: [KubernetesClient]
    let tasks: Int
    let agents: Int
    let slots: Int
    let image: String
    /// How long it may take.
    let limit: Duration

    private static let namespace = "swiftlet-drain"
    private static let pool = "drain"
    private static var everything: Selection { Selection(namespace: namespace) }

    /// What was seen of the tasks.
    private struct Progress {
        var ended: Set<String> = []
        var failed = 0
        /// Changes of tasks after they were made, by what they said.
        var writes: [String: Int] = [:]
    }

    /// Runs it; the figures.
    func run() async throws -> JSONValue {
        guard let client = clients.first else { throw CommandFailure("no connection is asked for") }
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        try await prepare(client)
        let figures: JSONValue
        do {
            try await awaitAgents(client, until: deadline)
            let poolBefore: BackgroundAgentPool = try await client.get(Self.key)
            let watch = try await watch(client)
            let revisionBefore = try await revision(client)
            let start = clock.now
            async let submitting: Duration = submit()
            var progress = Progress()
            for try await batch in watch {
                for event in batch { note(event, &progress) }
                if progress.ended.count >= tasks { break }
                guard clock.now < deadline else {
                    throw CommandFailure(
                        "\(progress.ended.count) of \(tasks) tasks had ended after \(limit)")
                }
            }
            let seconds = (clock.now - start).inSeconds
            let submitted = try await submitting
            let revisions = try await revision(client) - revisionBefore
            let events = try await client.listAll(EventCount.self, in: Self.everything)
            let poolAfter: BackgroundAgentPool = try await client.get(Self.key)
            figures = [
                "bench": "drain", "tasks": .int(tasks), "agents": .int(agents),
                "slots": .int(slots), "failed": .int(progress.failed),
                "seconds": .double(Self.rounded(seconds)),
                "submitSeconds": .double(Self.rounded(submitted.inSeconds)),
                "tasksPerSecond": .double(Self.rounded(Double(tasks) / seconds)),
                "writesPerTask": .double(
                    Self.rounded(
                        Double(progress.writes.values.reduce(0, +)) / Double(tasks))),
                "writesByReason": .object(Self.counts(progress.writes)),
                "eventObjects": .int(events.items.count),
                "otherWrites": .int(
                    max(0, revisions - tasks - progress.writes.values.reduce(0, +))),
                "schedulingP50Milliseconds": Self.number(
                    poolAfter.status.performance?.schedulingP50Milliseconds
                        ?? poolBefore.status.performance?.schedulingP50Milliseconds),
                "schedulingP99Milliseconds": Self.number(
                    poolAfter.status.performance?.schedulingP99Milliseconds),
            ]
        } catch {
            try await finish(client)
            throw error
        }
        try await finish(client)
        return figures
    }

    private static var key: Key<BackgroundAgentPool> { Key(namespace: namespace, name: pool) }

    /// Counts by reason, those that are most first.
    private static func counts(_ writes: [String: Int]) -> JSONObject {
        var result = JSONObject()
        for (reason, count) in writes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            result[reason] = .int(count)
        }
        return result
    }

    /// How many writes the cluster has seen so far, whoever made them.
    private func revision(_ client: KubernetesClient) async throws -> Int {
        let page: ListPage<BackgroundTask> = try await client.list(
            BackgroundTask.self, in: Self.everything)
        return Int(page.resourceVersion.text) ?? 0
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

    private static func number(_ number: Double?) -> JSONValue {
        number.map(JSONValue.double) ?? .null
    }

    private func prepare(_ client: KubernetesClient) async throws {
        _ = try await client.create(
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(Self.namespace)],
            ], of: .namespace)
        _ = try await client.create(
            [
                "apiVersion": .string(BackgroundAgentPool.type.apiVersion),
                "kind": .string(BackgroundAgentPool.type.kind),
                "metadata": [
                    "name": .string(Self.pool), "namespace": .string(Self.namespace),
                ],
                "spec": [
                    "replicas": .int(agents), "slotsPerAgent": .int(slots),
                    "autoscaling": ["enabled": false],
                    "template": [
                        "spec": ["containers": [["name": "agent", "image": .string(image)]]]
                    ],
                ],
            ], of: .backgroundAgentPool)
    }

    private func finish(_ client: KubernetesClient) async throws {
        _ = try await client.delete(
            ObjectRef(type: .namespace, namespace: "", name: Self.namespace))
    }

    /// Waits until every agent stands ready.
    private func awaitAgents(
        _ client: KubernetesClient, until deadline: ContinuousClock.Instant
    ) async throws {
        while true {
            let pool: BackgroundAgentPool = try await client.get(Self.key)
            if pool.status.idleAgents >= agents { return }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "only \(pool.status.readyReplicas) of \(agents) agents became ready: "
                        + (pool.status.conditions["Ready"]?.message ?? "the pool has no status"))
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func watch(_ client: KubernetesClient) async throws -> WatchStream<BackgroundTask> {
        let page: ListPage<BackgroundTask> = try await client.list(
            BackgroundTask.self, in: Self.everything)
        return try await client.watch(
            BackgroundTask.self, in: Self.everything,
            WatchQuery(resourceVersion: page.resourceVersion))
    }

    private func note(_ event: WatchEvent<BackgroundTask>, _ progress: inout Progress) {
        guard case .modified(let task) = event else { return }
        progress.writes[task.status.reason ?? task.status.phase.rawValue, default: 0] += 1
        guard task.isFinished, progress.ended.insert(task.metadata.name).inserted else { return }
        if task.status.phase != .succeeded { progress.failed += 1 }
    }

    /// Submits every task; how long that took.
    private func submit() async throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    for number in stride(from: index, to: tasks, by: clients.count) {
                        _ = try await client.create(Self.task(number), of: .backgroundTask)
                    }
                }
            }
            try await group.waitForAll()
        }
        return clock.now - start
    }

    private static func task(_ number: Int) -> JSONValue {
        [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind),
            "metadata": [
                "name": .string("drain-\(number)"), "namespace": .string(namespace),
            ],
            "spec": [
                "poolRef": ["name": .string(pool)], "command": ["true"],
                "retry": ["maxRetries": 0],
            ],
        ]
    }

    /// An Event, of which nothing but its being there counts.
    private struct EventCount: KubeObject {
        static let type = ResourceType(
            group: "events.k8s.io", version: "v1", kind: "Event", plural: "events")
        var metadata: ObjectMeta

        init(reading node: JSONNode) throws(JSONError) {
            metadata = try ObjectMeta(reading: try node.required("metadata"))
        }
    }
}
