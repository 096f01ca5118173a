import KubernetesCore
import Testing

@testable import CurlTransport

@Suite struct `The state of one transfer` {
    private let error = TransportError(.broken, endpoint: "a:1", "broke off")

    @Test func `bytes that come together are handed out together, in order`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 100)
        #expect(offer("ab", to: transfer))
        #expect(offer("cd", to: transfer))
        transfer.finish(.success(()))
        #expect(try await next(transfer) == "abcd")
        #expect(try await next(transfer) == nil)
        #expect(try await next(transfer) == nil)
    }

    @Test func `what came before a failure is handed out before it`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 100)
        #expect(offer("ab", to: transfer))
        transfer.finish(.failure(error))
        #expect(try await next(transfer) == "ab")
        await #expect(throws: error) { try await next(transfer) }
    }

    @Test func `only the first end counts`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 100)
        transfer.finish(.failure(error))
        transfer.finish(.success(()))
        transfer.cancel()
        await #expect(throws: error) { try await next(transfer) }
        #expect(await transfer.waitForHead() == .failure(error))
    }

    @Test func `a full buffer takes nothing more until it is read`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 3)
        #expect(offer("ab", to: transfer))
        #expect(!offer("cd", to: transfer))
        var resumed = 0
        let first = await transfer.waitForBody { resumed += 1 }
        #expect(first == .success(Array("ab".utf8)))
        #expect(resumed == 1)
        #expect(offer("cd", to: transfer))
        let second = await transfer.waitForBody { resumed += 1 }
        #expect(second == .success(Array("cd".utf8)))
        #expect(resumed == 1)
    }

    @Test func `a piece larger than the whole buffer still gets through`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 3)
        #expect(offer("abcdef", to: transfer))
        #expect(try await next(transfer) == "abcdef")
    }

    @Test func `after a cancellation nothing is handed out`() async throws {
        let transfer = Transfer.test(bufferBytesMax: 100)
        #expect(offer("ab", to: transfer))
        transfer.cancel()
        await #expect(throws: TransportError.self) { try await next(transfer) }
    }

    private func offer(_ text: String, to transfer: Transfer) -> Bool {
        Array(text.utf8).withUnsafeBytes { transfer.receive($0) }
    }

    private func next(_ transfer: Transfer) async throws -> String? {
        try await transfer.waitForBody {}.get().map { String(decoding: $0, as: UTF8.self) }
    }
}

@Suite struct `The head of an answer` {
    @Test func `fields are read, trailers are not`() {
        var parser = ResponseHeadParser()
        #expect(take("HTTP/1.1 200 OK\r\n", &parser) == .more)
        #expect(take("Content-Type:  text/plain\r\n", &parser) == .more)
        #expect(take("no colon\r\n", &parser) == .more)
        let head = HTTPResponseHead(status: 200, fields: ["content-type": "text/plain"])
        #expect(take("\r\n", &parser) == .head(head))
        #expect(take("X-Trailer: late\r\n", &parser) == .more)
        #expect(take("\r\n", &parser) == .more)
    }

    @Test(arguments: ["HTTP/1.1\r\n", "HTTP/1.1 abc OK\r\n", "HTTP/2 99999\r\n", "X: y\r\n"])
    func `a head that begins with no status is malformed`(_ line: String) {
        var parser = ResponseHeadParser()
        #expect(take(line, &parser) == .malformed)
    }

    private func take(_ line: String, _ parser: inout ResponseHeadParser) -> ResponseHeadParser.Step
    {
        Array(line.utf8).withUnsafeBytes { parser.take($0) }
    }
}

@Suite struct `Addresses of servers` {
    @Test(arguments: [
        ("https://10.0.0.1", "10.0.0.1:443", ""), ("http://a.b:8080/", "a.b:8080", ""),
        ("https://[::1]:6443/k8s/x/", "[::1]:6443", "/k8s/x"),
        ("https://[fe80::1]", "[fe80::1]:443", ""),
    ])
    func `good ones are read`(_ url: String, _ endpoint: String, _ path: String) throws {
        let server = try #require(HTTPServer(url))
        #expect(server.endpoint == endpoint)
        #expect(server.basePath == path)
    }

    @Test(arguments: [
        "", "10.0.0.1", "ftp://a", "https://", "https://:80", "https://a:0", "https://a:70000",
        "https://a:b", "https://user@a", "https://a?x=1", "https://a b", "https://[::1",
        "https://[::1]x",
    ])
    func `bad ones are refused`(_ url: String) { #expect(HTTPServer(url) == nil) }
}

extension Transfer {
    /// A transfer that nobody carries out.
    fileprivate static func test(bufferBytesMax: Int) -> Transfer {
        guard let server = HTTPServer("http://127.0.0.1:1") else {
            preconditionFailure("the address is a good one")
        }
        return Transfer(
            HTTPRequest(method: .get, target: "/"), to: server,
            .quick(.calls) { $0.bufferBytesMax = bufferBytesMax })
    }
}
