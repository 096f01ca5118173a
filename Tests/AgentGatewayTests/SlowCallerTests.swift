import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Testing

@testable import AgentGateway

/// Callers that take their time, or send more than anybody needs.
struct SlowCallerTests {
    /// A request whose body begins and never ends.
    private func endless(_ scene: GatewayScene, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "https://localhost:\(scene.port)\(path)")
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer " + FakeWorld.token)
        request.headers.add(name: "content-type", value: "application/json")
        let (parts, tell) = AsyncStream.makeStream(of: ByteBuffer.self)
        tell.yield(ByteBuffer(string: "{"))
        request.body = .stream(parts, length: .known(Int64(100)))
        return request
    }

    @Test(arguments: ["/v1/sync", "/mcp"])
    func `H4: a body that does not come is given up, and others are answered`(path: String)
        async throws
    {
        var limits = GatewayLimits()
        limits.bodyTime = .milliseconds(400)
        try await GatewayScene.run(limits: limits) { scene in
            let slow = try GatewayScene.client(trusting: scene.server.caPEM)
            async let answer = slow.execute(
                endless(scene, path), timeout: .init(GatewayScene.patience))
            #expect(try await scene.sync(scene.request()).status == 200)
            #expect(try await answer.status.code == 408)
            try await slow.shutdown()
        }
    }

    @Test func `H4: headers without end are refused, and others are answered`() async throws {
        try await GatewayScene.run { scene in
            let greedy = try scene.impatientClient()
            let header = ("x-long", String(repeating: "a", count: 1 << 20))
            let code = try? await scene.call(
                "POST", "/mcp", body: [], headers: [header], with: greedy
            ).status
            #expect(code == nil || (400..<500).contains(code ?? 0))
            #expect(try await scene.sync(scene.request()).status == 200)
            try await greedy.shutdown()
        }
    }

    @Test func `H4: connections beyond the limit wait, and are served when others end`()
        async throws
    {
        var limits = GatewayLimits()
        limits.connectionsMax = 1
        try await GatewayScene.run(limits: limits) { scene in
            let first = try GatewayScene.client(trusting: scene.server.caPEM)
            #expect(
                try await scene.call("GET", "/nothing", with: first).status == 404)
            async let second = scene.call("GET", "/nothing")
            try await first.shutdown()
            #expect(try await second.status == 404)
        }
    }
}
