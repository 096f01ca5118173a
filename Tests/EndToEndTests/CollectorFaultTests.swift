import Foundation
import HTTPTypes
import Hummingbird
import LocalCluster
import Locking
import Logging
import Subprocess
import Testing

/// A collector of spans, the one outside service that the operator sends to, that misbehaves.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CollectorFaultTests {
    /// What a collector does, and what it has seen.
    private final class Collector: Sendable {
        enum Way: String, CaseIterable {
            case redirects, fails, refuses, hangs
        }

        private struct State {
            var way = Way.redirects
            var asked: [Way: Int] = [:]
            var trapped = 0
        }

        private let state = Mutex(State())

        func act(_ way: Way) { state.withLock { $0.way = way } }
        func asked(_ way: Way) -> Int { state.withLock { $0.asked[way, default: 0] } }
        /// How often somebody has followed the redirection.
        var trapped: Int { state.withLock { $0.trapped } }

        func note() -> Way {
            state.withLock { state in
                state.asked[state.way, default: 0] += 1
                return state.way
            }
        }

        func trap() { state.withLock { $0.trapped += 1 } }

        var router: Router<BasicRequestContext> {
            let router = Router()
            router.post("/v1/traces") { [self] request, _ -> Response in
                switch note() {
                case .redirects:
                    let host = request.head.authority ?? ""
                    return Response(
                        status: .temporaryRedirect,
                        headers: [.location: "http://\(host)/latest/meta-data/"])
                case .fails: return Response(status: .internalServerError)
                case .refuses:
                    return Response(status: .tooManyRequests, headers: [.retryAfter: "86400"])
                case .hangs:
                    // Longer than anybody waits; ends with the server.
                    try await Task.sleep(for: .seconds(600))
                    return Response(status: .ok)
                }
            }
            for method in [HTTPRequest.Method.get, .post] {
                router.on("/latest/meta-data", method: method) { [self] _, _ -> Response in
                    trap()
                    return Response(status: .ok)
                }
            }
            return router
        }
    }

    /// Serves `collector` on a port of its own for as long as the block runs.
    private static func serve(
        _ collector: Collector, _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let server = Application(
            router: collector.router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, logger: Logger(label: "collector") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            group.cancelAll()
        }
    }

    @Test func `H7: a collector that redirects, fails, refuses or hangs delays no task`()
        async throws
    {
        let collector = Collector()
        try await Self.serve(collector) { port in
            try await DevCluster.run(["--no-operator"]) { cluster in
                let run = OperatorRun(
                    cluster: cluster, gatewayPort: try LocalCluster.freePort(),
                    more: ["--otlp-endpoint", "http://127.0.0.1:\(port)"])
                try await run.run(endingWith: .terminate) {
                    try await cluster.kubectl("apply", "-f", "-", input: TracingTests.pool)
                    for way in Collector.Way.allCases {
                        collector.act(way)
                        let task = TracingTests.manifest.replacingOccurrences(
                            of: "name: traced\n  annotations", with: "name: \(way)\n  annotations")
                        try await cluster.kubectl("apply", "-f", "-", input: task)
                        try await cluster.kubectl(
                            "wait", "--for=condition=Complete", "bt/\(way)", "--timeout=60s")
                        try await cluster.eventually("the collector \(way)") {
                            collector.asked(way) > 0
                        }
                    }
                }
            }
        }
        #expect(collector.trapped == 0, "a redirection was followed")
    }
}
