import ArgumentParser
import KubernetesCore
import LocalCluster
import Locking
import Logging
import ServiceLifecycle
import UnixSignals

/// `swiftlet demo`: the guided run behind `make demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Start a local cluster, run the samples on it, and show what happens.",
        discussion: "Exits with 0 only if every sample ended in the phase it was meant to end in.")

    @Option(help: "The folder of the samples.") var samples = "manifests/samples"
    @Option(help: "How long the samples may take, in seconds.") var timeout = 180

    func validate() throws {
        guard timeout > 0 else { throw ValidationError("--timeout must be a number above 0.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var log = Logger(label: "swiftlet.demo")
        log.logLevel = .warning
        let manifests = try ManifestSet(folder: samples)
        let work = try LocalSession.makeWorkFolder()
        defer { LocalSession.removeWorkFolder(work) }
        let cluster = try LocalSession.configuration(kubeconfig: work + "/kubeconfig", work: work)
        let session = LocalSession(cluster: cluster, hasOperator: true, log: log)
        let outcome = Outcome()
        let demo = DemoRun(
            manifests: manifests, kubeconfigPath: work + "/kubeconfig",
            limit: .seconds(timeout), operatorLog: work + "/operator.log")
        let service = SessionService(session: session) { server in
            Terminal.say("The cluster answers at \(server).")
            outcome.set(try await demo.run())
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        try await group.run()
        guard outcome.isGood else { throw ExitCode.failure }
    }

    /// Whether the demo went as it should; false until it has said so.
    private final class Outcome: Sendable {
        private let value = Mutex(false)

        var isGood: Bool { value.withLock { $0 } }

        func set(_ good: Bool) { value.withLock { $0 = good } }
    }
}
