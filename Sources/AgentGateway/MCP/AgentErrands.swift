import AgentProtocol
import ControlLoop
import KubernetesCore
import ModelContextProtocol
import Reconcilers
import SwiftletAPI

/// What is done for an attempt that runs, under its lease: an attempt that has lost it does
/// nothing any more.
struct AgentErrands: Sendable {
    /// What everybody's errands share.
    struct Tools: Sendable {
        let admission: Admission
        let desk: any TaskDesk
        let checkpoints: any CheckpointStore
        let memories: any MemoryStore
        let board: SessionBoard
        let permissions: PermissionDesk
        let waits: AgentWaits
        let places: WaitingPlaces
    }

    /// How long an end may take to be durable.
    private static let endTime = Duration.seconds(30)
    /// The file in a checkpoint that holds what `save_checkpoint` keeps.
    static let stateFile = "mcp-state"

    private static let lost = ToolResult.refused(
        "lease: this attempt is not this agent's, or not any more: stop working on it")

    private static let onVolume = ToolResult.refused(
        "checkpoint: this task's lies on its pool's workspace volume: keep the state in a file in "
            + "SWIFTLET_CHECKPOINT_DIR")

    let agent: AgentIdentity
    /// The attempt that the client's header names.
    let header: String?
    let tools: Tools

    /// Carries a call out.
    func result(of request: AgentRequest) async throws -> ToolResult {
        guard let text = request.lease ?? header else {
            return .refused("lease: say which attempt this is, as SWIFTLET_LEASE does")
        }
        guard let id = Self.lease(text), let task = try await held(id) else { return Self.lost }
        switch request.call {
        case .progress(let percent, let message):
            await tools.board.note(id, of: agent.podUID) {
                $0.progress = TaskProgress(percent: percent, message: message)
            }
            return ToolResult(["stored": true])
        case .save(let state): return try await save(state, id, task)
        case .load: return try await load(task)
        case .complete(let result): return try await end(.done(result), id)
        case .fail(let message): return try await end(.failed(message), id)
        case .permission(let permission, let seconds):
            return try await ask(permission, id, task, for: .seconds(seconds))
        case .remember(let text, let key): return try await remember(text, key, task)
        case .recall(let query, let limit): return try await recall(query, limit, task)
        }
    }

