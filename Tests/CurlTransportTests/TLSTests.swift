import CurlTransport
import Foundation
import KubernetesCore
import LoopbackTesting
import Testing

@Suite struct `Trust and identity over TLS` {
    private let transport: CurlTransport

    init() throws { transport = try sharedTransport.get() }

    @Test func `a server that our authority vouches for is spoken to`() async throws {
        let server = try TLSServer.shared.get()
        let tls = TLSOptions(authorities: Array(TestCertificates.authority.utf8))
        #expect(try await get(server.port, tls) == "hello nobody")
    }

    @Test func `a server that another authority vouches for is not trusted`() async throws {
        let server = try TLSServer.shared.get()
        let tls = TLSOptions(authorities: Array(TestCertificates.otherAuthority.utf8))
        let error = try await failure(server.port, tls)
        #expect(error.code == .untrusted)
        #expect(error.description.contains("certificate authority"))
    }

    @Test func `without an authority a private server is not trusted`() async throws {
        let server = try TLSServer.shared.get()
        #expect(try await failure(server.port, TLSOptions()).code == .untrusted)
    }

    @Test func `a wrong name is not trusted, the right one is`() async throws {
        let server = try TLSServer.shared.get()
        var tls = TLSOptions(authorities: Array(TestCertificates.authority.utf8))
        tls.serverName = "cluster.example"
        #expect(try await get(server.port, tls) == "hello nobody")
        tls.serverName = "other.example"
        #expect(try await failure(server.port, tls).code == .untrusted)
    }

    @Test func `a certificate that has expired is not trusted, and the message says so`()
        async throws
    {
        let server = try TLSServer(
            certificate: TestCertificates.expiredCertificate, key: TestCertificates.expiredKey)
        let tls = TLSOptions(authorities: Array(TestCertificates.expiryAuthority.utf8))
        let error = try await failure(server.port, tls)
        #expect(error.code == .untrusted)
        #expect(error.description.contains("expired"), "\(error)")
        #expect(error.description.contains("127.0.0.1:\(server.port)"))
        #expect(!error.mayHaveTakenEffect)
        let call = APIError(RequestSummary(.list, "/api/v1/pods"), error)
        #expect(call.disposition == .retry(after: nil))
        #expect(call.description.hasPrefix("list /api/v1/pods: "))
    }

    @Test func `an insecure client trusts anybody`() async throws {
        let server = try TLSServer.shared.get()
        #expect(try await get(server.port, TLSOptions(isInsecure: true)) == "hello nobody")
    }

    @Test func `a client certificate tells the server who we are`() async throws {
        let server = try TLSServer.shared.get()
        let tls = TLSOptions(
            authorities: Array(TestCertificates.authority.utf8),
            certificate: Array(TestCertificates.clientCertificate.utf8),
            key: Array(TestCertificates.clientKey.utf8))
        #expect(try await get(server.port, tls) == "hello tester")
    }

    @Test func `an unusable client certificate is our own fault and says so`() async throws {
        let server = try TLSServer.shared.get()
        let tls = TLSOptions(
            authorities: Array(TestCertificates.authority.utf8),
            certificate: Array("no certificate".utf8), key: Array("no key".utf8))
        let error = try await failure(server.port, tls)
        #expect(error.code == .credentials)
    }

    @Test func `an unusable authority is our own fault and says so`() async throws {
        let server = try TLSServer.shared.get()
        let tls = TLSOptions(authorities: Array("-----BEGIN nonsense".utf8))
        let error = try await failure(server.port, tls)
        #expect(error.code == .credentials)
    }

    @Test func `a server that does not speak TLS is told from one that is not trusted`()
        async throws
    {
        let server = LoopbackServer { connection in
            connection.answer("400 Bad Request", [], "plain")
            connection.waitForClose()
        }
        let error = try await failure(server.port, TLSOptions(isInsecure: true))
        #expect(error.code == .handshake)
    }

    private func get(_ port: Int, _ tls: TLSOptions) async throws(TransportError) -> String {
        guard let server = HTTPServer("https://127.0.0.1:\(port)", tls: tls) else {
            throw TransportError(.malformed, endpoint: "", "no address")
        }
        let request = HTTPRequest(method: .get, target: "/")
        return try await transport.send(request, to: server, .quick(.calls)).body.text()
    }

    private func failure(_ port: Int, _ tls: TLSOptions) async throws -> TransportError {
        try await transportError { () throws(TransportError) in try await get(port, tls) }
    }
}

/// A TLS server in Python that greets the client by the name in its certificate. It ends when the
/// process of the tests does.
final class TLSServer: Sendable {
    /// One for all tests.
    static let shared = Result { try TLSServer() }

    let port: Int
    /// The server lives for as long as this end is open.
    private let lifeline: Pipe

    private static let script = """
        import http.server, os, shutil, ssl, sys, threading
        class Greeter(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def do_GET(self):
                names = (self.connection.getpeercert() or {}).get('subject', ())
                name = next((v for part in names for k, v in part if k == 'commonName'), 'nobody')
                body = ('hello ' + name).encode()
                self.send_response(200)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1] + '/server.pem', sys.argv[1] + '/server.key')
        context.load_verify_locations(sys.argv[1] + '/ca.pem')
        context.verify_mode = ssl.CERT_OPTIONAL
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Greeter)
        server.daemon_threads = True
        server.handle_error = lambda *arguments: None
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        def end_with_parent():
            sys.stdin.read()
            shutil.rmtree(sys.argv[1])
            os._exit(0)
        threading.Thread(target=end_with_parent, daemon=True).start()
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// A server with a certificate of its own; that of the shared one where none is given.
    init(
        certificate: String = TestCertificates.serverCertificate,
        key: String = TestCertificates.serverKey
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("swiftlet-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = [
            "server.pem": certificate, "server.key": key, "ca.pem": TestCertificates.authority,
        ]
        for (name, content) in files {
            let file = folder.appendingPathComponent(name)
            try Data(content.utf8).write(to: file)
        }
        let process = Process()
        let output = Pipe()
        lifeline = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", TLSServer.script, folder.path]
        process.standardInput = lifeline
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while line.last != 0x0A {
            let chunk = output.fileHandleForReading.availableData
            guard !chunk.isEmpty else { break }
            line += chunk
        }
        let text = String(decoding: line, as: UTF8.self)
        port = try #require(Int(text.filter(\.isNumber)), "python3 did not start: \(text)")
    }
}
