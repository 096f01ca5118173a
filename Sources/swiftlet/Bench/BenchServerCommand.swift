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

            With --against another server is measured in the same run, and how many times as many \
            of each there were is printed under "ratios".
            """)

    @Option(help: "The cluster to measure; a local one in this process where it is not given.")
    var kubeconfig: String?
    @Option(help: "Another cluster, to be measured in the same run and compared with.")
    var against: String?
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
            try await report(kubeconfig)
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
        try await session.run { _ in try await report(path) }
    }

    private func report(_ kubeconfig: String) async throws {
        var figures: JSONObject = [
            "bench": "server", "connections": .int(connections), "seconds": .int(seconds),
        ]
        let own = try await measure(kubeconfig, watchers: watchers)
        for (name, figure) in own { figures[name] = figure }
        if let against {
            let other = try await measure(against, watchers: 0)
            figures["against"] = .object(other)
            figures["ratios"] = .object(
                JSONObject(
                    other.compactMap { name, figure in
                        guard let one = own[name]?.double, let two = figure.double, two > 0 else {
                            return nil
                        }
                        return (name, .double((one / two * 100).rounded() / 100))
                    }))
        }
        Terminal.say(JSONValue.object(figures).text)
    }

    /// What one server does, each kind of request a second.
    private func measure(_ kubeconfig: String, watchers: Int) async throws -> JSONObject {
        let configuration = try ClientConfiguration.load(kubeconfig: kubeconfig)
        let bench = ServerBench(
            clients: try (0..<connections).map { _ in
                try KubernetesClient(configuration: configuration)
            }, seconds: seconds)
        try await bench.prepare()
        var figures = JSONObject()
        figures["createsPerSecond"] = .double(try await bench.creates())
        figures["patchesPerSecond"] = .double(try await bench.patches())
        figures["taskCreatesPerSecond"] = .double(try await bench.taskCreates())
        figures["getsPerSecond"] = .double(try await bench.gets())
        if watchers > 0 {
            figures["watches"] = try await bench.watches(
                watchers, objects: objects, changes: changes)
        }
        try await bench.finish()
        return figures
    }
}
