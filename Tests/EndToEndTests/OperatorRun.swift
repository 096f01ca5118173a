import Foundation
import LocalCluster
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
