import CurlTransport
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@Suite struct `Transfers that go wrong` {
    private let transport: CurlTransport

    init() throws { transport = try sharedTransport.get() }

    @Test func `a port where nobody listens is refused, and the message says where`() async throws {
        let server = LoopbackServer { _ in }
        let port = server.port
        server.stop()
        let error = try await failure(port, .quick(.calls))
        #expect(error.code == .refused)
        #expect(error.description.contains("127.0.0.1:\(port)"))
        #expect(!error.mayHaveTakenEffect)
    }

    @Test func `a name without an address is unresolved`() async throws {
        let server = try #require(HTTPServer("http://no-such-host.invalid:80"))
        let error = try await transportError { () throws(TransportError) in
            try await transport.send(
                HTTPRequest(method: .get, target: "/"), to: server, .quick(.calls))
        }
        #expect(error.code == .unresolved)
    }

    @Test func `a server that takes the request and closes has broken off`() async throws {
        let server = LoopbackServer { connection in _ = connection.readRequest() }
        let error = try await failure(server.port, .quick(.calls))
        #expect(error.code == .broken)
        #expect(error.mayHaveTakenEffect)
    }

    @Test(arguments: [true, false])
    func `what came before a break is delivered, then the break`(reset: Bool) async throws {
        let gate = Gate()
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            gate.pass()
            if reset { connection.reset() }
        }
        let response = try await open(server.port, .quick(.streams))
        var body = response.body.makeAsyncIterator()
        #expect(try await body.next() == Array("half".utf8))
        gate.open()
        let error = try await transportError { () throws(TransportError) in try await body.next() }
        #expect(error.code == .broken)
    }

    @Test func `a chunked answer without its end is a break`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            connection.writeChunk(Array("one".utf8))
        }
        let response = try await open(server.port, .quick(.streams))
        let error = try await transportError { () throws(TransportError) in
            try await response.body.collect(bytesMax: 1_000)
        }
        #expect(error.code == .broken)
    }

    @Test func `a server that never answers is given up after the limit for the head`() async throws
    {
        let server = LoopbackServer { $0.waitForClose() }
        let error = try await failure(
            server.port, .quick(.calls) { $0.head = .seconds(3) })
        #expect(error.code == .timeout)
        #expect(error.description.contains("3 s"))
        #expect(error.mayHaveTakenEffect)
    }

    @Test func `a TLS handshake that stalls is given up after the limit to connect`() async throws {
        let server = LoopbackServer { $0.waitForClose() }
        let address = try #require(HTTPServer("https://127.0.0.1:\(server.port)"))
        let error = try await transportError { () throws(TransportError) in
            try await transport.send(
                HTTPRequest(method: .get, target: "/"), to: address,
                .quick(.calls) { $0.connect = .milliseconds(150) })
        }
        #expect(error.code == .connectTimeout)
        #expect(!error.mayHaveTakenEffect)
    }

    @Test func `an answer that drips is given up after the limit for all of it`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            connection.writeChunk([0x61])
            connection.waitForClose()
        }
        let options = TransferOptions.quick(.calls) { $0.total = .seconds(2) }
        let error = try await transportError { () throws(TransportError) in
            try await open(server.port, options).body.collect(bytesMax: 1_000)
        }
        #expect(error.code == .timeout)
    }

    @Test func `a stream that falls silent is taken for dead`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            // In one piece: a slow machine must not make the silence begin in the middle.
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            connection.waitForClose()
        }
        let options = TransferOptions.quick(.streams) { $0.idle = .milliseconds(300) }
        let response = try await open(server.port, options)
        var body = response.body.makeAsyncIterator()
        #expect(try await body.next() == [0x61])
        let error = try await transportError { () throws(TransportError) in try await body.next() }
        #expect(error.code == .silent)
    }

    @Test func `cancelling before the head closes the connection`() async throws {
        let closed = Gate()
        let asked = Gate()
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            asked.open()
            connection.waitForClose()
            closed.open()
        }
        let call = Task { try await failure(server.port, .quick(.calls)) }
        await pass(asked)
        call.cancel()
        #expect(try await call.value.code == .cancelled)
        #expect(await pass(closed))
    }

    @Test func `cancelling while a body is read closes the connection`() async throws {
        let closed = Gate()
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            connection.waitForClose()
            closed.open()
        }
        let response = try await open(server.port, .quick(.streams))
        let reader = Task {
            try await transportError { () throws(TransportError) in
                try await response.body.collect(bytesMax: 1_000)
            }
        }
        reader.cancel()
        #expect(try await reader.value.code == .cancelled)
        #expect(await pass(closed))
    }

    @Test func `dropping an answer unread closes the connection`() async throws {
        let closed = Gate()
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            connection.waitForClose()
            closed.open()
        }
        _ = try await open(server.port, .quick(.streams))
        #expect(await pass(closed))
    }

    @Test func `dropping the transport ends what is under way`() async throws {
        let asked = Gate()
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            asked.open()
            connection.waitForClose()
        }
        var own: CurlTransport? = try CurlTransport()
        let address = try server.address
        let response = try await own?.send(
            HTTPRequest(method: .get, target: "/"), to: address, .quick(.streams))
        await pass(asked)
        own = nil
        let error = try await transportError { () throws(TransportError) in
            try await response?.body.collect(bytesMax: 1_000)
        }
        #expect(error.code == .stopped)
    }

    @Test func `a slow reader makes the sender wait, and nothing is lost`() async throws {
        let total = 48 << 20
        let sent = Mutex(0)
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 0x78, count: 1 << 16)
            for _ in 0..<total >> 16 {
                guard connection.write(piece) else { return }
                sent.withLock { $0 += piece.count }
            }
        }
        let options = TransferOptions.quick(.streams) { $0.bufferBytesMax = 1 << 20 }
        let response = try await open(server.port, options)
        // The sender is stuck once what it has sent stays the same for a while.
        var before = -1
        var now = sent.withLock { $0 }
        while before != now {
            before = now
            await pass(after: 100)
            now = sent.withLock { $0 }
        }
        #expect(now < 24 << 20, "the buffers of both ends and one of ours, not the whole body")
        var count = 0
        for try await chunk in response.body {
            #expect(chunk.count <= 2 << 20)
            count += chunk.count
        }
        #expect(count == total)
    }

    @discardableResult
    private func pass(_ gate: Gate) async -> Bool {
        await withCheckedContinuation { waiter in
            detach { waiter.resume(returning: gate.pass()) }
        }
    }

    /// Lets real time go by, where a test is about nothing happening in it.
    private func pass(after milliseconds: Int) async {
        try? await Task.sleep(for: .milliseconds(milliseconds))
    }

    private func open(
        _ port: Int, _ options: TransferOptions
    ) async throws(TransportError) -> HTTPResponse {
        guard let server = HTTPServer("http://127.0.0.1:\(port)") else {
            throw TransportError(.malformed, endpoint: "", "no address")
        }
        return try await transport.send(
            HTTPRequest(method: .get, target: "/"), to: server, options)
    }

    private func failure(_ port: Int, _ options: TransferOptions) async throws -> TransportError {
        try await transportError { () throws(TransportError) in try await open(port, options) }
    }
}
