import ArgumentParser
import KubernetesClient
import KubernetesCore
import LocalCluster
import Locking
import Logging

/// `swiftlet bench server`: how many writes a second an API server takes, and how it carries
/// watches. Of a local cluster of its own, or of the cluster that a kubeconfig names.
struct BenchServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Measure an API server: single writes a second, and watches.",
        discussion: """
            Without --kubeconfig a local cluster is started for it in this process, so that client \
            and server share the cores. Objects are made in a namespace of their own, which is \
            deleted at the end.
            """)

    @Option(help: "The cluster to measure; a local one in this process where it is not given.")
    var kubeconfig: String?
    @Option(help: "Keep the local cluster in this folder: measures its journal too.")
    var dataDir: String?
    @Option(help: "How many connections write at once.") var connections = 16
    @Option(help: "How many seconds each kind of write is measured.") var seconds = 5
    @Option(help: "How many watches are opened.") var watchers = 0
    @Option(help: "How many objects there are while they are open.") var objects = 10_000
    @Option(help: "How many of them are changed while watched.") var changes = 100

    func validate() throws {
        guard (1...1_000).contains(connections), (1...3_600).contains(seconds),
            (0...20_000).contains(watchers), (0...1_000_000).contains(objects),
            (0...1_000_000).contains(changes)
        else {
            throw ValidationError(
                "--connections must be 1...1000, --seconds 1...3600, --watchers 0...20000, "
                    + "--objects and --changes 0...1000000.")
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
        var cluster = LocalCluster.Configuration(kubeconfigPath: path, workPath: work)
        cluster.hasNode = false
        cluster.dataPath = dataDir
        cluster.initialObjects = LocalSession.initialObjects
        let session = LocalSession(cluster: cluster, hasOperator: false, log: log)
        try await session.run { _ in try await measure(path) }
    }

    private func measure(_ kubeconfig: String) async throws {
        let configuration = try ClientConfiguration.load(kubeconfig: kubeconfig)
        let bench = ServerBench(
            clients: try (0..<connections).map { _ in
                try KubernetesClient(configuration: configuration)
            }, seconds: seconds)
        try await bench.prepare()
        var figures: JSONValue = [
            "bench": "server", "connections": .int(connections), "seconds": .int(seconds),
        ]
        figures["createsPerSecond"] = .double(try await bench.creates())
        figures["patchesPerSecond"] = .double(try await bench.patches())
        figures["taskCreatesPerSecond"] = .double(try await bench.taskCreates())
        figures["getsPerSecond"] = .double(try await bench.gets())
        if watchers > 0 {
            figures["watches"] = try await bench.watches(
                watchers, objects: objects, changes: changes)
        }
        try await bench.finish()
        Terminal.say(figures.text)
    }
}
