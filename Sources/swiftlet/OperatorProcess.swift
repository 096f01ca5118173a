import Glibc
import KubernetesCore
import Logging
import Subprocess
import SystemPackage

/// Keeps the operator running beside a local cluster, as its Deployment would: started again when
/// it ends, with a growing wait.
struct OperatorProcess: Sendable {
    /// The program.
    let executable: String
    /// The kubeconfig of the local cluster.
    let kubeconfigPath: String
    /// The port of the gateway on 127.0.0.1.
    let gatewayPort: Int
    /// The port of metrics, probes and the status page on 127.0.0.1; nil for none.
    let metricsPort: Int?
    /// Marks it as a process of a cluster that is kept; see `LocalCluster.Configuration`.
    let mark: String?
    /// Files and folders of policies that it judges agents by.
    let policies: [String]
    /// Where its output goes; a file, so that it does not disturb the terminal.
    let outputPath: String
    let log: Logger

    private var arguments: [String] {
        [
            "--kubeconfig", kubeconfigPath, "--gateway-listen", "127.0.0.1:\(gatewayPort)",
            "--gateway-url", "https://127.0.0.1:\(gatewayPort)",
            "--metrics-listen", metricsPort.map { "127.0.0.1:\($0)" } ?? "none",
            // The agents of the local node share one network, and so would one port.
            "--leader-election", "false", "--log-format", "text", "--agent-health-port", "none",
        ] + policies.flatMap { ["--policies", $0] }
    }

    /// Runs the operator until the task is cancelled; then it has ended.
    func run() async throws {
        var wait = Duration.milliseconds(500)
        while !Task.isCancelled {
            let output = try FileDescriptor.open(
                FilePath(outputPath), .writeOnly, options: [.create, .append],
                permissions: .ownerReadWrite)
            var options = PlatformOptions()
            options.processGroupID = 0
            options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: Arguments(arguments),
                environment: .inherit.updating(
                    mark.map { ["SWIFTLET_LOCAL_CLUSTER": $0] } ?? [:]),
                platformOptions: options, input: .none,
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .combinedWithOutput)
            guard !Task.isCancelled else { return }
            log.warning(
                "the operator ended and is started again",
                metadata: [
                    "status": "\(result.terminationStatus)", "output": "\(outputPath)",
                ])
            try await Task.sleep(for: wait)
            wait = min(wait * 2, .seconds(30))
        }
    }
}
