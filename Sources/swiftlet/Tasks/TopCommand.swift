import ArgumentParser
import Console
import ControlLoop
import KubernetesClient
import KubernetesCore
import KubernetesRuntime
import Locking
import Logging
import SwiftletAPI

/// `swiftlet top`: pools, agents and tasks on one screen, kept up to date.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Show pools, agents and tasks live.",
        discussion: """
            Ctrl-C ends it. Where standard output is no terminal, or with --once, everything is \
            printed once.
            """)

    @OptionGroup var cluster: ClusterOptions
    @Flag(name: [.customShort("A"), .long], help: "In all namespaces.") var allNamespaces = false
    @Flag(help: "Print once.") var once = false
    @Option(help: "Seconds between two looks.") var interval = 1.0

    func validate() throws {
        guard interval >= 0.1, interval <= 3_600 else {
            throw ValidationError("--interval must be between 0.1 and 3600.")
        }
    }

    func run() async throws {
        let client = try cluster.client()
        let place = allNamespaces ? "" : client.configuration.namespace
        let selection = Selection(namespace: allNamespaces ? nil : place)
        // What may not be read is said now, and not hidden behind a screen that stays empty.
        _ = try await client.list(BackgroundAgentPool.self, in: selection, ListQuery(limit: 1))
        _ = try await client.list(BackgroundTask.self, in: selection, ListQuery(limit: 1))
        let cache = ClusterCache()
        let ended = Ended()
        await cache.observe(BackgroundTask.self) { changes, _ in ended.take(changes) }
        let informers = Informers(
            for: [BackgroundAgentPool.self, BackgroundTask.self], client: client, cache: cache,
            selection: { _ in selection }, seed: UInt64.random(in: 0...UInt64.max),
            logger: Logger(label: "swiftlet.top", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informers.run() }
            group.addTask { [interval, isLive = !once && LiveLine.isPossible] in
                try await Self.show(
                    cache, ended, place, every: isLive ? .seconds(interval) : nil)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Shows what is there again and again; once, where no interval is given.
    private static func show(
        _ cache: ClusterCache, _ ended: Ended, _ place: String, every interval: Duration?
    ) async throws {
        let clock = ContinuousClock()
        let patience = clock.now + .seconds(30)
        while true {
            let overview = ClusterOverview(
                of: cache.snapshot, ended: ended.latest, at: SystemClock.now)
            let screen = TopScreen(overview, place: place)
            if interval != nil {
                let size = Terminal.size ?? (80, 24)
                let lines = screen.lines(width: size.columns, height: size.lines - 1)
                // From the top left corner: each line ends what stood there before, the last one
                // everything below.
                Terminal.write(
                    "\u{1b}[H" + lines.map { $0 + "\u{1b}[K\n" }.joined() + "\u{1b}[J")
            } else if overview.isComplete {
                return Terminal.say(screen.lines().joined(separator: "\n"))
            } else if clock.now > patience {
                throw CommandFailure("pools and tasks could not be read within 30 s")
            }
            try await Task.sleep(for: interval ?? .milliseconds(20))
        }
    }

    /// The tasks that ended last.
    private final class Ended: Sendable {
        private let tasks = Mutex(EndedTasks(max: 20))

        var latest: [BackgroundTask] { tasks.withLock { $0.latest() } }

        func take(_ changes: [Change<BackgroundTask>]) { tasks.withLock { $0.take(changes) } }
    }
}
