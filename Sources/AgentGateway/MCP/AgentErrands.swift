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

    private static let lost = ToolResult.refused(
        "lease: this attempt is not this agent's, or not any more: stop working on it")

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
        case .load: return try await load(id, task)
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

    // MARK: - The state

    private func save(
        _ state: String, _ id: LeaseID, _ task: BackgroundTask
    ) async throws -> ToolResult {
        guard task.spec.checkpoint.enabled else {
            return .refused("the task's spec.checkpoint.enabled is false")
        }
        do throws(CheckpointFailure) {
            let kept = try await tools.checkpoints.keep(
                state, attempt: id.attempt, of: task.reference)
            return ToolResult(["stored": true, "sequence": .int(kept.sequence)])
        } catch {
            switch error {
            case .fenced, .overtaken: return Self.lost
            case .refused(let reason), .damaged(let reason): return .refused("state: " + reason)
            case .unavailable(let reason): throw Refusal.unavailable(reason)
            }
        }
    }

    private func load(_ id: LeaseID, _ task: BackgroundTask) async throws -> ToolResult {
        let found: StoredState?
        do throws(CheckpointFailure) {
            found = try await tools.checkpoints.state(of: task.reference)
        } catch {
            switch error {
            case .damaged(let reason):
                return .refused(
                    "state: \(reason): it is damaged and cannot be used; begin anew, "
                        + "save_checkpoint replaces it")
            case .refused(let reason): return .refused("state: " + reason)
            case .fenced, .overtaken: return Self.lost
            case .unavailable(let reason):
                throw Refusal.unavailable("the state cannot be read: \(reason)")
            }
        }
        // Reading may have taken its time: the lease has to hold now.
        guard try await held(id) != nil else { return Self.lost }
        guard let found else { return ToolResult(["found": false]) }
        guard found.attempt <= id.attempt else { return Self.lost }
        return ToolResult([
            "found": true, "sequence": .int(found.sequence), "state": .string(found.text),
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
