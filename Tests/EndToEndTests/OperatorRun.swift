import Foundation
import Subprocess
import SystemPackage
import Testing

/// A `swiftlet-operator` of the test's own, which it may kill at any moment.
struct OperatorRun: Sendable {
    let cluster: DevCluster
    /// The port of the gateway; the same for every run, so that agents find it again.
    let gatewayPort: Int
    /// Whether it takes part in the election; alone it need not, and begins at once.
    var electsLeader = false
    /// Further arguments.
    var more: [String] = []

    /// The arguments with which the operator is started.
    var arguments: [String] {
        [
            "--kubeconfig", cluster.operatorKubeconfig,
            "--gateway-listen", "127.0.0.1:\(gatewayPort)",
            "--gateway-url", "https://127.0.0.1:\(gatewayPort)", "--metrics-listen", "none",
            "--agent-health-port", "none",
            "--leader-election", electsLeader ? "true" : "false",
        ] + more
    }

    /// Runs an operator while `body` runs, then ends it with `signal`.
    func run(
        endingWith signal: Signal, _ body: @Sendable () async throws -> Void
    ) async throws {
        let log = try FileDescriptor.open(
            FilePath(cluster.folder + "/operator-test.log"), .writeOnly,
            options: [.create, .append], permissions: .ownerReadWrite)
        _ = try await Subprocess.run(
            .path(FilePath(DevCluster.programs + "/swiftlet-operator")),
            arguments: Arguments(arguments), input: .none,
            output: .fileDescriptor(log, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in
            do {
                try await body()
                try execution.send(signal: signal)
            } catch {
                try execution.send(signal: .kill)
                throw error
            }
        }
    }
}

extension OperatorRun {
    /// A port of 127.0.0.1 that nobody listens on now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isBound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
