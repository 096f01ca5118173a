import AgentProtocol
import Crypto
import KubernetesCore

/// What attempts need of files, processes and the gateway.
extension Runner {
    /// How often a restore is tried before the attempt starts clean.
    private static var restoreTries: Int { 6 }

    func prepare(_ id: LeaseID, _ spec: LeaseSpec, restores: Bool) {
        let folder = AttemptFolder(id, in: configuration.workDirectory)
        held[id] = Held(
            folder: folder, spec: spec,
            output: AttemptOutput(
                task: spec.namespace + "/" + spec.name, id: id, trace: spec.trace, log: log))
        Task {
            do throws(SystemError) {
                try await BlockingWork.run {
                    Self.attempt { () throws(SystemError) in try folder.make(for: spec) }
                }.get()
            } catch {
                tell.yield(.prepareFailed(id, "\(error)"))
                return
            }
            let (restored, note) = restores ? await restore(id, spec, folder) : (nil, nil)
            if let note { log.note(note, level: "warning", about: id) }
            tell.yield(.prepared(id, restored: restored, note: note))
        }
    }

    func start(_ id: LeaseID, _ spec: LeaseSpec) {
        guard let attempt = held[id] else { return }
        let (tell, output, folder) = (tell, attempt.output, attempt.folder)
        let failed = { @Sendable (reason: String) in
            _ = tell.yield(.exited(id, AttemptExit(.notStarted(reason))))
        }
        do {
            let launch = try AttemptLaunch.of(spec, folder, inherited: environment)
            held[id]?.process = try AttemptProcess.start(
                launch, under: configuration.supervisorProgram, variables: environment
            ) { event in
                switch event {
                case .started: tell.yield(.started(id))
                case .output(let stream, let bytes): output.take(bytes, from: stream)
                case .progress(let progress): tell.yield(.progress(id, progress))
                case .ended(.notStarted(let reason)):
                    failed("\(launch.program) cannot be started: \(reason)")
                case .ended(let end):
                    let (result, error) = folder.readResult()
                    tell.yield(
                        .exited(
                            id,
                            AttemptExit(
                                end, result: result, resultError: error, logTail: output.finish())))
                }
            }
        } catch {
            failed("\(error)")
        }
    }

    func commit(_ id: LeaseID, sequence: Int) {
        guard let attempt = held[id] else {
            tell.yield(.commitUnchanged(id))
            return
        }
        Task {
            tell.yield(await committed(id, attempt, sequence: sequence))
        }
    }

    private func committed(
        _ id: LeaseID, _ attempt: Held, sequence: Int
    ) async -> RunnerInput {
        let packed = await BlockingWork.run {
            Self.pack(attempt.folder.checkpoint, unless: attempt.committed)
        }
        guard let (look, bytes) = try? packed.get() else {
            guard case .failure(let error) = packed else { return .commitUnchanged(id) }
            return switch error {
            case .changing: .commitFailed(id, .unavailable("\(error)"))
            case .refused(let reason): .commitFailed(id, .refused(reason))
            }
        }
        guard let bytes else { return .commitUnchanged(id) }
        let ref = CheckpointRef(
            sequence: sequence, bytes: bytes.count, digest: Self.digest(of: bytes))
        if ref.digest == attempt.digest {
            held[id]?.committed = look
            return .commitUnchanged(id)
        }
        let answer: GatewayClient.Answer
        do throws(GatewayClient.CallError) {
            answer = try await gateway.putCheckpoint(bytes, as: ref, of: id)
        } catch {
            return .commitFailed(id, .unavailable("\(error)"))
        }
        guard answer.status == 200 else { return .commitFailed(id, Self.failure(answer)) }
        held[id]?.committed = look
        held[id]?.digest = ref.digest
        try? attempt.folder.save(CheckpointCommit(ref, time: SystemClock.now.time))
        return .committed(id, ref)
    }

