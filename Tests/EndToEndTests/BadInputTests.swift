import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

/// What the programs say when they are given something they cannot use: one clear line, and an exit
/// code that is not zero.
@Suite(.timeLimit(.minutes(2))) struct BadInputTests {
    private struct Ending: Sendable {
        let status: TerminationStatus
        let error: String
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> Ending {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/" + program)), arguments: Arguments(arguments),
            input: .none, output: .discarded, error: .string(limit: 1 << 20))
        return Ending(status: result.terminationStatus, error: result.standardError)
    }

    private func kubeconfig(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "/swiftlet-bad-" + UUID().uuidString
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func config(cluster: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: a
        clusters:
        - name: c
          cluster: {server: "https://127.0.0.1:1", \(cluster)}
        contexts:
        - name: a
          context: {cluster: c, user: u}
        users:
        - name: u
          user: {token: x}
        """
    }

    @Test func `a malformed kubeconfig is said with its line`() async throws {
        let path = try kubeconfig("not: [valid\n")
        let ending = try await run("swiftlet-operator", ["--kubeconfig", path])
        #expect(ending.status == .exited(1))
        #expect(ending.error.contains("no valid YAML: line 2"), "\(ending.error)")
    }

    @Test func `a missing certificate authority is said with its path`() async throws {
        let path = try kubeconfig(config(cluster: "certificate-authority: /nowhere/ca.crt"))
        let ending = try await run("swiftlet-operator", ["--kubeconfig", path])
        #expect(ending.status == .exited(1))
        #expect(ending.error.contains("/nowhere/ca.crt cannot be read"), "\(ending.error)")
    }

    @Test func `a server that refuses the connection is said with its address`() async throws {
        let path = try kubeconfig(config(cluster: "insecure-skip-tls-verify: true"))
        let ending = try await run("swiftlet-operator", ["--kubeconfig", path])
        #expect(ending.status == .exited(1))
        #expect(ending.error.contains("no connection to 127.0.0.1:1"), "\(ending.error)")
    }

    @Test(arguments: [
        ("swiftlet-operator", ["--nonsense"]), ("swiftlet-operator", ["--gateway-listen", "x"]),
        ("swiftlet-operator", ["--gateway-url", "http://a"]),
        ("swiftlet-operator", ["--leader-election", "perhaps"]),
        ("swiftlet", ["dev", "--port", "99999"]), ("swiftlet", ["dev", "--token", ""]),
        ("swiftlet", ["nonsense"]), ("swiftlet", ["demo", "--timeout", "0"]),
        ("swiftlet-agent", []),
    ])
    func `a usage error exits with 64`(program: String, arguments: [String]) async throws {
        let ending = try await run(program, arguments)
        #expect(ending.status == .exited(64), "\(ending.error)")
        #expect(!ending.error.isEmpty)
    }

    @Test func `a port in use is said before anything is started`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let port = try listen(descriptor)
        let ending = try await run("swiftlet", ["dev", "--port", "\(port)"])
        #expect(ending.status == .exited(1))
        #expect(ending.error.contains("port \(port) of 127.0.0.1 is in use"), "\(ending.error)")
    }

    @Test func `a kubeconfig that cannot be written ends the start`() async throws {
        let ending = try await run("swiftlet", ["dev", "--kubeconfig", "/nowhere/kubeconfig"])
        #expect(ending.status == .exited(1))
        #expect(ending.error.contains("/nowhere/kubeconfig"), "\(ending.error)")
    }

    @Test func `a demo without samples says so`() async throws {
        let ending = try await run("swiftlet", ["demo", "--samples", "/nowhere"])
        #expect(ending.status == .exited(1))
        #expect(
            ending.error.contains("the folder /nowhere cannot be read: No such file or directory"),
            "\(ending.error)")
    }

    /// Makes `descriptor` listen on a free port of 127.0.0.1.
    private func listen(_ descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && Glibc.listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isListening)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
