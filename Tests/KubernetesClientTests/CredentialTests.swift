import CurlTransport
import Foundation
import KubernetesClient
import KubernetesCore
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