    private static func failure(_ answer: GatewayClient.Answer) -> RunnerInput.CommitFailure {
        if answer.status == 409,
            let text = answer.headers["swiftlet-checkpoint-sequence"],
            let sequence = Int(text), sequence >= 0
        {
            return .overtaken(by: sequence)
        }
        let refusal = GatewayClient.refusal(answer)
        switch answer.status {
        case 400, 403, 404, 409, 410, 411, 413, 415, 422: return .refused("\(refusal)")
        default: return .unavailable("\(refusal)")
        }
    }

    /// What is in the folder, and it packed; no bytes where it is as `known`, or empty from the
    /// start.
    private static func pack(
        _ root: String, unless known: FolderPacking.Look?
    ) -> Result<(FolderPacking.Look, [UInt8]?), FolderPacking.PackingError> {
        attempt { () throws(FolderPacking.PackingError) in
            for _ in 0..<3 {
                let look = try FolderPacking.look(at: root)
                if look == known || (known == nil && look.entries.isEmpty) { return (look, nil) }
                let archive = try FolderPacking.pack(
                    look, in: root, bytesMax: ProtocolLimits.checkpointBytesMax / 2)
                if try FolderPacking.look(at: root) == look { return (look, archive.encoded) }
            }
            throw .changing
        }
    }

    /// Brings the task's newest checkpoint into the folder; says what went wrong where one was
    /// wanted. Nothing is ever restored in part: what fails leaves an empty folder.
    private func restore(
        _ id: LeaseID, _ spec: LeaseSpec, _ folder: AttemptFolder
    ) async -> (CheckpointRef?, note: String?) {
        var failure = ""
        for attempt in 0..<Self.restoreTries {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(250 << attempt)) }
            do throws(GatewayClient.CallError) {
                let answer = try await gateway.getCheckpoint(
                    of: id, atLeast: spec.restore?.sequence ?? 0)
                if answer.status == 404 {
                    return (
                        nil,
                        spec.restore.map {
                            "checkpoint \($0.sequence) is gone; the attempt starts clean"
                        }
                    )
                }
                guard answer.status == 200 else { throw GatewayClient.refusal(answer) }
                let (ref, bytes) = try Self.verified(answer, atLeast: spec.restore?.sequence ?? 0)
                let archive = try Self.archive(bytes)
                let unpacked = await BlockingWork.run {
                    Self.attempt { () throws(SystemError) in
                        try FolderPacking.unpack(archive, into: folder.checkpoint)
                    }
                }
                if case .failure(let error) = unpacked { throw .unintelligible("\(error)") }
                held[id]?.digest = ref.digest
                held[id]?.committed = try? FolderPacking.look(at: folder.checkpoint)
                return (ref, nil)
            } catch {
                failure = "\(error)"
                try? folder.clearCheckpoint()
                if case .unintelligible = error { break }
            }
        }
        return (nil, "the checkpoint could not be restored, the attempt starts clean: \(failure)")
    }

    private static func verified(
        _ answer: GatewayClient.Answer, atLeast sequence: Int
    ) throws(GatewayClient.CallError) -> (CheckpointRef, [UInt8]) {
        guard let digest = answer.headers["swiftlet-checkpoint-digest"],
            let text = answer.headers["swiftlet-checkpoint-sequence"],
            let found = Int(text), found >= max(sequence, 1)
        else { throw .unintelligible("a checkpoint without digest and sequence, or an older one") }
        guard digest == self.digest(of: answer.body) else {
            throw .unintelligible("checkpoint \(found) is damaged: its digest is another")
        }
        return (
            CheckpointRef(sequence: found, bytes: answer.body.count, digest: digest), answer.body
        )
    }

    private static func archive(
        _ bytes: [UInt8]
    ) throws(GatewayClient.CallError) -> CheckpointArchive {
        do throws(CheckpointArchive.ArchiveError) {
            return try CheckpointArchive(reading: bytes)
        } catch {
            throw .unintelligible("the checkpoint is no archive: \(error)")
        }
    }

    private static func attempt<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }

    private static func digest(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: bytes).reduce(into: "sha256:") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}