    /// Reads `uid/attempt`.
    static func lease(_ text: String) -> LeaseID? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return LeaseID(taskUID: parts[0], attempt: parts[1])
    }

    /// The task of a lease that the agent holds now; nil where it does not.
    private func held(_ id: LeaseID) async throws -> BackgroundTask? {
        let view = try await tools.admission.view()
        guard LeaseProjection.holds(id, agent: agent.podUID, in: view) else { return nil }
        return view.select(Index<BackgroundTask>.byUID, id.taskUID.text).first
    }

    // MARK: - The end

    private func end(_ end: AttemptNote.End, _ id: LeaseID) async throws -> ToolResult {
        await tools.board.note(id, of: agent.podUID) { $0.end = $0.end ?? end }
        let limit = ContinuousClock.now + Self.endTime
        while ContinuousClock.now < limit, !tools.waits.isEnding, !Task.isCancelled {
            let look = tools.waits.look(for: id.taskUID)
            guard try await held(id) != nil else { return try await ended(id) }
            await tools.waits.wait(
                for: id.taskUID, after: look, atMost: limit - ContinuousClock.now)
        }
        throw Refusal.unavailable("the end is not stored yet: say it again")
    }

    /// What became of an attempt that has lost its lease.
    private func ended(_ id: LeaseID) async throws -> ToolResult {
        let view = try await tools.admission.view()
        let task = view.select(Index<BackgroundTask>.byUID, id.taskUID.text).first
        let entry = task?.status.attempts.first { $0.number == id.attempt }
        guard let entry, entry.agent?.uid == agent.podUID,
            entry.outcome == .succeeded || entry.outcome == .failed
        else { return Self.lost }
        return ToolResult(["stored": true])
    }

    // MARK: - Checkpoints

    private func save(
        _ state: String, _ id: LeaseID, _ task: BackgroundTask
    ) async throws -> ToolResult {
        guard task.spec.checkpoint.enabled else {
            return .refused("the task's spec.checkpoint.enabled is false")
        }
        for _ in 0..<3 {
            do throws(CheckpointFailure) {
                let newest = try await tools.checkpoints.newest(of: task.reference)
                if newest?.volume != nil { return Self.onVolume }
                let next = try Self.checkpoint(after: newest, holding: state, attempt: id.attempt)
                try await tools.checkpoints.put(next, of: task.reference)
                let commit = CheckpointCommit(next.ref, time: SystemTime.now)
                await tools.board.note(id, of: agent.podUID) { $0.checkpoint = commit }
                return ToolResult(["stored": true, "sequence": .int(next.ref.sequence)])
            } catch {
                switch error {
                case .overtaken: continue
                case .fenced: return Self.lost
                case .refused(let reason): return .refused(reason)
                case .unavailable(let reason): throw Refusal.unavailable(reason)
                }
            }
        }
        throw Refusal.unavailable("the agent is committing checkpoints, too: try again")
    }

    /// The checkpoint that follows `newest`: what the agent's folder has stays in it.
    private static func checkpoint(
        after newest: StoredCheckpoint?, holding state: String, attempt: Int
    ) throws(CheckpointFailure) -> StoredCheckpoint {
        do throws(CheckpointArchive.ArchiveError) {
            var entries =
                try newest.map { newest throws(CheckpointArchive.ArchiveError) in
                    try CheckpointArchive(reading: newest.bytes).entries
                } ?? []
            entries.removeAll { $0.name == stateFile }
            entries.append(.init(stateFile, content: Array(state.utf8)))
            let bytes = try CheckpointArchive(entries).encoded
            return StoredCheckpoint(
                ref: CheckpointRef(
                    sequence: (newest?.ref.sequence ?? 0) + 1, bytes: bytes.count,
                    digest: SecretCheckpointStore.digest(of: bytes)),
                attempt: attempt, bytes: bytes)
        } catch {
            throw .refused("the checkpoint cannot be packed: \(error)")
        }
    }

    private func load(_ task: BackgroundTask) async throws -> ToolResult {
        let newest: StoredCheckpoint?
        do throws(CheckpointFailure) {
            newest = try await tools.checkpoints.newest(of: task.reference)
        } catch {
            throw Refusal.unavailable("the checkpoint cannot be read: \(error)")
        }
        guard let newest else { return ToolResult(["found": false]) }
        if newest.volume != nil { return Self.onVolume }
        let archive: CheckpointArchive
        do throws(CheckpointArchive.ArchiveError) {
            archive = try CheckpointArchive(reading: newest.bytes)
        } catch {
            return .refused("checkpoint \(newest.ref.sequence) is damaged: \(error)")
        }
        guard let entry = archive.entries.first(where: { $0.name == Self.stateFile }),
            let state = String(validating: entry.content, as: UTF8.self)
        else { return ToolResult(["found": false]) }
        return ToolResult([
            "found": true, "sequence": .int(newest.ref.sequence), "state": .string(state),
        ])
    }

    // MARK: - Permissions

    private func ask(
        _ request: PermissionRequest, _ id: LeaseID, _ task: BackgroundTask, for limit: Duration
    ) async throws -> ToolResult {
        let key = request.key(digest: TaskErrands.digest)
        let known = TaskPermission.all(on: task)
        let existing = known.first { $0.key == key }
        if let answer = existing?.answer { return Self.told(answer) }
        let view = try await tools.admission.view()
        switch await tools.permissions.verdict(
            on: request.action, reason: request.reason, of: task, in: view)
        {
        case .allow(let policy):
            return ToolResult(["decision": "allow", "by": .string("policy " + policy)])
        case .deny(let policy, let message):
            return ToolResult([
                "decision": "deny", "by": .string("policy " + policy),
                "message": .string(message),
            ])
        case .ask: break
        }
        if existing?.attempt != id.attempt {
            guard existing != nil || known.count < TaskPermission.countMax else {
                return .refused("action: a task asks for at most \(TaskPermission.countMax) things")
            }
            let asked = TaskPermission(key: key, request: request, attempt: id.attempt).annotation
            switch await tools.desk.annotate(task.reference, [asked.key: asked.value]) {
            case .stored, .exists: break
            case .gone: return Self.lost
            case .refused(let reason), .unavailable(let reason):
                throw Refusal.unavailable("nobody could be asked: \(reason)")
            }
        }
        return try await answer(to: key, id, for: limit)
    }

    /// Waits for a person's answer.
    private func answer(
        to key: String, _ id: LeaseID, for limit: Duration
    ) async throws -> ToolResult {
        let end = ContinuousClock.now + limit
        let hasPlace = tools.places.take()
        defer { if hasPlace { tools.places.give() } }
        while true {
            let look = tools.waits.look(for: id.taskUID)
            guard let task = try await held(id) else { return Self.lost }
            let found = TaskPermission.all(on: task).first { $0.key == key }
            if let answer = found?.answer { return Self.told(answer) }
            let left = end - ContinuousClock.now
            guard hasPlace, left > .zero, !tools.waits.isEnding, !Task.isCancelled else {
                return ToolResult([
                    "decision": "pending",
                    "message": "a person has been asked: call again with the same words",
                ])
            }
            await tools.waits.wait(for: id.taskUID, after: look, atMost: left)
        }
    }

    private static func told(_ answer: TaskPermission.Answer) -> ToolResult {
        ToolResult(["decision": .string(answer.rawValue), "by": "a person"])
    }

    // MARK: - Memory

    private func place(of task: BackgroundTask) async throws -> MemoryPlace? {
        let view = try await tools.admission.view()
        guard let pool = task.poolKey.flatMap({ view[$0] }) else { return nil }
        return MemoryPlace(
            pool: pool.reference, tenant: TaskTenant.of(task, in: view), type: task.spec.type)
    }

    private func remember(
        _ text: String, _ key: String?, _ task: BackgroundTask
    ) async throws -> ToolResult {
        guard let place = try await place(of: task) else { return Self.lost }
        do throws(MemoryFailure) {
            try await tools.memories.take(
                .init(key: key, text: text, time: SystemTime.now, task: task.metadata.name),
                at: place)
            return ToolResult(["stored": true])
        } catch {
            throw Refusal.unavailable(error.description)
        }
    }

    private func recall(
        _ query: String, _ limit: Int, _ task: BackgroundTask
    ) async throws -> ToolResult {
        guard let place = try await place(of: task) else { return Self.lost }
        do throws(MemoryFailure) {
            let found = try await tools.memories.recall(query, limit: limit, at: place)
            return ToolResult(["memories": .array(found.map(\.json))])
        } catch {
            throw Refusal.unavailable(error.description)
        }
    }
}
