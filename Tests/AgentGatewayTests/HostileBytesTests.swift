import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentGateway

/// Callers that speak HTTP in ways that no client does: over a real socket, byte by byte.
struct HostileBytesTests {
    /// A request that would be taken in, were it read as one of its own.
    private func hidden(_ scene: GatewayScene, _ sequence: Int = 1) -> String {
        let body = String(decoding: scene.request(sequence).json.encoded(), as: UTF8.self)
        return "POST /v1/sync HTTP/1.1\r\nHost: localhost\r\n"
            + "Authorization: Bearer \(FakeWorld.token)\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    private func caller(_ scene: GatewayScene) -> RawCaller {
        RawCaller(port: scene.port, authority: scene.server.caPEM)
    }

    /// Whether others are answered. Where patience is short, a machine that is busy may lose a
    /// connection of theirs, too: they try again.
    private func isAnswering(_ scene: GatewayScene) async throws -> Bool {
        let end = ContinuousClock.now + GatewayScene.patience
        var calls = 0
        while true {
            calls += 1
            do {
                return try await scene.sync(scene.request(calls)).status == 200
            } catch  where ContinuousClock.now < end {
                continue
            }
        }
    }

    private func head(_ lines: String...) -> String {
        (["POST /v1/sync HTTP/1.1", "Host: localhost"] + lines).map { $0 + "\r\n" }.joined()
    }

    /// Heads about whose body, or whose end, two readers could differ; each with what it calls a
    /// body.
    private var ambiguous: [(name: String, bytes: String)] {
        let chunked = "0\r\n\r\n"
        return [
            (
                "length and chunks",
                head("Content-Length: 5", "Transfer-Encoding: chunked") + "\r\n" + chunked
            ),
            (
                "chunks and length",
                head("Transfer-Encoding: chunked", "Content-Length: 5") + "\r\n" + chunked
            ),
            ("two lengths", head("Content-Length: 5", "Content-Length: 0") + "\r\n12345"),
            ("a list of lengths", head("Content-Length: 5, 0") + "\r\n12345"),
            ("a length with a sign", head("Content-Length: +5") + "\r\n12345"),
            ("a negative length", head("Content-Length: -1") + "\r\n"),
            ("a length in hexadecimal", head("Content-Length: 0x5") + "\r\n12345"),
            ("a length in two parts", head("Content-Length: 0 5") + "\r\n12345"),
            ("a length without end", head("Content-Length: 99999999999999999999999") + "\r\n"),
            ("an empty length", head("Content-Length:") + "\r\n"),
            ("an unknown coding", head("Transfer-Encoding: xchunked") + "\r\n" + chunked),
            (
                "chunks that are not last",
                head("Transfer-Encoding: chunked, identity") + "\r\n" + chunked
            ),
            ("a space before the colon", head("Transfer-Encoding : chunked") + "\r\n" + chunked),
            ("a folded length", head("Content-Length:\r\n 5") + "\r\n12345"),
            (
                "a folded field",
                head("X-Long: a\r\n Content-Length: 5", "Content-Length: 0") + "\r\n"
            ),
            ("a field that begins with a space", head(" Content-Length: 5") + "\r\n12345"),
            (
                "a line that ends with a line feed alone",
                head("X-A: b\nContent-Length: 5") + "\r\n12345"
            ),
            (
                "an end of line feeds alone",
                "POST /v1/sync HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n"
            ),
            ("a carriage return in a field", head("X-A: b\rContent-Length: 5") + "\r\n12345"),
            ("a null byte in a field", head("X-A: b\u{0}c") + "\r\n"),
            (
                "a chunk of a size that is none",
                head("Transfer-Encoding: chunked") + "\r\n5;\n12345\r\n0\r\n\r\n"
            ),
            ("a chunk of a negative size", head("Transfer-Encoding: chunked") + "\r\n-1\r\n\r\n"),
            (
                "a chunk of endless size",
                head("Transfer-Encoding: chunked") + "\r\nFFFFFFFFFFFFFFFFF\r\n"
            ),
            (
                "a chunk that is longer than it says",
                head("Transfer-Encoding: chunked") + "\r\n1\r\n12\r\n0\r\n\r\n"
            ),
            ("a version that nobody speaks", "POST /v1/sync HTTP/9.9\r\nHost: localhost\r\n\r\n"),
        ]
    }

