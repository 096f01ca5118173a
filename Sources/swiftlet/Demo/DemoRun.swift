import FoundationEssentials
import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// What the demo does once its cluster answers: applies the samples, tells what becomes of them,
/// measures, and sums up.
struct DemoRun: Sendable {
    let manifests: ManifestSet
    let kubeconfigPath: String
    let limit: Duration
    let operatorLog: String

    /// Runs it; true where every sample ended as it was meant to.
    func run() async throws -> Bool {
        let client = try KubernetesClient(
            configuration: ClientConfiguration.load(kubeconfig: kubeconfigPath))
        var tracker = try TaskTracker(manifests: manifests.objects)
        Terminal.say("Applying \(manifests.objects.count) objects from the samples.\n")
        try await manifests.apply(with: client, as: "swiftlet-demo")
        let deadline = ContinuousClock.now + limit
        while !tracker.isFinished {
            guard ContinuousClock.now < deadline else {
                Terminal.say("\n\(tracker.summary)\n\nThe samples did not end within \(limit).")
                Terminal.say(lastLines(of: operatorLog))
                return false
            }
            try await follow(client, &tracker, until: deadline)
        }
        Terminal.say("\nEvery sample has ended.\n\n\(tracker.summary)\n")
        guard tracker.isAsExpected else {
            Terminal.say(
                "Not every sample ended as it was meant to.\n" + lastLines(of: operatorLog))
            return false
        }
        let figures = try await LatencyProbe(client: client, pool: "qa", namespace: "default")
            .measure(count: 50)
        Terminal.say(
            "From creation to running on a warm agent, over \(figures.count) tasks: "
                + "p50 \(milliseconds(figures.p50)), p99 \(milliseconds(figures.p99)).")
        Terminal.say("Every sample task ended as it was meant to.")
        return true
    }

    /// Lists tasks, then watches them for some seconds.
    private func follow(
        _ client: KubernetesClient, _ tracker: inout TaskTracker,
        until deadline: ContinuousClock.Instant
    ) async throws {
        let page: ListPage<BackgroundTask> = try await client.list(BackgroundTask.self)
        for task in page.items { tracker.note(task).map(Terminal.say) }
        if tracker.isFinished { return }
        let watch = try await client.watch(
            BackgroundTask.self,
            WatchQuery(resourceVersion: page.resourceVersion, timeoutSeconds: 5))
        for try await batch in watch {
            for event in batch {
                switch event {
                case .added(let task), .modified(let task): tracker.note(task).map(Terminal.say)
                default: break
                }
            }
            if tracker.isFinished || ContinuousClock.now > deadline { break }
        }
    }

    private func milliseconds(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    private func lastLines(of path: String) -> String {
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return "The operator's last words:\n"
                + text.split(separator: "\n").suffix(20).joined(separator: "\n")
        } catch {
            return "The operator's log \(path) cannot be read: \(error.systemReason)"
        }
    }
}
