import FoundationEssentials
import KubernetesClient
import KubernetesCore
import Locking

/// Writes to an API server from several connections at once, and watches it, and counts.
struct ServerBench: Sendable {
    /// One for each connection.
    let clients: [KubernetesClient]
    /// How long each kind of request is measured.
    let seconds: Int

    private static let namespace = "swiftlet-bench"
    private static let task = ResourceType(
        group: "swiftlet.dev", version: "v1alpha1", kind: "BackgroundTask",
        plural: "backgroundtasks")

    /// Makes the namespace for the objects.
    func prepare() async throws {
        guard let client = clients.first else { return }
        _ = try await client.create(
            [
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": .string(Self.namespace)],
            ], of: .namespace)
    }

    /// Deletes the namespace, and with it the objects.
    func finish() async throws {
        guard let client = clients.first else { return }
        _ = try await client.delete(
            ObjectRef(type: .namespace, namespace: "", name: Self.namespace))
    }

    /// Runs `request` on every connection, one after the other on each, for the time; returns how
    /// many there were a second.
    private func rate(
        _ request: @escaping @Sendable (KubernetesClient, Int, Int) async throws -> Void
    ) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        try await request(client, index, count)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let time = clock.now - start
        let took = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return (Double(total) / took).rounded()
    }

    private static func configMap(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": ["app": "bench", "tier": "one"],
            ],
            "data": ["text": .string(String(repeating: "bench ", count: 100)), "count": "0"],
        ]
    }

    /// Creates config maps of about 1 KiB.
    func creates() async throws -> Double {
        try await rate { client, connection, count in
            _ = try await client.create(
                Self.configMap("c-\(connection)-\(count)"), of: .configMap)
        }
    }

    /// Changes one field of an object of each connection's own, with a merge patch.
    func patches() async throws -> Double {
        try await rate { client, connection, count in
            _ = try await client.patch(
                ObjectRef(
                    type: .configMap, namespace: Self.namespace, name: "c-\(connection)-0"),
                ["data": ["count": .string(String(count))]])
        }
    }

    /// Creates background tasks: validated against a schema with rules.
    func taskCreates() async throws -> Double {
        try await rate { client, connection, count in
            _ = try await client.create(
                [
                    "apiVersion": "swiftlet.dev/v1alpha1", "kind": "BackgroundTask",
                    "metadata": [
                        "name": .string("t-\(connection)-\(count)"),
                        "namespace": .string(Self.namespace),
                    ],
                    "spec": [
                        "poolRef": ["name": "none"], "command": ["sh", "-c", "true"],
                        "priority": 5, "retry": ["maxRetries": 2],
                    ],
                ], of: Self.task)
        }
    }

    /// Reads one object.
    func gets() async throws -> Double {
        try await rate { client, connection, _ in
            _ = try await client.value(
                .get(
                    ObjectRef(
                        type: .configMap, namespace: Self.namespace, name: "c-\(connection)-0")))
        }
    }

    /// Opens watches over many objects, changes some, and waits until every watch has seen every
    /// change.
    func watches(_ watchers: Int, objects: Int, changes: Int) async throws -> JSONValue {
        let clock = ContinuousClock()
        try await makeObjects(objects)
        guard let client = clients.first else { return [:] }
        let list = try await client.value(
            .list(
                .configMap, in: Selection(namespace: Self.namespace, labels: "of=watches"),
                ListQuery(limit: 1)))
        let version = ResourceVersion(list["metadata"]?["resourceVersion"]?.string ?? "")
        let seen = Tally()
        let opened = Tally()
        let opening = clock.now
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<watchers {
                let client = clients[index % clients.count]
                group.addTask {
                    try await Self.watch(client, version, changes, opened: opened, seen: seen)
                }
            }
            while opened.count < watchers {
                guard clock.now - opening < .seconds(300) else {
                    throw CommandFailure(
                        "only \(opened.count) of \(watchers) watches were open after 300 s")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            let openTime = clock.now - opening
            let start = clock.now
            try await change(changes)
            let written = clock.now - start
            try await group.waitForAll()
            let took = clock.now - start
            return [
                "watchers": .int(watchers), "objects": .int(objects), "changes": .int(changes),
                "openMilliseconds": .int(Self.milliseconds(openTime)),
                "writeMilliseconds": .int(Self.milliseconds(written)),
                "seenMilliseconds": .int(Self.milliseconds(took)),
                "events": .int(seen.count),
            ]
        }
    }

    private static func milliseconds(_ time: Duration) -> Int {
        Int(time.components.seconds * 1_000 + time.components.attoseconds / 1_000_000_000_000_000)
    }

    private func makeObjects(_ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask { [clients] in
                    for number in stride(from: index, to: count, by: clients.count) {
                        var object = Self.configMap("w-\(number)")
                        object["metadata"]?["labels"] = ["of": "watches"]
                        _ = try await client.create(object, of: .configMap)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func change(_ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask { [clients] in
                    for number in stride(from: index, to: count, by: clients.count) {
                        _ = try await client.patch(
                            ObjectRef(
                                type: .configMap, namespace: Self.namespace,
                                name: "w-\(number)"), ["data": ["count": "1"]])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func watch(
        _ client: KubernetesClient, _ version: ResourceVersion, _ changes: Int,
        opened: Tally, seen: Tally
    ) async throws {
        let stream = try await client.watch(
            WatchedMap.self, in: Selection(namespace: namespace, labels: "of=watches"),
            WatchQuery(resourceVersion: version, bookmarks: false), idle: nil)
        opened.add(1)
        var count = 0
        var iterator = stream.makeAsyncIterator()
        while count < changes, let events = try await iterator.next() { count += events.count }
        seen.add(count)
    }
}

/// A watched object, of which only the metadata is read.
private struct WatchedMap: KubeObject {
    static let type = ResourceType.configMap
    let metadata: ObjectMeta

    init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: node.required("metadata"))
    }
}

/// Counts from several tasks.
private final class Tally: Sendable {
    private let total = Mutex(0)

    var count: Int { total.withLock { $0 } }

    func add(_ number: Int) { total.withLock { $0 += number } }
}
