import Foundation
import Hummingbird
import KubernetesCore
import LocalCluster
import Locking
import Logging
import Subprocess
import Testing

/// A trace that begins with whoever submits a task, goes through the attempt's own environment, and
/// ends at a collector.
@Suite(.serialized, .timeLimit(.minutes(3))) struct TracingTests {
    static let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    static let manifest = """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundTask
        metadata:
          name: traced
          annotations: {swiftlet.dev/traceparent: \(given)}
        spec:
          poolRef: {name: traced}
          command: [sh, -c, 'echo "trace=$TRACEPARENT"']
        """

    static let pool = """
        apiVersion: swiftlet.dev/v1alpha1
        kind: BackgroundAgentPool
        metadata: {name: traced}
        spec:
          replicas: 1
          template: {spec: {containers: [{name: agent, image: any}]}}
        """

    /// A collector of spans on a port of its own, for as long as the block runs.
    private static func collector(
        _ body: @Sendable (Int, @escaping @Sendable () -> [JSONValue]) async throws -> Void
    ) async throws {
        let received = Mutex<[JSONValue]>([])
        let (ports, port) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let router = Router()
        router.post("/v1/traces") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 1 << 20)
            let body = try JSONValue(parsing: Array(bytes.readableBytesView))
            let spans = body["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? []
            received.withLock { $0 += spans }
            return Response(status: .ok)
        }
        let server = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: Logger(label: "collector") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port) { received.withLock { $0 } }
            group.cancelAll()
        }
    }

    @Test func `a submitter's trace reaches the attempt, its Events and the collector`()
        async throws
    {
        try await Self.collector { port, received in
            try await DevCluster.run(["--no-operator"]) { cluster in
                let run = OperatorRun(
                    cluster: cluster, gatewayPort: try LocalCluster.freePort(),
                    more: ["--otlp-endpoint", "http://127.0.0.1:\(port)"])
                try await run.run(endingWith: .terminate) {
                    try await Self.work(cluster)
                    try await cluster.eventually("three spans have come") { received().count >= 3 }
                }
                try await Self.check(received(), on: cluster)
            }
        }
    }

    private static func work(_ cluster: DevCluster) async throws {
        try await cluster.kubectl("apply", "-f", "-", input: pool)
        try await cluster.kubectl("apply", "-f", "-", input: manifest)
        try await cluster.kubectl(
            "wait", "--for=condition=Complete", "bt/traced", "--timeout=60s")
    }

    private static func check(_ spans: [JSONValue], on cluster: DevCluster) async throws {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(spans.allSatisfy { $0["traceId"]?.string == trace })
        let root = try #require(spans.first { $0["name"] == "swiftlet.task" })
        #expect(root["parentSpanId"] == "00f067aa0ba902b7")
        let attempt = try #require(spans.first { $0["name"] == "swiftlet.attempt" })
        #expect(attempt["parentSpanId"] == root["spanId"])
        // The program's own trace is that of its attempt, and so is the log line's.
        let own = "00-\(trace)-\(attempt["spanId"]?.string ?? "")-01"
        let log = try await cluster.kubectl("logs", "-l", "swiftlet.dev/pool=traced")
        #expect(log.contains("\"line\":\"trace=\(own)\""), "\(log)")
        #expect(log.contains("\"traceparent\":\"\(own)\""), "\(log)")
        let events = try await cluster.object("events")["items"]?.array ?? []
        let about = events.filter { $0[path: ["involvedObject", "kind"]] == "BackgroundTask" }
        #expect(!about.isEmpty)
        let task = "00-\(trace)-\(root["spanId"]?.string ?? "")-01"
        let marks = about.map {
            $0[path: ["metadata", "annotations", "swiftlet.dev/traceparent"]]?.string
        }
        #expect(Set(marks) == [task])
    }
}
