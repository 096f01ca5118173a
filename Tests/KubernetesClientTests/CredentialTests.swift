import CurlTransport
import Foundation
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@Suite struct `Credentials` {
    private let folder = Folder()

    @Test func `a token that was replaced on the disk is used after a refusal`() async throws {
        let file = folder.write("token", "old\n")
        let server = server(accepting: "Bearer new")
        let client = try client(server) { $0.authentication = .tokenFile(file) }
        let refused = try await apiError { () throws(APIError) in try await list(client) }
        #expect(refused.code == .unauthorized)
        _ = folder.write("token", "new\n")
        #expect(try await list(client) == 0)
    }

    @Test func `a token that was replaced on the disk is used without a refusal`() async throws {
        let file = folder.write("token", "old\n")
        let asked = Mutex<[String]>([])
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                asked.withLock { $0.append(request.fields["authorization"] ?? "") }
                connection.answer("200 OK", [], emptyList)
            }
        }
        let client = try client(server) {
            $0.authentication = .tokenFile(file)
            $0.fileCheckInterval = .zero
        }
        #expect(try await list(client) == 0)
        _ = folder.write("token", "newer\n")
        #expect(try await list(client) == 0)
        // A file that is missing while it is replaced takes nothing away.
        try FileManager.default.removeItem(atPath: file)
        #expect(try await list(client) == 0)
        #expect(asked.withLock { $0 } == ["Bearer old", "Bearer newer", "Bearer newer"])
    }

    @Test func `a link to a token that is moved, as in a mounted secret, is noticed`() async throws
    {
        _ = folder.write("1/token", "first")
        _ = folder.write("2/token", "other")
        let link = folder.path + "/current"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "1")
        let server = server(accepting: "Bearer other")
        let client = try client(server) {
            $0.authentication = .tokenFile(link + "/token")
            $0.fileCheckInterval = .zero
        }
        let refused = try await apiError { () throws(APIError) in try await list(client) }
        #expect(refused.code == .unauthorized)
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "2")
        #expect(try await list(client) == 0)
    }

    @Test func `certificates that were replaced on the disk are used from then on`() async throws {
        let transport = RecordingTransport()
        var configuration = ClientConfiguration(
            server: try #require(HTTPServer("https://10.0.0.1")),
            authorities: .file(folder.write("ca.pem", "authority 1")),
            clientCertificate: .file(folder.write("client.pem", "certificate 1")),
            clientKey: .file(folder.write("client.key", "key 1")))
        configuration.fileCheckInterval = .zero
        let client = KubernetesClient(configuration: configuration, transport: transport)
        _ = try await list(client)
        _ = folder.write("client.pem", "certificate two")
        _ = folder.write("client.key", "key two")
        _ = try await list(client)
        _ = folder.write("ca.pem", "authority two")
        _ = try await list(client)
        #expect(
            transport.seen == [
                "authority 1, certificate 1, key 1", "authority 1, certificate two, key two",
                "authority two, certificate two, key two",
            ])
    }

    @Test(arguments: ["2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z"])
    func `a credential that has ended is replaced, one that has not is kept`(
        _ expiry: String
    ) async throws {
        let log = folder.path + "/log"
        let plugin = plugin(
            """
            #!/bin/sh
            echo run >> \(log)
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            echo '"status":{"token":"new","expirationTimestamp":"\(expiry)"}}'
            """)
        let server = server(accepting: "Bearer new")
        let client = try client(server) { $0.authentication = .exec(plugin) }
        let end = ContinuousClock.now + .seconds(120)
        let hasEnded = expiry.hasPrefix("2001")
        // What is handed out with its end in the past is used for a second, and then asked for
        // anew.
        repeat {
            #expect(try await list(client) == 0)
            if hasEnded { try await Task.sleep(for: .milliseconds(50)) }
        } while hasEnded && runs(log) < 2 && ContinuousClock.now < end
        #expect(runs(log) == (hasEnded ? 2 : 1))
    }

    @Test func `an exec plugin is run once for many calls`() async throws {
        let log = folder.path + "/log"
        let plugin = plugin(
            """
            #!/bin/sh
            echo run >> \(log)
            test -n "$KUBERNETES_EXEC_INFO" || exit 9
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            echo '"status":{"token":"'$TOKEN-$1'","expirationTimestamp":"2100-01-01T00:00:00Z"}}'
            """)
        let server = server(accepting: "Bearer new-x")
        let client = try client(server) { $0.authentication = .exec(plugin) }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await list(client) } }
            for try await count in group { #expect(count == 0) }
        }
        #expect(runs(log) == 1)
    }

    @Test func `a credential that ends, or is refused, is asked for again`() async throws {
        let log = folder.path + "/log"
        let plugin = plugin(
            """
            #!/bin/sh
            echo run >> \(log)
            token=old
            test $(wc -l < \(log)) -lt 2 || token=new
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            echo '"status":{"token":"'$token'"}}'
            """)
        let server = server(accepting: "Bearer new")
        let client = try client(server) { $0.authentication = .exec(plugin) }
        #expect(try await list(client) == 0)
        #expect(try await list(client) == 0)
        #expect(runs(log) == 2)
    }

    @Test(arguments: [
        ("echo no; exit 3", "exit code 3"), ("echo sorry >&2; exit 1", "sorry"),
        ("echo nonsense", "no valid ExecCredential"),
        ("echo '{\"apiVersion\":\"v2\",\"status\":{\"token\":\"x\"}}'", "expected client.auth"),
        (
            "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'",
            "neither token"
        ),
        ("kill -9 $$", "exit code 137"), ("sleep 100 & sleep 100", "did not end within"),
        ("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", "more than"),
    ])
    func `a plugin that fails says why`(_ script: String, _ words: String) async throws {
        var plugin = plugin("#!/bin/sh\n" + script + "\n")
        plugin.timeLimit = words == "did not end within" ? .milliseconds(300) : .seconds(20)
        let server = server(accepting: "")
        let client = try client(server) { $0.authentication = .exec(plugin) }
        let error = try await apiError { () throws(APIError) in try await list(client) }
        #expect(error.code == .unreachable)
        #expect(error.cause?.code == .credentials)
        #expect(error.description.contains(words), "\(error)")
        #expect(server.connectionCount == 0)
    }

    @Test func `a plugin that is missing comes with its hint`() async throws {
        let plugin = ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1", command: "/gone/plugin",
            installHint: "install the plugin")
        let server = server(accepting: "")
        let client = try client(server) { $0.authentication = .exec(plugin) }
        let error = try await apiError { () throws(APIError) in try await list(client) }
        #expect(error.description.contains("/gone/plugin cannot be started: No such file"))
        #expect(error.description.contains("install the plugin"))
    }

    @Test func `name and password, and acting as somebody`() async throws {
        let server = LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            let isRight =
                request.fields["authorization"] == "Basic bWU6cGFzcw=="
                && request.fields["impersonate-user"] == "you"
                && request.fields["impersonate-group"] == "us"
                && request.fields["user-agent"] == "swiftlet"
            connection.answer(isRight ? "200 OK" : "401 Unauthorized", [], emptyList)
        }
        let client = try client(server) {
            $0.authentication = .basic(user: "me", password: "pass")
            $0.impersonation = ClientConfiguration.Impersonation(user: "you", groups: ["us"])
        }
        #expect(try await list(client) == 0)
    }

    private func list(_ client: KubernetesClient) async throws(APIError) -> Int {
        try await client.list(Note.self).items.count
    }

    private func plugin(_ script: String) -> ExecPlugin {
        ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1",
            command: "sh", arguments: [folder.write("plugin", script), "x"],
            environment: ["TOKEN": "new"])
    }

    private func runs(_ log: String) -> Int {
        (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    /// A server that knows one `Authorization` field.
    private func server(accepting field: String) -> LoopbackServer {
        LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isKnown = request.fields["authorization"] == field
                let refusal = #"{"kind":"Status","code":401,"reason":"Unauthorized"}"#
                connection.answer(
                    isKnown ? "200 OK" : "401 Unauthorized", [], isKnown ? emptyList : refusal)
            }
        }
    }
}

/// A list of nothing.
private let emptyList = #"{"kind":"NoteList","metadata":{"resourceVersion":"1"},"items":[]}"#

/// Notes with which certificates requests are sent, and sends none.
private final class RecordingTransport: HTTPTransport {
    private let lines = Mutex<[String]>([])

    var seen: [String] { lines.withLock { $0 } }

    func send(
        _ request: HTTPRequest, to server: HTTPServer, _ options: TransferOptions
    ) async throws(TransportError) -> HTTPResponse {
        let parts = [server.tls.authorities, server.tls.certificate, server.tls.key]
        let line = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
        lines.withLock { $0.append(line) }
        return HTTPResponse(
            head: HTTPResponseHead(status: 200), body: ByteStream([Array(emptyList.utf8)]))
    }
}
