import AgentProtocol
import KubernetesCore

/// The runner: does what `RunnerMachine` says, and tells it what happens.
///
/// One actor owns the machine; processes, files and calls run elsewhere and report to it through
/// one bounded stream of inputs.
public actor Runner {
    /// What the shell keeps of an attempt besides the machine's own state.
    struct Held {
        var folder: AttemptFolder
        var spec: LeaseSpec
        var output: AttemptOutput
        var process: AttemptProcess?
        /// The folder as it was when it was last committed or restored.
        var committed: FolderPacking.Look?
        var digest: String?
    }

    let configuration: RunnerConfiguration
    let environment: [String: String]
    let gateway: GatewayClient
    let log: OutputLog
    private let inputs: AsyncStream<RunnerInput>
    let tell: AsyncStream<RunnerInput>.Continuation
    private var machine: RunnerMachine
    var held: [LeaseID: Held] = [:]
    private var timer: Task<Void, Never>?
    private var calls: [Int: Task<Void, Never>] = [:]
    private var wasConnected: Bool?

    /// A runner in a program other than `swiftlet-agent`, configured by `environment`. Attempts
    /// are supervised by the `swiftlet-agent` that lies beside the program.
    public init(
        environment: [String: String]
    ) throws(RunnerConfiguration.ConfigurationError) {
        var configuration = try RunnerConfiguration(environment: environment)
        configuration.supervisorProgram = Installation.folder + "/swiftlet-agent"
        self.init(configuration, environment: environment, log: OutputLog())
    }

    init(_ configuration: RunnerConfiguration, environment: [String: String], log: OutputLog) {
        self.configuration = configuration
        self.environment = environment
        self.log = log
        gateway = GatewayClient(configuration)
        (inputs, tell) = AsyncStream.makeStream()
        var generator = SystemRandomNumberGenerator()
        var machine = RunnerMachine.Configuration(
            namespace: configuration.podNamespace, pod: configuration.podName,
            instance: String(generator.next() as UInt64, radix: 36), slots: configuration.slots,
            seed: generator.next())
        machine.checkpointInterval = configuration.checkpointInterval
        machine.drainLimit = .seconds(configuration.drainSeconds)
        machine.pollSeconds = configuration.pollSeconds
        self.machine = RunnerMachine(machine)
    }

    /// Asks the runner to stop its attempts, to report and to end.
    public nonisolated func shutdown() { tell.yield(.shutdown) }

    /// Runs until the runner is asked to end and has. Fails where its folder cannot be used.
    public func run() async throws(RunnerConfiguration.ConfigurationError) {
        let lock = try lockWorkDirectory()
        defer { lock.release() }
        let left = AttemptFolder.leftBehind(
            in: configuration.workDirectory, at: SystemClock.now.time)
        log.note(
            "swiftlet-agent \(configuration.podNamespace)/\(configuration.podName) starts with "
                + "\(configuration.slots) slots; an earlier run has left \(left.count) attempts"
        )
        tell.yield(.recovered(left))
        let meter = Task { [tell, directory = configuration.workDirectory] in
            await UsageMeter(workDirectory: directory).run { tell.yield(.usage($0)) }
        }
        defer { meter.cancel() }
        for await input in inputs {
            if handle(input) { break }
        }
        timer?.cancel()
        for call in calls.values { call.cancel() }
        for attempt in held.values { attempt.process?.hangUp() }
        await gateway.shutdown()
        log.note("swiftlet-agent ends")
    }

    /// Gives one input to the machine and does what it says; returns whether the runner ends.
    private func handle(_ input: RunnerInput) -> Bool {
        var ends = false
        for command in machine.handle(input, at: SystemClock.now) {
            if case .exit = command { ends = true }
            perform(command)
        }
        if wasConnected != machine.isConnected,
            machine.reports.isEmpty == false || wasConnected != nil
        {
            log.note(
                machine.isConnected ? "the gateway answers" : "the gateway does not answer",
                level: machine.isConnected ? "info" : "warning")
        }
        wasConnected = machine.isConnected
        timer?.cancel()
        timer = machine.deadline.map { deadline in
            let pause = deadline - SystemClock.now.instant
            return Task { [tell] in
                // A cancelled sleep belongs to a deadline that has been replaced.
                guard (try? await Task.sleep(for: max(pause, .milliseconds(1)))) != nil else {
                    return
                }
                tell.yield(.timer)
            }
        }
        return ends
    }

    private func perform(_ command: RunnerCommand) {
        switch command {
        case .sync(let request): sync(request)
        case .prepare(let id, let spec, let restores): prepare(id, spec, restores: restores)
        case .start(let id, let spec): start(id, spec)
        case .signal(let id, .terminate): held[id]?.process?.terminate()
        case .signal(let id, .kill): held[id]?.process?.kill()
        case .commit(let id, let sequence): commit(id, sequence: sequence)
        case .save(let report):
            do {
                try AttemptFolder(report.id, in: configuration.workDirectory).save(report)
            } catch {
                log.note("the report cannot be kept: \(error)", level: "warning", about: report.id)
            }
            log.note(report.message, about: report.id)
        case .clean(let id):
            held[id] = nil
            let folder = AttemptFolder(id, in: configuration.workDirectory)
            Task { await BlockingWork.run { Files.remove(folder.root) } }
        case .exit: break
        }
    }

    /// Sends a request. The one before stays under way: the gateway ends it when this one comes,
    /// and its connection is used again.
    private func sync(_ request: SyncRequest) {
        calls.removeValue(forKey: request.sequence - 3)?.cancel()
        calls[request.sequence] = Task { [gateway, tell, weak self] in
            do throws(GatewayClient.CallError) {
                tell.yield(.reply(try await gateway.sync(request)))
            } catch {
                if !Task.isCancelled { await self?.noteFailure(error) }
                tell.yield(
                    .syncFailed(sequence: request.sequence, retryAfter: error.retryAfter))
            }
            await self?.callEnded(request.sequence)
        }
    }

    private func callEnded(_ sequence: Int) { calls[sequence] = nil }

    private func noteFailure(_ error: GatewayClient.CallError) {
        if machine.isConnected { log.note("\(error)", level: "warning") }
    }

    private func lockWorkDirectory() throws(RunnerConfiguration.ConfigurationError) -> FileLock {
        do throws(SystemError) {
            try Files.makeFolder(AttemptFolder.all(in: configuration.workDirectory))
            return try FileLock(configuration.workDirectory + "/lock")
        } catch {
            throw RunnerConfiguration.ConfigurationError(
                description: error.code == FileLock.isTaken
                    ? "another swiftlet-agent works in \(configuration.workDirectory)"
                    : "SWIFTLET_WORK_DIR cannot be used: \(error)")
        }
    }
}
