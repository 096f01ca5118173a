import AgentProtocol
import KubernetesCore

/// What attempts need of files, processes and the gateway.
extension Runner {
    func prepare(
        _ id: LeaseID, _ spec: LeaseSpec, restores: Bool, _ errands: inout DiscardingTaskGroup
    ) {
        let folder = AttemptFolder(id, in: configuration.workDirectory)
        held[id] = Held(
            folder: folder, spec: spec,
            output: AttemptOutput(
                task: spec.namespace + "/" + spec.name, id: id, trace: spec.trace, log: log))
        errands.addTask { [inbox] in
            inbox.put(await self.prepared(id, spec, folder, restores: restores))
        }
    }

    private func prepared(
        _ id: LeaseID, _ spec: LeaseSpec, _ folder: AttemptFolder, restores: Bool
    ) async -> RunnerInput {
        do throws(SystemError) {
            try await BlockingWork.run {
                Self.attempt { () throws(SystemError) in try folder.make(for: spec) }
            }.get()
            let (restored, note) = restores ? try await restore(id, spec, folder) : (nil, nil)
            if let note { log.note(note, level: "warning", about: id) }
            return .prepared(id, restored: restored, note: note)
        } catch {
            return .prepareFailed(id, "\(error)")
        }
    }

    func start(_ id: LeaseID, _ spec: LeaseSpec, _ errands: inout DiscardingTaskGroup) {
        guard let attempt = held[id] else { return }
        let (inbox, log, output, folder) = (inbox, log, attempt.output, attempt.folder)
        let limits = limits(of: spec)
        let disk = limits.storageBytes.map {
            DiskWatch(root: folder.root, most: $0, pause: configuration.diskInterval)
        }
        let failed = { @Sendable (reason: String) in
            inbox.put(.exited(id, AttemptExit(.notStarted(reason))))
        }
        do {
            var launch = try AttemptLaunch.of(
                spec, folder, limits: limits, inherited: environment)
            launch.group = groups?.next()
            let program = launch.program
            let process = try AttemptProcess.start(
                launch, under: configuration.supervisorProgram, variables: environment
            ) { event in
                switch event {
                case .started: inbox.put(.started(id))
                case .output(let stream, let bytes): output.take(bytes, from: stream)
                case .progress(let progress): inbox.put(.progress(id, progress))
                case .notice(let text): log.note(text, level: "warning", about: id)
                case .ended(.notStarted(let reason), _):
                    failed("\(program) cannot be started: \(reason)")
                case .ended(let end, let note):
                    let (result, error) = folder.readResult()
                    inbox.put(
                        .exited(
                            id,
                            AttemptExit(
                                end, result: result, resultError: error,
                                logTail: output.finish(), note: note ?? disk?.excess)))
                }
            }
            held[id]?.process = process
            if let disk {
                let kill = { @Sendable [weak process] in process?.kill() ?? () }
                let cue = Cue()
                held[id]?.watch = cue
                errands.addTask { await cue.bounding { await disk.run(kill) } }
            }
        } catch {
            failed("\(error)")
        }
    }

    private func limits(of spec: LeaseSpec) -> AttemptLimits {
        var limits = AttemptLimits(
            of: spec.resources,
            on: AttemptLimits.Agent(
                slots: configuration.slots, memoryBytes: configuration.memoryLimit,
                storageBytes: configuration.storageLimit))
        limits.openFiles = min(limits.openFiles, configuration.openFilesMax)
        limits.processes = min(limits.processes, configuration.processesMax)
        // The supervisor is in the group for a moment, too, and no program starts with less.
        limits.tasks = min(limits.tasks, max(16, 4 * limits.processes))
        return limits
    }

    static func attempt<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
}
