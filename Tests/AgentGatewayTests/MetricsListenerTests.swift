import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import AgentGateway

struct MetricsListenerTests {
    private let quiet = Logger(label: "metrics", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func `it says how the process is`() async throws {
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        let listener = MetricsListener(
            host: "127.0.0.1", port: 0,
            sources: .init(
                health: { nil }, readiness: { "pods have not been listed" },
                metrics: { _ in ("swiftlet_up 1\n", "text/plain; version=0.0.4") }),
            logger: quiet, onRunning: { tell.yield($0) })
        let group = ServiceGroup(services: [listener], logger: quiet)
        let running = Task { try await group.run() }
        for await port in ports {
            for (path, status, text) in [
                ("healthz", 200, "ok\n"), ("readyz", 503, "pods have not been listed\n"),
                ("metrics", 200, "swiftlet_up 1\n"),
            ] {
                let response = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(port)/\(path)"),
                    timeout: .init(GatewayScene.patience))
                #expect(response.status.code == status)
                let body = try await response.body.collect(upTo: 1_000)
                #expect(String(buffer: body) == text)
            }
            let second = MetricsListener(
                host: "127.0.0.1", port: port,
                sources: .init(health: { nil }, readiness: { nil }, metrics: { _ in ("", "") }),
                logger: quiet)
            let error = await #expect(throws: GatewayError.self) { try await second.run() }
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
            break
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }
}
