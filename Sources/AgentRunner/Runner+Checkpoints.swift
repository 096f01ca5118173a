import AgentProtocol
import KubernetesCore

/// Checkpoints of attempts: packed, committed under the lease, restored.
extension Runner {
    /// How often a restore is tried before the attempt starts clean.
    private static var restoreTries: Int { 6 }

    func commit(_ id: LeaseID, sequence: Int, _ errands: inout DiscardingTaskGroup) {
        guard let attempt = held[id] else {
            inbox.put(.commitUnchanged(id))
            return
        }
        errands.addTask { [inbox] in
            inbox.put(await self.committed(id, attempt, sequence: sequence))
        }
    }

    private func committed(
        _ id: LeaseID, _ attempt: Held, sequence: Int
    ) async -> RunnerInput {
        // A volume is not written to all the time; what is left at the end is committed then.
        if let pause = attempt.volumePause, !attempt.hasEnded, SystemClock.now.instant < pause {
            return .commitUnchanged(id)
        }
        let begin = SystemClock.now.instant
        let packed = await BlockingWork.run { [workspace = configuration.workspace] in
            Self.attempt { () throws(FolderPacking.PackingError) in
                try Self.packed(
                    attempt.folder.checkpoint, unless: attempt.committed, as: sequence, of: id,
                    on: workspace)
            }
        }
        let made: PackedCheckpoint
        switch packed {
        case .success(let value): made = value
        case .failure(.changing):
            return .commitFailed(
                id, .unavailable("\(FolderPacking.PackingError.changing)"))
        case .failure(.refused(let reason)): return .commitFailed(id, .refused(reason))
        }
        guard let ref = made.ref, ref.digest != attempt.digest else {
            held[id]?.committed = made.look
            return .commitUnchanged(id)
        }
        if case .onVolume = made.content {
            let taken = SystemClock.now.instant - begin
            held[id]?.volumePause = SystemClock.now.instant + min(taken * 10, .seconds(300))
        }
        let answer: GatewayClient.Answer
        do throws(GatewayClient.CallError) {
            answer = try await send(made, ref, of: id)
        } catch {
            return .commitFailed(id, .unavailable("\(error)"))
        }
        guard answer.status == 200 else { return .commitFailed(id, Self.failure(answer)) }
        held[id]?.committed = made.look
        held[id]?.digest = ref.digest
        keepRecord(of: ref, id, in: attempt.folder)
        await tidy(after: made, answer, of: id)
        return .committed(id, ref)
    }

    /// Keeps for the next runner in this pod what was committed. The checkpoint itself is safe at
    /// the gateway, so an attempt does not fail for want of the record: only its report, should
    /// this runner end before it, would not name the checkpoint.
    private func keepRecord(of ref: CheckpointRef, _ id: LeaseID, in folder: AttemptFolder) {
        do {
            try folder.save(CheckpointCommit(ref, time: SystemClock.now.time))
        } catch {
            log.note(
                "the record of checkpoint \(ref.sequence) cannot be kept: \(error)",
                level: "warning", about: id)
        }
    }

    private func send(
        _ made: PackedCheckpoint, _ ref: CheckpointRef, of id: LeaseID
    ) async throws(GatewayClient.CallError) -> GatewayClient.Answer {
        switch made.content {
        case .onVolume:
            try await gateway.putCheckpoint(
                on: configuration.workspace?.claim ?? "", as: ref, of: id)
        case .beside(let bytes): try await gateway.putCheckpoint(bytes, as: ref, of: id)
        case .none: try await gateway.putCheckpoint([], as: ref, of: id)
        }
    }

    /// Removes what a commit has replaced on the volume: not before the commit is durable.
    private func tidy(
        after made: PackedCheckpoint, _ answer: GatewayClient.Answer, of id: LeaseID
    ) async {
        var kept: [VolumeCheckpoint] = []
        if case .onVolume = made.content {
            do throws(JSONError) {
                kept = try Self.record(in: answer.body).candidates
            } catch {
                // Without it nobody knows what is still needed.
                complain(of: .tidy, "the gateway's record of checkpoints makes no sense: \(error)")
                return
            }
        }
        await onWorkspace(.tidy) { [kept] in $0.tidy(keeping: kept, of: id) }
    }

