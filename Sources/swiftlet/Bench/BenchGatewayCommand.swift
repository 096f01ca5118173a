import AgentGateway
import ArgumentParser
import CurlTransport
import KubernetesCore
import Logging
import ServiceLifecycle
import Subprocess
import SystemPackage

/// `swiftlet bench gateway`: what many agents cost one gateway, over TLS on the loopback.
///
/// The gateway runs in this process and its agents in another one; what is told is the processor
/// time of this one. First the agents only call now and then, as idle ones do; then tasks are given
/// to them and taken away at a steady pace, and each change is told to its agent at once.
struct BenchGatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway", abstract: "Let many agents call one gateway.",
        discussion: "Build it for release: swift run -c release swiftlet bench gateway.")

    @Option(help: "How many agents there are.") var agents = 500
    @Option(help: "How many seconds each part is measured.") var seconds = 10
    @Option(help: "How many seconds an idle agent's call waits for news.") var heartbeat = 10
    @Option(help: "How many changes a second there are in the second part.") var changes = 100
    @Option(help: .hidden) var port: Int?
    @Option(help: .hidden) var authority: String?

    func validate() throws {
        guard (1...4_000).contains(agents), (1...3_600).contains(seconds),
            (1...20).contains(heartbeat), (1...100_000).contains(changes)
        else {
            throw ValidationError(
                "--agents must be 1...4000, --seconds 1...3600, --heartbeat 1...20, "
                    + "--changes 1...100000.")
        }
    }

    func run() async throws {
        if let port, let authority {
            try await callers(port, authority).run()
        } else {
            try await measure()
        }
    }

    /// The agents, in the second process.
    private func callers(_ port: Int, _ authority: String) throws -> GatewayBenchAgents {
        guard
            let server = HTTPServer(
                "https://127.0.0.1:\(port)",
                tls: TLSOptions(authorities: Array(authority.utf8)), proxy: "")
        else { throw ValidationError("--port \(port) is not a port.") }
        return GatewayBenchAgents(
            count: agents, heartbeatSeconds: heartbeat, server: server,
            transport: try CurlTransport())
    }

    private func measure() async throws {
        var log = Logger(label: "swiftlet.bench")
        // What ends the gateway is thrown; what it logs while it is cancelled is no news.
        log.logLevel = .critical
        let world = GatewayBenchWorld(agents: agents)
        let identity = try GatewayIdentity(names: ["127.0.0.1"])
        let (ports, tell) = AsyncStream.makeStream(of: Int.self)
        let gateway = GatewayServer(
            configuration: .init(host: "127.0.0.1", port: 0), identity: identity,
            authenticator: CallerAuthenticator(reviewer: world), sessions: world,
            checkpoints: NoCheckpoints(), secrets: nil, logger: log,
            onRunning: { port in
                tell.yield(port)
                tell.finish()
            })
        let group = ServiceGroup(services: [gateway], logger: log)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await port in ports {
                    let found = try await withAgents(port, gateway.caPEM) {
                        try await figures(world, gateway)
                    }
                    Terminal.say(found.text)
                    return
                }
            }
            // The first to end is the measurement, or whatever has gone wrong.
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }

    /// What `body` finds while the agents call. They have ended when this returns: were the gateway
    /// to go first, they would complain that nobody answers.
    private func withAgents(
        _ port: Int, _ authority: String, _ body: @escaping @Sendable () async throws -> JSONValue
    ) async throws -> JSONValue {
        try await withThrowingTaskGroup(of: JSONValue?.self) { tasks in
            tasks.addTask {
                try await runAgents(port, authority)
                return nil
            }
            tasks.addTask { try await body() }
            defer { tasks.cancelAll() }
            guard let figures = try await tasks.next() ?? nil else {
                throw CommandFailure("the agents have ended before the measurement")
            }
            return figures
        }
    }

    /// Runs the second process until the task is cancelled.
    private func runAgents(_ port: Int, _ authority: String) async throws {
        let result = try await Subprocess.run(
            .path("/proc/self/exe"),
            arguments: [
                "bench", "gateway", "--agents", "\(agents)", "--heartbeat", "\(heartbeat)",
                "--port", "\(port)", "--authority=\(authority)",
            ], input: .none, output: .discarded,
            error: .fileDescriptor(
                .standardError, closeAfterSpawningProcess: false))
        guard Task.isCancelled else {
            throw CommandFailure("the agents have ended: \(result.terminationStatus)")
        }
    }

    private func figures(
        _ world: GatewayBenchWorld, _ gateway: GatewayServer
    ) async throws -> JSONValue {
        Terminal.complain("\(agents) agents connect")
        let begun = ContinuousClock.now
        while await world.callerCount < agents {
            guard ContinuousClock.now - begun < .seconds(300) else {
                throw CommandFailure(
                    "only \(await world.callerCount) of \(agents) agents called within 300 s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let connected = (ContinuousClock.now - begun).inSeconds
        Terminal.complain("idle for \(seconds) s")
        let idle = try await part(world) { try await Task.sleep(for: .seconds(seconds)) }
        Terminal.complain("\(changes) changes a second for \(seconds) s")
        let busy = try await part(world) {
            let clock = ContinuousClock()
            let start = clock.now
            for ordinal in 0..<changes * seconds {
                if let change = await world.change(ordinal) { gateway.tasksChanged([change]) }
                let due = start + .seconds(1) * (ordinal + 1) / changes
                if due > clock.now { try await clock.sleep(until: due) }
            }
        }
        return [
            "bench": "gateway", "agents": .int(agents), "heartbeatSeconds": .int(heartbeat),
            "seconds": .int(seconds), "changesPerSecond": .int(changes),
            "connectSeconds": .double((connected * 100).rounded() / 100), "idle": idle,
            "busy": busy,
        ]
    }

    /// What this process spends while `body` runs, and how many calls come meanwhile.
    private func part(
        _ world: GatewayBenchWorld, _ body: () async throws -> Void
    ) async throws -> JSONValue {
        let (callsBefore, spentBefore) = (await world.calls, ProcessorTime.seconds)
        let begun = ContinuousClock.now
        try await body()
        let time = max(1e-6, (ContinuousClock.now - begun).inSeconds)
        let calls = await world.calls - callsBefore
        let spent = ProcessorTime.seconds - spentBefore
        return [
            "syncsPerSecond": .double((Double(calls) / time * 10).rounded() / 10),
            "percentOfOneCore": .double((spent / time * 1_000).rounded() / 10),
            "microsecondsPerSync": .double((spent / Double(max(1, calls)) * 1e6).rounded()),
        ]
    }
}
