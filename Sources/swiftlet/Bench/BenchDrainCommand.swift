import ArgumentParser
import FoundationEssentials
import KubernetesClient
import KubernetesCore
import LocalCluster
import Logging

/// `swiftlet bench drain`: how fast a pool works off a backlog, and how often the operator writes.
struct BenchDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Submit many tasks at once to a pool, and measure until the last has ended.",
        discussion: """
            Without --kubeconfig a local cluster with an operator is started for it; its agents \
            are processes of this machine. With it, the operator of that cluster is measured. The \
            tasks run in a namespace of their own, which is deleted at the end.
            """)

    @Option(help: "How many tasks are submitted.") var tasks = 2_000
    @Option(help: "How many agents the pool has.") var agents = 20
    @Option(help: "How many attempts an agent runs at once.") var slots = 1
    @Option(help: "How many connections submit tasks at once.") var connections = 16
    @Option(help: "How long it may take, in seconds.") var timeout = 600
    @Option(help: "The image of the agents; on a local cluster any will do.")
    var image = "debian:12-slim"
    @Option(help: "The cluster to measure; a local one where it is not given.")
    var kubeconfig: String?

    func validate() throws {
        guard (1...1_000_000).contains(tasks), (1...1_000).contains(agents),
            (1...64).contains(slots), (1...1_000).contains(connections), timeout > 0
        else {
            throw ValidationError(
                "--tasks must be 1...1000000, --agents and --connections 1...1000, --slots 1...64, "
                    + "--timeout above 0.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        if let kubeconfig {
            try await measure(kubeconfig)
            return
        }
        var log = Logger(label: "swiftlet.bench")
        log.logLevel = .warning
        let work = try LocalSession.makeWorkFolder()
        defer { LocalSession.removeWorkFolder(work) }
        let path = work + "/kubeconfig"
        let cluster = try LocalSession.configuration(kubeconfig: path, work: work)
        let session = LocalSession(cluster: cluster, hasOperator: true, log: log)
        try await session.run { _ in try await measure(path) }
    }

    private func measure(_ kubeconfig: String) async throws {
        let configuration = try ClientConfiguration.load(kubeconfig: kubeconfig)
        let bench = DrainBench(
            clients: try (0..<connections).map { _ in
                try KubernetesClient(configuration: configuration)
            }, tasks: tasks, agents: agents, slots: slots, image: image, limit: .seconds(timeout))
        Terminal.say(try await bench.run().text)
    }
}