    private static func record(
        in body: [UInt8]
    ) throws(JSONError) -> VolumeCheckpoint.Record {
        try VolumeCheckpoint.Record(reading: JSONDocument(parsing: body).root)
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

    /// What is in the folder, packed where it is not as `known`, or empty from the start: to be
    /// kept beside the task where it is small, else on the volume if there is one.
    private static func packed(
        _ root: String, unless known: FolderPacking.Look?, as sequence: Int, of id: LeaseID,
        on workspace: Workspace?
    ) throws(FolderPacking.PackingError) -> PackedCheckpoint {
        for _ in 0..<3 {
            let look = try FolderPacking.look(at: root)
            if look == known || (known == nil && look.entries.isEmpty) {
                return PackedCheckpoint(look: look, content: nil)
            }
            let size = CheckpointFile.size(of: look) ?? .max
            if let workspace, size > ProtocolLimits.checkpointBesideTaskMax {
                do throws(Workspace.WorkspaceError) {
                    let made = try workspace.write(look, in: root, as: sequence, of: id)
                    return PackedCheckpoint(look: look, content: .onVolume(made))
                } catch {
                    if case .unpackable(.changing) = error { continue }
                    throw .refused("\(error)")
                }
            }
            let archive = try FolderPacking.pack(
                look, in: root, bytesMax: ProtocolLimits.checkpointBytesMax / 2)
            if try FolderPacking.look(at: root) == look {
                return PackedCheckpoint(
                    look: look, content: .beside(archive.encoded), as: sequence)
            }
        }
        throw .changing
    }

    /// Brings the task's newest checkpoint into the folder; says what went wrong where one was
    /// wanted. Nothing is ever restored in part: what fails leaves an empty folder, and where it
    /// cannot be emptied the attempt must not begin.
    func restore(
        _ id: LeaseID, _ spec: LeaseSpec, _ folder: AttemptFolder
    ) async throws(SystemError) -> (CheckpointRef?, note: String?) {
        var failure = ""
        for attempt in 0..<Self.restoreTries {
            // The pause between two tries; cut short where the runner is cancelled, which the try
            // then notices.
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(250 << attempt)) }
            do throws(GatewayClient.CallError) {
                let answer = try await gateway.getCheckpoint(
                    of: id, atLeast: spec.restore?.sequence ?? 0)
                if answer.status == 404 { return (nil, Self.lost(spec, answer)) }
                guard answer.status == 200 else { throw GatewayClient.refusal(answer) }
                let (ref, note) =
                    answer.headers["swiftlet-checkpoint-claim"] == nil
                    ? (
                        try await unpack(answer, atLeast: spec.restore?.sequence ?? 0, in: folder),
                        nil
                    )
                    : try await restore(from: answer, of: id, into: folder)
                held[id]?.digest = ref.digest
                // Without a look the folder is packed once more; the digest then shows that
                // nothing has changed.
                held[id]?.committed = try? FolderPacking.look(at: folder.checkpoint)
                return (ref, note)
            } catch {
                failure = "\(error)"
                try folder.clearCheckpoint()
                if case .unintelligible = error { break }
            }
        }
        return (nil, "the checkpoint could not be restored, the attempt starts clean: \(failure)")
    }

    /// What is said where there is no checkpoint: nothing where none was wanted and none is there.
    private static func lost(_ spec: LeaseSpec, _ answer: GatewayClient.Answer) -> String? {
        if case .refused(_, let message, _) = GatewayClient.refusal(answer),
            GatewayClient.reason(answer) == "Damaged"
        {
            return "the checkpoint is damaged, the attempt starts clean: \(message)"
        }
        return spec.restore.map { "checkpoint \($0.sequence) is gone; the attempt starts clean" }
    }

    private func unpack(
        _ answer: GatewayClient.Answer, atLeast sequence: Int, in folder: AttemptFolder
    ) async throws(GatewayClient.CallError) -> CheckpointRef {
        let (ref, bytes) = try Self.verified(answer, atLeast: sequence)
        let archive = try Self.archive(bytes)
        let unpacked = await BlockingWork.run {
            Self.attempt { () throws(SystemError) in
                try FolderPacking.unpack(archive, into: folder.checkpoint)
            }
        }
        if case .failure(let error) = unpacked { throw .unintelligible("\(error)") }
        return ref
    }

    /// Restores the last good checkpoint that lies on the volume, and says which were not.
    private func restore(
        from answer: GatewayClient.Answer, of id: LeaseID, into folder: AttemptFolder
    ) async throws(GatewayClient.CallError) -> (CheckpointRef, note: String?) {
        let record: VolumeCheckpoint.Record
        do throws(JSONError) {
            record = try Self.record(in: answer.body)
        } catch {
            throw .unintelligible("a checkpoint on a volume without its record: \(error)")
        }
        guard let workspace = configuration.workspace, workspace.claim == record.claim else {
            throw .unintelligible(
                "checkpoint \(record.newest.ref.sequence) lies on the workspace volume "
                    + "\(record.claim), which this agent does not have")
        }
        var bad: [String] = []
        for candidate in record.candidates {
            let outcome = await BlockingWork.run {
                Self.attempt { () throws(Workspace.WorkspaceError) in
                    try workspace.read(candidate, of: id.taskUID, into: folder.checkpoint)
                }
            }
            guard case .failure(let error) = outcome else {
                let note = bad.isEmpty ? nil : bad.joined(separator: "; ")
                return (
                    candidate.ref,
                    note.map { $0 + "; checkpoint \(candidate.ref.sequence) is restored instead" }
                )
            }
            if case .broken = error { throw .unreachable("\(error)") }
            bad.append("checkpoint \(candidate.ref.sequence) is damaged: \(error)")
            do throws(SystemError) {
                try folder.clearCheckpoint()
            } catch {
                throw .unintelligible("\(error)")
            }
        }
        throw .unintelligible(bad.joined(separator: "; "))
    }

    private static func verified(
        _ answer: GatewayClient.Answer, atLeast sequence: Int
    ) throws(GatewayClient.CallError) -> (CheckpointRef, [UInt8]) {
        guard let digest = answer.headers["swiftlet-checkpoint-digest"],
            let text = answer.headers["swiftlet-checkpoint-sequence"],
            let found = Int(text), found >= max(sequence, 1)
        else { throw .unintelligible("a checkpoint without digest and sequence, or an older one") }
        guard digest == Digest.text(of: answer.body) else {
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
}
