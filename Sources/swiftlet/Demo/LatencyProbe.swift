import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Measures how long it takes from the creation of a task until it runs on a warm agent, as a
/// client of the API sees it.
struct LatencyProbe: Sendable {
    let client: KubernetesClient
    let pool: String
    let namespace: String

    /// What was measured, in milliseconds.
    struct Figures: Sendable {
        let count: Int
        let p50: Double
        let p99: Double
    }

    /// Creates `count` tasks one after the other and waits for each to run. Throws at the first one
    /// that does not run within ten seconds.
    func measure(count: Int) async throws -> Figures {
        let clock = ContinuousClock()
        var times: [Double] = []
        let page: ListPage<BackgroundTask> = try await client.list(
            BackgroundTask.self, in: Selection(namespace: namespace))
        let watch = try await client.watch(
            BackgroundTask.self, in: Selection(namespace: namespace),
            WatchQuery(resourceVersion: page.resourceVersion))
        var events = watch.makeAsyncIterator()
        for index in 0..<count {
            let name = "latency-\(index)"
            let start = clock.now
            _ = try await client.create(task(name), of: BackgroundTask.type)
            var isRunning = false
            while !isRunning {
                guard let batch = try await events.next() else {
                    throw CommandFailure("the watch of tasks ended while \(name) was waited for")
                }
                for case .modified(let task) in batch where task.metadata.name == name {
                    isRunning = isRunning || task.status.attempt > 0
                }
                guard clock.now - start < .seconds(10) else {
                    throw CommandFailure("\(name) did not run within 10 s")
                }
            }
            times.append((clock.now - start).inSeconds * 1_000)
        }
        times.sort()
        return Figures(
            count: count, p50: times[times.count / 2],
            p99: times[min(times.count - 1, times.count * 99 / 100)])
    }

    private func task(_ name: String) -> JSONValue {
        [
            "apiVersion": .string(BackgroundTask.type.apiVersion),
            "kind": .string(BackgroundTask.type.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": [
                "poolRef": ["name": .string(pool)], "command": ["true"],
                "ttlSecondsAfterFinished": 60,
            ],
        ]
    }
}
