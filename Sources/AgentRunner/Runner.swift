import AgentProtocol
import KubernetesCore

/// The runner: does what `RunnerMachine` says, and tells it what happens.
///
/// One actor owns the machine. What takes its time, as files and calls, are children of `run`, and
/// end with it; they and the processes of attempts report through one inbox.
public actor Runner {
    /// What the shell keeps of an attempt besides the machine's own state.
    struct Held {
        var folder: AttemptFolder
        var spec: LeaseSpec
        var output: AttemptOutput
        var process: AttemptProcess?
        /// What looks at the room that its files take.
        var watch: Cue?
        /// The folder as it was when it was last committed or restored.
        var committed: FolderPacking.Look?
        var digest: String?
        /// Whether its process is gone.
        var hasEnded = false
        /// Whether it has done its work.
        var hasSucceeded = false
        /// Before when nothing is written to the workspace volume while it runs.
        var volumePause: Instant?
    }

    let configuration: RunnerConfiguration
    let environment: [String: String]
    let gateway: GatewayClient
    let log: OutputLog
    let inbox = RunnerInbox()
    private var machine: RunnerMachine
    var held: [LeaseID: Held] = [:]
    /// What ends the calls that are under way, by their sequence.
    private var calls: [Int: Cue] = [:]
    private var wasConnected: Bool?
    /// What of the workspace volume could not be tidied and is said; each kind is said once.
    var complaints: Set<WorkspaceTask> = []
    /// The control groups of attempts; nil where they get none.
    var groups: AttemptGroups?
    private let signs = VitalSigns(at: SystemClock.now.instant)

    /// How often the main loop has something to do although nothing happens.
    static let beat = Duration.seconds(5)

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
    public nonisolated func shutdown() { inbox.put(.shutdown) }

    /// Runs until the runner is asked to end and has. Fails where its folder cannot be used.
    public func run() async throws(RunnerConfiguration.ConfigurationError) {
        let lock = try lockWorkDirectory()
        defer { lock.release() }
        let left: [LeaseReport]
        do throws(SystemError) {
            left = try AttemptFolder.leftBehind(
                in: configuration.workDirectory, at: SystemClock.now.time)
        } catch {
            // Begun without them, it would tell the gateway that it holds nothing.
            throw RunnerConfiguration.ConfigurationError(
                description: "what an earlier run has left cannot be found: \(error)")
        }
        log.note(
            "swiftlet-agent \(configuration.podNamespace)/\(configuration.podName) starts with "
                + "\(configuration.slots) slots; an earlier run has left \(left.count) attempts"
        )
        await prepareGroups(lock)
        inbox.put(.recovered(left))
        let alarm = Alarm { [inbox] in inbox.put(.timer) }
        await withDiscardingTaskGroup { errands in
            watchOver(&errands)
            for await _ in inbox.bell {
                guard handleAll(&errands) else { break }
                alarm.set(machine.deadline, at: SystemClock.now.instant)
            }
            for attempt in held.values { attempt.process?.hangUp() }
            errands.cancelAll()
        }
        await gateway.shutdown()
        log.note("swiftlet-agent ends")
    }

    /// Begins what goes on for as long as the runner runs.
    private func watchOver(_ errands: inout DiscardingTaskGroup) {
        errands.addTask { [inbox, log, directory = configuration.workDirectory] in
            await UsageMeter(workDirectory: directory).run(log: log) { inbox.put(.usage($0)) }
        }
        errands.addTask { await self.sweep() }
        errands.addTask { [inbox, signs, log, configuration] in
            await Self.answerProbes(configuration, signs, log) { inbox.put(.timer) }
        }
    }

    /// Finds out whether attempts get control groups, and says which and why.
    private func prepareGroups(_ lock: FileLock) async {
        guard let source = configuration.controlGroups else { return }
        guard let owner = lock.identity else {
            return log.note("attempts get no control groups: their folder has no identity")
        }
        let (made, words) = await BlockingWork.run {
            AttemptGroups.prepare(source, owner: owner)
        }
        groups = made
        log.note(words)
    }

    /// Answers the node's probes, where there are any, and gives the main loop its beat.
    private static func answerProbes(
        _ configuration: RunnerConfiguration, _ signs: VitalSigns, _ log: OutputLog,
        beat: @escaping @Sendable () -> Void
    ) async {
        guard let port = configuration.healthPort else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await HealthListener(signs: signs).run(
                    host: configuration.podAddress, port: port, log: log)
            }
            group.addTask {
                while (try? await Task.sleep(for: Self.beat)) != nil { beat() }
            }
        }
    }

    /// Gives all that waits to the machine, in order; returns whether the runner goes on.
    private func handleAll(_ errands: inout DiscardingTaskGroup) -> Bool {
        for input in inbox.take() {
            if handle(input, &errands) { return false }
        }
        return true
    }

    /// Gives one input to the machine and does what it says; returns whether the runner ends.
    private func handle(_ input: RunnerInput, _ errands: inout DiscardingTaskGroup) -> Bool {
        var ends = false
        note(input, &errands)
        for command in machine.handle(input, at: SystemClock.now) {
            if case .exit = command { ends = true }
            perform(command, &errands)
        }
        var hasAnswer = false
        if case .reply = input { hasAnswer = true }
        signs.note(
            at: SystemClock.now.instant, isDraining: machine.isDraining, hasAnswer: hasAnswer)
        if wasConnected != machine.isConnected,
            machine.reports.isEmpty == false || wasConnected != nil
        {
            log.note(
                machine.isConnected ? "the gateway answers" : "the gateway does not answer",
                level: machine.isConnected ? "info" : "warning")
        }
        wasConnected = machine.isConnected
        return ends
    }

    /// Keeps what the shell needs to know of an input.
    private func note(_ input: RunnerInput, _ errands: inout DiscardingTaskGroup) {
        switch input {
        case .exited(let id, _): held[id]?.hasEnded = true
        case .reply(let reply):
            // A task that is done needs no checkpoint any more. Only one whose end is stored is
            // done: what a zombie has done is not, and the folder may be another attempt's.
            for id in reply.stored where held[id]?.hasSucceeded == true {
                guard configuration.workspace != nil else { continue }
                errands.addTask {
                    await self.onWorkspace(.forget) { $0.forget(id.taskUID) }
                }
            }
        default: return
        }
    }

    private func perform(_ command: RunnerCommand, _ errands: inout DiscardingTaskGroup) {
        switch command {
        case .sync(let request): sync(request, &errands)
        case .prepare(let id, let spec, let restores):
            prepare(id, spec, restores: restores, &errands)
        case .start(let id, let spec): start(id, spec, &errands)
        case .signal(let id, .terminate): held[id]?.process?.terminate()
        case .signal(let id, .kill): held[id]?.process?.kill()
        case .commit(let id, let sequence): commit(id, sequence: sequence, &errands)
        case .save(let report):
            do {
                try AttemptFolder(report.id, in: configuration.workDirectory).save(report)
            } catch {
                log.note("the report cannot be kept: \(error)", level: "warning", about: report.id)
            }
            held[report.id]?.watch?.give()
            held[report.id]?.hasSucceeded = report.outcome?.isSuccess == true
            log.note(report.message, about: report.id)
        case .clean(let id):
            held.removeValue(forKey: id)?.watch?.give()
            let folder = AttemptFolder(id, in: configuration.workDirectory)
            errands.addTask { await BlockingWork.run { Files.remove(folder.root) } }
        case .exit: break
        }
    }

    /// Sends a request. The one before stays under way: the gateway ends it when this one comes,
    /// and its connection is used again.
    private func sync(_ request: SyncRequest, _ errands: inout DiscardingTaskGroup) {
        let request = unheld(request)
        calls.removeValue(forKey: request.sequence - 3)?.give()
        let cue = Cue()
        calls[request.sequence] = cue
        errands.addTask {
            await cue.bounding { await self.call(request) }
            await self.callEnded(request.sequence)
        }
    }

    private func call(_ request: SyncRequest) async {
        do throws(GatewayClient.CallError) {
            inbox.put(.reply(try await gateway.sync(request)))
        } catch {
            if !Task.isCancelled { noteFailure(error) }
            inbox.put(.syncFailed(sequence: request.sequence, retryAfter: error.retryAfter))
        }
    }

    /// A request that is not to wait for news, where it is the first: its answer says that the
    /// gateway has this agent, and the pod is not ready before.
    private func unheld(_ request: SyncRequest) -> SyncRequest {
        guard configuration.healthPort != nil, !signs.now.isRegistered else { return request }
        var request = request
        request.waitSeconds = 0
        return request
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
