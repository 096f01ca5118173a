import CurlTransport
import Foundation
import KubernetesCore
import Testing

/// Needs a server that speaks HTTP/2; Node.js has one. Where there is no Node.js the test is
/// skipped.
@Suite(.enabled(if: HTTP2Server.isAvailable, "needs node for an HTTP/2 server"))
struct `Calls over HTTP/2` {
    @Test func `calls share one connection, streams have one each, beside them`() async throws {
        let server = try HTTP2Server()
        let transport = try CurlTransport()
        let address = try #require(
            HTTPServer(
                "https://127.0.0.1:\(server.port)",
                tls: TLSOptions(authorities: Array(TestCertificates.authority.utf8))))
        let get: @Sendable (String, TransferOptions) async throws -> HTTPResponse = {
            target, options in
            try await transport.send(
                HTTPRequest(method: .get, target: target), to: address, options)
        }
        let first = try await get("/stream", .quick(.streams))
        let second = try await get("/stream", .quick(.streams))
        let versions = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 {
                group.addTask { try await get("/version", .quick(.calls)).body.text() }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(versions == ["2.0"])
        let connections = try await get("/connections", .quick(.calls)).body.text()
        #expect(connections == "3")
        var streams = [first, second].map { $0.body.makeAsyncIterator() }
        for index in streams.indices {
            #expect(try await streams[index].next() == Array("1.1".utf8))
        }
    }
}

/// An HTTP/2 server in Node.js that also speaks HTTP/1.1. It ends when its input does.
private final class HTTP2Server {
    let port: Int
    private let lifeline: Pipe

    static var isAvailable: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: $0 + "/node") }
    }

    private static let script = """
        const http2 = require('http2')
        const [cert, key] = [process.env.CERT, process.env.KEY]
        let connections = 0
        const options = { cert, key, allowHTTP1: true }
        const server = http2.createSecureServer(options, (request, response) => {
          response.writeHead(200)
          if (request.url === '/stream') return response.write(request.httpVersion)
          response.end(request.url === '/connections' ? String(connections) : request.httpVersion)
        })
        server.on('secureConnection', () => { connections += 1 })
        server.listen(0, '127.0.0.1', () => console.log(server.address().port))
        process.stdin.on('end', () => process.exit(0)).resume()
        """

    init() throws {
        let process = Process()
        let output = Pipe()
        lifeline = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["node", "-e", HTTP2Server.script]
        var environment = ProcessInfo.processInfo.environment
        environment["CERT"] = TestCertificates.serverCertificate
        environment["KEY"] = TestCertificates.serverKey
        process.environment = environment
        process.standardInput = lifeline
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.filter(\.isNumber)), "node did not start: \(line)")
    }
}
