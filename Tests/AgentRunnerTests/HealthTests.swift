import AgentProtocol
import Glibc
import KubernetesCore
import Locking
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import AgentRunner

struct HealthTests {
    private let begin = Instant(nanoseconds: 1_000_000_000_000)

    @Test func `a runner is live while its main loop does something`() {
        var vitals = RunnerVitals(progressAt: begin)
        #expect(vitals.answer(to: "/livez", at: begin + .seconds(30))?.status == 200)
        #expect(vitals.answer(to: "/livez", at: begin + .seconds(31))?.status == 503)
        vitals.isDraining = true
        #expect(vitals.answer(to: "/livez", at: begin)?.status == 200)
        #expect(vitals.answer(to: "/", at: begin)?.status == 404)
    }

    @Test func `a runner is ready from the gateway's first answer until it is asked to end`() {
        var vitals = RunnerVitals(progressAt: begin)
        #expect(vitals.answer(to: "/readyz", at: begin) == nil, "it may become ready in a moment")
        vitals.isRegistered = true
        #expect(vitals.answer(to: "/readyz", at: begin)?.status == 200)
        #expect(vitals.answer(to: "/readyz", at: begin + .seconds(31))?.status == 503)
        vitals.isDraining = true
        #expect(vitals.answer(to: "/readyz", at: begin)?.status == 503)
    }

    @Test func `a runner says of itself whether it lives and takes tasks`() async throws {
        let port = try Self.freePort()
        try await RunnerScene.run(environment: [
            "SWIFTLET_HEALTH_PORT": String(port), "SWIFTLET_POD_IP": "127.0.0.1",
            "SWIFTLET_HEARTBEAT_SECONDS": "120",
        ]) { scene in
            await scene.gateway.until { $0.assumeIsolated { $0.latest != nil } }
            try await Self.eventually(port, "/livez", "200")
            // However long the gateway keeps a call that brings no news.
            try await Self.eventually(port, "/readyz", "200")
            // The gateway goes away: that is not the runner's failure.
            await scene.gateway.fail(true)
            #expect(try await Self.ask(port, "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n") == "200")
            await scene.gateway.fail(false)
            // Asked to end, with an attempt that takes its time.
            let id = LeaseID(taskUID: UID("t1"), attempt: 1)
            await scene.gateway.give(
                id, RunnerScene.script("trap 'sleep 2; exit 0' TERM; touch x; sleep 20 & wait"))
            await scene.gateway.until {
                $0.assumeIsolated { $0.latest?.reports.first?.startedAt != nil }
            }
            scene.runner.shutdown()
            try await Self.eventually(port, "/readyz", "503")
            try await Self.eventually(port, "/livez", "200")
        }
    }

    @Test func `a main loop that hangs is told, and one that has not registered is waited for`()
        async throws
    {
        let signs = VitalSigns(at: SystemClock.now.instant + .seconds(-60))
        let limits = HealthListener.Limits(patience: .milliseconds(100))
        let channel = try await HealthListener(signs: signs, limits: limits)
            .listen(host: "127.0.0.1", port: 0)
        let port = try #require(channel.localAddress?.port)
        #expect(try await Self.ask(port, "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n") == "503")
        signs.note(at: SystemClock.now.instant, isDraining: false, hasAnswer: false)
        #expect(try await Self.ask(port, "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n") == "200")
        #expect(try await Self.ask(port, "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n") == "503")
        try await channel.close()
        let patient = try await HealthListener(
            signs: signs, limits: HealthListener.Limits(patience: .seconds(60))
        ).listen(host: "127.0.0.1", port: 0)
        let second = try #require(patient.localAddress?.port)
        async let answer = Self.ask(second, "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n")
        signs.note(at: SystemClock.now.instant, isDraining: false, hasAnswer: true)
        #expect(try await answer == "200")
        try await patient.close()
    }

    @Test(arguments: [
        "POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n", "nonsense\r\n\r\n",
        "GET /secret HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nx: " + String(repeating: "a", count: 20_000) + "\r\n\r\n",
        "GET /livez HTTP/1.1\r\n",
    ])
    func `whatever a stranger sends is refused or cut off, and probes are answered`(
        request: String
    ) async throws {
        let signs = VitalSigns(at: SystemClock.now.instant + .seconds(600))
        let limits = HealthListener.Limits(lifetime: .seconds(3))
        let channel = try await HealthListener(signs: signs, limits: limits)
            .listen(host: "127.0.0.1", port: 0)
        let port = try #require(channel.localAddress?.port)
        let answer = try await Self.ask(port, request)
        #expect(["", "400", "404", "405", "431"].contains(answer), "\(answer)")
        try await Self.eventually(port, "/livez", "200")
        try await channel.close()
    }

    @Test func `more connections than there are places are closed, and make room again`()
        async throws
    {
        let signs = VitalSigns(at: SystemClock.now.instant + .seconds(600))
        let limits = HealthListener.Limits(connections: 1, lifetime: .seconds(3))
        let channel = try await HealthListener(signs: signs, limits: limits)
            .listen(host: "127.0.0.1", port: 0)
        let port = try #require(channel.localAddress?.port)
        async let silent = Self.ask(port, "GET /livez")
        #expect(try await silent == "")
        try await Self.eventually(port, "/livez", "200")
        try await channel.close()
    }

    // MARK: - A caller

    private static func freePort() throws -> Int {
        let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? channel.close().wait() }
        return try #require(channel.localAddress?.port)
    }

    /// Asks until the status is `wanted`, at most 20 seconds.
    private static func eventually(_ port: Int, _ path: String, _ wanted: String) async throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(20)
        while true {
            let status = try? await ask(port, "GET \(path) HTTP/1.1\r\nhost: a\r\n\r\n")
            if status == wanted { return }
            try #require(clock.now < end, "\(path) answers \(status ?? "nothing")")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The status of the answer to these bytes; empty where the connection is closed without one.
    private static func ask(_ port: Int, _ request: String) async throws -> String {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let heard = Mutex("")
        do {
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                for try await part in inbound {
                    heard.withLock { $0 += String(buffer: part) }
                }
            }
        } catch {
            // A connection that is cut is as good as closed: what was said before counts.
            return heard.withLock { status(in: $0) }
        }
        return heard.withLock { status(in: $0) }
    }

    private static func status(in text: String) -> String {
        String(text.dropFirst("HTTP/1.1 ".count).prefix(3))
    }
}
