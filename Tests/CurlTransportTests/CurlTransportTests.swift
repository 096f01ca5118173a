import CurlTransport
import KubernetesCore
import LoopbackTesting
import Testing

@Suite struct `Calls over a real socket` {
    private let transport: CurlTransport

    init() throws { transport = try sharedTransport.get() }

    @Test(arguments: [HTTPMethod.get, .post, .put, .patch, .delete])
    func `method, target, fields and body arrive as they were given`(_ method: HTTPMethod)
        async throws
    {
        let server = LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            let echo = [
                request.line, request.fields["x-test"] ?? "", request.fields["content-type"] ?? "",
                request.fields["expect"] ?? "none", String(decoding: request.body, as: UTF8.self),
            ]
            connection.answer("200 OK", ["X-Reply: yes"], echo.joined(separator: "|"))
        }
        let body = method == .get ? "" : #"{"a":1}"#
        let request = HTTPRequest(
            method: method, target: "/api/v1/pods?limit=5&x=%2F",
            fields: ["x-test": "ü", "content-type": "application/json"], body: Array(body.utf8))
        let response = try await transport.send(request, to: server.address, .quick(.calls))
        #expect(response.head.status == 200)
        #expect(response.head.fields["X-REPLY"] == "yes")
        let text = try await response.body.text()
        #expect(
            text
                == "\(method) /api/v1/pods?limit=5&x=%2F HTTP/1.1|ü|application/json|none|\(body)")
    }

    @Test func `two hundred calls at once are all answered`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                connection.answer("200 OK", [], request.target)
            }
        }
        let address = try server.address
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let request = HTTPRequest(method: .get, target: "/\(number)")
                    let options = TransferOptions.quick(.calls)
                    return try await transport.send(request, to: address, options).body.text()
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == Set((0..<200).map { "/\($0)" }))
        #expect(server.connectionCount <= 32)
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer("302 Found", ["Location: http://169.254.169.254/latest"], "")
        }
        let response = try await get("/", server)
        #expect(response.head.status == 302)
        #expect(server.connectionCount == 1)
    }

    @Test func `interim answers are passed over`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            connection.answer("201 Created", [], "done")
        }
        let response = try await get("/", server)
        #expect(response.head.status == 201)
        #expect(response.head.fields["link"] == nil)
        #expect(try await response.body.text() == "done")
    }

    @Test func `a compressed answer is unpacked`() async throws {
        let packed: [UInt8] = [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 215, 81, 200, 192, 73, 1, 0,
            188, 6, 68, 177, 33, 0, 0, 0,
        ]
        let server = LoopbackServer { connection in
            let request = connection.readRequest()
            guard request?.fields["accept-encoding"] == "gzip" else { return }
            connection.write(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                    + "Content-Length: \(packed.count)\r\n\r\n"
            )
            connection.write(packed)
        }
        let text = try await get("/", server).body.text()
        #expect(text == "hello, hello, hello, hello, hello")
    }

    @Test func `an answer that is larger than may be read is an error`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer("200 OK", [], String(repeating: "x", count: 100_000))
        }
        let error = try await transportError { () throws(TransportError) in
            try await get("/", server).body.collect(bytesMax: 1_000)
        }
        #expect(error.code == .tooLarge)
    }

    @Test func `an endless head is an error`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n")
            while connection.write("X: " + String(repeating: "y", count: 8_000) + "\r\n") {}
        }
        let error = try await transportError { () throws(TransportError) in
            try await get("/", server)
        }
        #expect(error.code == .malformed)
    }

    @Test func `no HTTP at all is an error`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n")
        }
        let error = try await transportError { () throws(TransportError) in
            try await get("/", server)
        }
        #expect(error.code == .malformed)
        #expect(error.description.contains("127.0.0.1:\(server.port)"))
    }

    @Test func `a proxy that refuses is named as the reason`() async throws {
        let proxy = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer("403 Forbidden", [], "no")
        }
        let server = try #require(
            HTTPServer("https://api.example:6443", proxy: "http://127.0.0.1:\(proxy.port)"))
        let error = try await transportError { () throws(TransportError) in
            try await transport.send(
                HTTPRequest(method: .get, target: "/"), to: server, .quick(.calls))
        }
        #expect(error.code == .proxy)
        #expect(error.description.contains("403"))
    }

    @Test func `a proxy is asked for the whole address`() async throws {
        let proxy = LoopbackServer { connection in
            let request = connection.readRequest()
            connection.answer("200 OK", [], request?.target ?? "")
        }
        let server = try #require(
            HTTPServer("http://api.example:8080/base", proxy: "http://127.0.0.1:\(proxy.port)"))
        let request = HTTPRequest(method: .get, target: "/version")
        let response = try await transport.send(request, to: server, .quick(.calls))
        #expect(try await response.body.text() == "http://api.example:8080/base/version")
    }

    private func get(
        _ target: String, _ server: LoopbackServer
    ) async throws(TransportError) -> HTTPResponse {
        guard let address = HTTPServer("http://127.0.0.1:\(server.port)") else {
            throw TransportError(.malformed, endpoint: "", "no address")
        }
        return try await transport.send(
            HTTPRequest(method: .get, target: target), to: address, .quick(.calls))
    }
}