    @Test
    func `H4: what two readers would cut differently is refused, and nothing behind it is done`()
        async throws
    {
        try await GatewayScene.run { scene in
            for (name, bytes) in ambiguous {
                let outcome = try await caller(scene).send([Array((bytes + hidden(scene)).utf8)])
                #expect(outcome.isClosed, "\(name): the connection stays open")
                #expect(
                    outcome.codes.allSatisfy { (400..<500).contains($0) },
                    "\(name): \(outcome.text)")
                // Where only the body is broken, the head may have been answered already.
                #expect(outcome.codes.count <= 2, "\(name): \(outcome.text)")
                #expect(outcome.codes.last == 400, "\(name): \(outcome.text)")
                #expect(await scene.world.sessions.isEmpty, "\(name): what was hidden was read")
            }
            #expect(try await scene.sync(scene.request()).status == 200)
        }
    }

    @Test func `a request that says plainly where it ends is answered, and so is the next one`()
        async throws
    {
        try await GatewayScene.run { scene in
            let last = hidden(scene, 2).replacing(
                "Host: localhost", with: "Host: a\r\nConnection: close")
            let outcome = try await caller(scene).send([Array((hidden(scene) + last).utf8)])
            #expect(outcome.codes == [200, 200], "\(outcome.text)")
        }
    }

    @Test func `H4: too many fields, and fields and targets that are too long, are refused`()
        async throws
    {
        try await GatewayScene.run { scene in
            let limits = GatewayLimits()
            let many = (0...limits.fieldsMax).map { "X-\($0): a\r\n" }.joined()
            let long = "X: \(String(repeating: "a", count: limits.fieldBytesMax + 1))\r\n"
            let target = "GET /\(String(repeating: "a", count: 1 << 20)) HTTP/1.1\r\n"
            for bytes in [
                head() + many + "\r\n", head() + long + "\r\n", target + "Host: a\r\n\r\n",
            ] {
                let outcome = try await caller(scene).send([Array(bytes.utf8)])
                #expect(outcome.isClosed)
                #expect(outcome.codes.count <= 1)
                #expect(outcome.codes.allSatisfy { (400..<500).contains($0) }, "\(outcome.text)")
            }
            #expect(try await scene.sync(scene.request()).status == 200)
        }
    }

    @Test func `H4: a head that comes byte by byte is given up, and others are answered`()
        async throws
    {
        var limits = GatewayLimits()
        limits.idleTime = .seconds(2)
        try await GatewayScene.run(limits: limits) { scene in
            // A byte every 50 ms for far longer than the server's patience.
            let endless = Array((head() + String(repeating: "X-A: b\r\n", count: 200)).utf8)
            async let slow = caller(scene).send(endless.map { [$0] }, pause: .milliseconds(50))
            #expect(try await isAnswering(scene))
            let outcome = try await slow
            #expect(outcome.isClosed && outcome.codes.isEmpty, "\(outcome.text)")
        }
    }

    @Test func `H4: a connection that says nothing, or nothing of TLS, is given up`() async throws {
        var limits = GatewayLimits()
        limits.idleTime = .milliseconds(400)
        try await GatewayScene.run(limits: limits) { scene in
            let mute = RawCaller(port: scene.port, authority: nil)
            // The first bytes of a handshake that never goes on.
            for bytes in [[], [0x16, 0x03, 0x01], Array("GET / HTTP/1.1\r\n\r\n".utf8)] {
                let outcome = try await mute.send([bytes])
                #expect(outcome.isClosed && outcome.codes.isEmpty, "no plain text is spoken")
            }
            #expect(try await isAnswering(scene))
        }
    }

    @Test func `H4: HTTP/2 is not offered, so no resets and no endless heads of it reach anybody`()
        async throws
    {
        try await GatewayScene.run { scene in
            var caller = caller(scene)
            caller.offered = ["h2", "http/1.1"]
            let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
            let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
            // A head that is reset at once, and one that goes on without end.
            let reset: [UInt8] =
                [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x82] + [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8]
            let endless: [UInt8] = [0, 0, 1, 9, 0, 0, 0, 0, 1, 0x82]
            for flood in [reset, endless] {
                let frames = Array(repeating: flood, count: 2_000).flatMap { $0 }
                let outcome = try await caller.send([preface + settings + frames])
                #expect(outcome.agreed != "h2")
                #expect(outcome.isClosed)
                #expect(outcome.codes.count <= 1, "\(outcome.text)")
                #expect(outcome.codes.allSatisfy { (400..<500).contains($0) }, "\(outcome.text)")
            }
            #expect(try await scene.sync(scene.request()).status == 200)
        }
    }
}
